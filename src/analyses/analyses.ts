/** @file Every analysis there is, and running those that a config asks for. */

import type { Tensor } from "../base/tensor.ts";
import type { AgreementFound, Analysis, AnalysisContext } from "../domains/analysis.ts";
import type { Domain } from "../domains/domain.ts";
import { DOMAINS } from "../domains/domains.ts";
import { writeSafetensors } from "../formats/safetensors-file.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { agreement } from "./agreement.ts";
import { type EvaluationContext, evaluation } from "./evaluation.ts";

/** Those that wings bring. */
const OF_WINGS: readonly Analysis[] = DOMAINS.flatMap((domain: Domain) => domain.analyses ?? []);

/** In the order in which they run, and in which reports show them. */
export const ANALYSES: readonly Analysis[] = [evaluation, agreement, ...OF_WINGS];

/** What one analysis found. */
export interface FoundBy {
  readonly analysis: Analysis;
  readonly found: unknown;
}

/**
 * Runs analyses on trained members: the evaluation first, which the others rest on, then those that
 * are wanted and have something to look at.
 *
 * @param wanted Names; all when left out.
 * @throws {ConcordError} as the analyses do.
 */
export async function runAnalyses(
  context: EvaluationContext,
  wanted?: readonly string[],
): Promise<FoundBy[]> {
  const isWanted = ({ name }: Analysis) => wanted?.includes(name) ?? true;
  const evaluated = await evaluation.analyse(context);
  const all: FoundBy[] = [{ analysis: evaluation, found: evaluated }];
  const known = { ...context, evaluation: evaluated };
  let agreed: AgreementFound | undefined;
  if (isWanted(agreement)) {
    agreed = await agreement.analyse(known);
    all.push({ analysis: agreement, found: agreed });
  }
  const rest: AnalysisContext = { ...known, agreement: agreed };
  for (const analysis of OF_WINGS) {
    if (!isWanted(analysis) || !analysis.applies(context.source)) continue;
    all.push({ analysis, found: await analysis.analyse(rest) });
    context.phaseDone();
  }
  return all;
}

/** Writes `results/`: tensors first, then the JSON that speaks of them. */
export async function writeAnalyses(folder: RunFolder, all: readonly FoundBy[]): Promise<void> {
  await folder.makeFolder("results");
  const json = new Map<string, object>();
  const tensors = new Map<string, Map<string, Tensor>>();
  for (const { analysis, found } of all) {
    const results = analysis.results(found);
    for (const [name, part] of Object.entries(results.json ?? {}))
      json.set(name, { ...json.get(name), ...part });
    for (const [name, part] of Object.entries(results.tensors ?? {}))
      tensors.set(name, new Map([...(tensors.get(name) ?? []), ...part]));
  }
  for (const [name, part] of tensors)
    await writeSafetensors(folder.file("results", `${name}.safetensors`), part);
  for (const [name, part] of json) await folder.writeJson(`results/${name}.json`, part);
}

/** What the analyses of a run left; those that it does not have are left out. */
export async function readAnalyses(folder: RunFolder): Promise<FoundBy[]> {
  const all: FoundBy[] = [];
  for (const analysis of ANALYSES) {
    const found = await analysis.read(folder);
    if (found !== undefined) all.push({ analysis, found });
  }
  return all;
}
