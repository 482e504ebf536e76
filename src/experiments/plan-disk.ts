/** @file How much disk a run will take, before it starts. */

import { optionsOf, plannedAnalyses } from "../analyses/analyses.ts";
import type { MemoryItem } from "../base/bytes.ts";
import type { Config } from "../config/schema.ts";
import { saeBytes } from "../interchange/saelens.ts";
import { stateBytes } from "../population/state.ts";
import type { BuiltPopulation } from "./build-population.ts";
import { domainOfConfig } from "./open-source.ts";
import { stepsToSaveAt } from "./save-members.ts";

export interface DiskPlan {
  /**
   * What the run's folder holds when it has finished, and the store in the cache, whether it is
   * there already or not.
   */
  readonly items: readonly MemoryItem[];
  readonly bytes: number;
  /**
   * The most at any moment: the newest checkpoint is written while the older ones are still kept.
   */
  readonly mostBytes: number;
}

/** Bytes of a logged line in all logs together: fixed, and for each member. */
const LINE_BYTES = 300;
const LINE_BYTES_PER_MEMBER = 200;

/** Bytes of a logged line of one member in metrics.csv, and in an event file. */
const LOGGER_BYTES_PER_MEMBER = { csv: 160, tensorboard: 220 } as const;

/** Report, results, config and headers of files. */
const PAPERS_BYTES = 512 * 1024;

/**
 * The disk that a run takes.
 *
 * @param rows       Of the source, those that train and those held out.
 * @param storeBytes Activations that are collected into the cache or are there already; 0 for a
 *   source that keeps none.
 */
export function planDisk(
  config: Config,
  built: BuiltPopulation,
  rows: number,
  storeBytes: number,
): DiskPlan {
  const { logEvery, checkpointEvery, keepCheckpoints, saveAt } = config.training;
  const { population, totalSteps } = built;
  const { members, dIn } = population;
  // The last step writes one in any case.
  const written = Math.ceil(totalSteps / checkpointEvery);
  const state = stateBytes(population, built.coupling);
  const saes = members.reduce((sum, { sae }) => sum + saeBytes(sae), 0);
  const latents = members.reduce((sum, { sae }) => sum + 3 * 4 * sae.dSae, 0);
  const shapes = members.map(({ sae }) => ({ dIn, dSae: sae.dSae }));
  const found = plannedAnalyses(config, domainOfConfig(config)).reduce(
    (sum, one) => sum + (one.bytes?.(shapes, optionsOf(config, one), rows) ?? 0),
    0,
  );
  const lines = Math.ceil(totalSteps / logEvery) + 1;
  const loggers = [...new Set(config.loggers)].reduce(
    (sum, name) => sum + LOGGER_BYTES_PER_MEMBER[name] * members.length,
    0,
  );
  const lineBytes = LINE_BYTES + LINE_BYTES_PER_MEMBER * members.length + loggers;
  const items = [
    { what: "activation store, in the cache", bytes: storeBytes },
    { what: "checkpoints", bytes: Math.min(keepCheckpoints, written) * state },
    { what: "SAEs", bytes: (1 + stepsToSaveAt(saveAt, totalSteps).length) * saes },
    { what: "results and report", bytes: latents + found + PAPERS_BYTES },
    { what: "logs", bytes: lines * lineBytes },
  ];
  const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
  return { items, bytes, mostBytes: bytes + (written > keepCheckpoints ? state : 0) };
}
