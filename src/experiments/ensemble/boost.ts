/**
 * @file Boosting: stage j is a run whose rows are what stages 1 … j − 1 leave (Gadgil, Lin and Lee
 *   2026, arXiv:2505.16077).
 */

import { relative, resolve } from "node:path";
import type { PlannedRun } from "../../config/load-config.ts";
import { plannedMembers } from "../../config/members.ts";
import type { Config } from "../../config/schema.ts";
import { ConcordError, ConfigError } from "../../errors.ts";
import { loadSae, readSaeMetadata } from "../../interchange/saelens.ts";
import { boostOf } from "../../sae/ensemble.ts";
import { saeDigest } from "../../sae/sae-digest.ts";
import { pauseFor } from "../after-training.ts";
import { requireSameData, runFolder } from "../open-run.ts";
import { openSource } from "../open-source.ts";
import type { RunContext, RunSummary } from "../run-context.ts";
import { trainRun } from "../train-run.ts";
import { requireFreeOutput, writeEnsemble } from "./ensemble-folder.ts";
import { judgeEnsemble } from "./judge-ensemble.ts";
import type { MadeEnsemble } from "./make-bag.ts";

/** How a boosted chain is made. */
export interface BoostOptions {
  /** Two at least. */
  readonly stages: number;
  /** Folder that gets the ensemble. */
  readonly out: string;
  /** Told of each stage as its run has finished, the first being 1. */
  readonly onStage?: (stage: number, summary: RunSummary) => void | Promise<void>;
}

/**
 * The config of a stage: that of the first with another name, other starting weights, and the SAEs
 * of the former stages in `source.residual_of`. Data and held-out rows stay those of the config's
 * seed.
 *
 * @param stage  From 1.
 * @param former Folders of the SAEs of the former stages, as `source.residual_of` names them.
 */
export function boostStage(config: Config, stage: number, former: readonly string[]): Config {
  const { source, population, seed, name } = config;
  const residualOf = [...(source.residualOf ?? []), ...former];
  return {
    ...config,
    name: `${name}-stage-${stage}`,
    source: { ...source, ...(residualOf.length > 0 && { residualOf }) },
    population: { ...population, seed: (population.seed ?? seed) + stage - 1 },
  };
}

/** The one member of a stage. @throws {ConfigError} when there are several. */
function onlyMember({ population, seed }: Config): string {
  const members = plannedMembers(population, { dIn: 1, seed, totalSteps: 1 });
  if (members.length === 1) return members[0]!.name;
  throw new ConfigError(
    `A stage of boosting trains one SAE, but the config has ${members.length} members.`,
    {
      hint: "Give --set population.members=1 --set population.independent=0, and no lists in the population.",
    },
  );
}

/** @throws the error of a run, an interruption with what goes on with the chain. */
function againLater(error: unknown): never {
  if (!(error instanceof ConcordError) || error.code !== "interrupted") throw error;
  throw new ConcordError("interrupted", error.message, {
    hint: "Run the same command again: it goes on from the last checkpoint.",
  });
}

/**
 * Trains the stages that are not finished, and writes the chain. Running it again goes on where it
 * stopped. The chain is judged on held-out rows of the config's source.
 *
 * @throws {ConfigError} for fewer than two stages, or a config of several members;
 *   {ConcordError} `run/conflict` when a stage was trained after another former stage; as
 *   `trainRun`.
 */
export async function boost(
  { config, axes }: PlannedRun,
  context: RunContext,
  { stages, out, onStage }: BoostOptions,
): Promise<MadeEnsemble> {
  if (!Number.isInteger(stages) || stages < 2)
    throw new ConfigError(`Expected at least 2 stages but received ${stages}.`, {
      hint: "One stage is a plain run: concord run <config.yaml>.",
    });
  const member = onlyMember(config);
  const { backend, baseFolder, signal } = context;
  const folders = Array.from({ length: stages }, (_, j) =>
    runFolder(boostStage(config, j + 1, [])).file("saes", member),
  );
  requireFreeOutput(out, folders);
  const paths = folders.map((folder) => relative(resolve(baseFolder), resolve(folder)));
  const saes = [];
  const origins = [];
  let first: RunSummary | undefined;
  for (const [j, folder] of folders.entries()) {
    const stage = boostStage(config, j + 1, paths.slice(0, j));
    const summary = await trainRun({ config: stage, axes }, context, true).catch(againLater);
    first ??= summary;
    // A finished run does not open its source, and may have followed another former stage.
    const former = saes.map((sae, i) => ({ path: paths[i]!, digest: saeDigest(sae) }));
    const own = summary.record.provenance?.["residualOf"];
    const before = Array.isArray(own) ? own.slice(0, own.length - former.length) : [];
    requireSameData(summary, { residualOf: [...before, ...former] });
    saes.push(await loadSae(backend, folder));
    origins.push({ name: `stage-${j + 1}`, folder, metadata: await readSaeMetadata(folder) });
    await onStage?.(j + 1, summary);
  }
  const ensemble = boostOf(saes);
  const names = origins.map(({ name }) => name);
  const pause = () => pauseFor(signal).catch(againLater);
  const source = await openSource(config, context);
  try {
    if (first) requireSameData(first, source.provenance);
    const judged = await judgeEnsemble(backend, ensemble, names, source, pause);
    return { ensemble, judged, ...(await writeEnsemble(backend, out, ensemble, origins)) };
  } finally {
    await source.close();
  }
}
