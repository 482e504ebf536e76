/**
 * @file The part of a run that every rank but the first has: the same training steps, with nothing
 *   written. The first rank is `trainRun`.
 */

import type { PlannedRun } from "../../config/load-config.ts";
import { ConcordError } from "../../errors.ts";
import { trainPopulation } from "../../population/train-population.ts";
import { normalizeSource } from "../../sources/rows/normalized-source.ts";
import { buildPopulation, requireWholeOrbits } from "../build-population.ts";
import { runFolder } from "../open-run.ts";
import { openSource } from "../open-source.ts";
import { requireMemory } from "../require-memory.ts";
import type { RunContext } from "../run-context.ts";
import { startOrRestore } from "../start-or-restore.ts";
import { type RankContext, Ranks } from "./ranks.ts";

/** What a rank did. */
export interface JoinedRun {
  readonly fromStep: number;
  /** Undefined when the run had finished before. */
  readonly toStep: number | undefined;
}

/** The end of a rank's training that was interrupted on any rank. */
export function interruptedAfter(taken: number, totalSteps: number): ConcordError {
  return new ConcordError("interrupted", `Interrupted after step ${taken} of ${totalSteps}.`, {
    hint: "Everything so far is in a checkpoint: run the same command with --resume.",
  });
}

/**
 * Takes the training steps of a run together with other ranks; `context.ranks` says as which.
 *
 * @throws {ConcordError} "network/failed" when another rank is lost; "run/conflict" when ranks
 *   differ; "interrupted" after a signal to any rank; errors of the source and of training.
 */
export async function joinRun(
  { config }: PlannedRun,
  context: RunContext & { readonly ranks: RankContext },
): Promise<JoinedRun> {
  const { backend, signal, clock } = context;
  const limits = context.memoryLimits?.();
  if (limits) requireMemory(config, limits);
  const folder = runFolder(config);
  const ranks = await Ranks.open(context, folder, config);
  if (!ranks) return { fromStep: 0, toStep: undefined };
  try {
    const onOrbits = (orbits: Parameters<typeof requireWholeOrbits>[1]) =>
      requireWholeOrbits(config, orbits);
    const opened = await openSource(config, { ...context, onOrbits });
    try {
      const { normalization } = await folder.readRecord();
      const source = await normalizeSource(opened, config.source.normalize, normalization);
      await ranks.agree({ data: String(source.provenance["digest"]) });
      if (limits) requireMemory(config, limits, source.dIn);
      const built = buildPopulation(ranks.backend(backend), config, {
        dIn: source.dIn,
        rowsPerPass: source.train.rowsPerPass,
        symmetry: source.symmetry,
      });
      ranks.requireShared(built.population);
      const { population, coupling, reinitialise, totalSteps } = built;
      const fromStep = await startOrRestore(folder, built, source, context, () => {});
      await ranks.agree({ "number of steps taken": fromStep });
      const steps = trainPopulation({
        population,
        stream: source.train,
        firstStep: fromStep,
        totalSteps,
        coupling,
        reinitialise,
        clock,
      });
      for await (const step of steps) {
        const taken = step.step + 1;
        const stops = await ranks.endStep(step, signal?.aborted === true);
        if (stops && taken < totalSteps) throw interruptedAfter(taken, totalSteps);
      }
      return { fromStep, toStep: totalSteps };
    } finally {
      await opened.close();
    }
  } finally {
    ranks.close();
  }
}
