/**
 * @file What a trained population is worth: the analyses of a run, on rows that training never saw.
 */

import { type AnalysesConfig, type FoundBy, runAnalyses } from "../analyses/analyses.ts";
import type { EvaluationContext } from "../analyses/evaluation.ts";
import type { Backend } from "../backend/backend.ts";
import type { PlannedMember } from "../config/members.ts";
import type { AnalysedMember } from "../domains/analysis.ts";
import type { Population } from "../population/population.ts";
import { forRowsAsTheyCome } from "../sae/sae.ts";
import type { Source, StreamState } from "../sources/source.ts";
import { initialCosines } from "./initial-cosines.ts";

/** How a population is analysed. */
export interface EvaluationOptions
  extends Pick<
    EvaluationContext,
    | "steps"
    | "seed"
    | "beginning"
    | "trainingFvu"
    | "pause"
    | "phaseDone"
    | "onCompared"
    | "onLooked"
  > {
  /** Which analyses are wanted. */
  readonly wanted: AnalysesConfig;
  /** What paths of the config are relative to. */
  readonly baseFolder: string;
}

/** The members of a population as analyses see them. */
function analysedMembers(
  backend: Backend,
  { members, batch }: Population,
  planned: readonly PlannedMember[],
  source: Source,
  where: { readonly baseFolder: string; readonly beginning: StreamState },
): AnalysedMember[] {
  return members.map(({ name, seed, lr, sae }, i): AnalysedMember => {
    const { architecture, coupled, label, setting } = planned[i]!;
    const dictionary = sae.dictionary();
    return {
      name,
      architecture: architecture.name,
      seed,
      coupled,
      label,
      setting,
      lr,
      sae: forRowsAsTheyCome(sae.inference(), source.normalization),
      dictionary,
      initialCosines: () =>
        initialCosines(backend, planned[i]!, { dictionary }, source, { batch, ...where }),
    };
  });
}

/**
 * Runs the analyses of a trained population on unchanged held-out rows, in their units, however
 * training rows were normalised.
 */
export async function evaluateRun(
  backend: Backend,
  population: Population,
  planned: readonly PlannedMember[],
  source: Source,
  { wanted, baseFolder, ...options }: EvaluationOptions,
): Promise<FoundBy[]> {
  const where = { baseFolder, beginning: options.beginning };
  const members = analysedMembers(backend, population, planned, source, where);
  const { batch } = population;
  const context = { backend, members, source, batch, baseFolder, ...options };
  return runAnalyses(context, wanted);
}
