/** @file Predicts how much disk a run takes, before it starts. */

import type { Config } from "../config/schema.ts";
import type { BuiltPopulation } from "./build-population.ts";
import { type MemoryItem, stateBytes } from "./plan-memory.ts";

export interface DiskPlan {
  /**
   * The contents of the finished run's folder, and the store in the cache, even if it is already
   * there.
   */
  readonly items: readonly MemoryItem[];
  readonly bytes: number;
  /**
   * The most at any moment: the newest checkpoint is written while the older ones are still kept.
   */
  readonly mostBytes: number;
}

/** Bytes per logged line in all logs together: a fixed part, and a part per member. */
const LINE_BYTES = 300;
const LINE_BYTES_PER_MEMBER = 200;

/** Bytes per logged line and member in metrics.csv and in an event file. */
const LOGGER_BYTES_PER_MEMBER = { csv: 160, tensorboard: 220 } as const;

/** Report, results, config and file headers. */
const PAPERS_BYTES = 512 * 1024;

/**
 * Figures of an EEG run, and the data they show: three windows up to three times, and six atoms.
 */
const EEG_FIGURES_BYTES = 768 * 1024;
const EEG_ROWS = 3 * 3 + 6;

/**
 * The disk space of a run.
 *
 * @param storeBytes Size of the activations in the cache, collected already or not; 0 for a source
 *   that keeps none.
 */
export function planDisk(config: Config, built: BuiltPopulation, storeBytes: number): DiskPlan {
  const { log_every, checkpoint_every, keep_checkpoints } = config.training;
  const { population, totalSteps } = built;
  const { members, dIn } = population;
  // The last step always writes one.
  const written = Math.ceil(totalSteps / checkpoint_every);
  const state = stateBytes(built);
  const saes = members.reduce(
    (sum, { parameters: { dSae } }) => sum + 4 * (2 * dSae * dIn + dSae + dIn),
    0,
  );
  const latents = members.reduce((sum, { parameters: { dSae } }) => sum + 3 * 4 * dSae, 0);
  const eeg = config.source.kind === "eeg" ? EEG_FIGURES_BYTES + EEG_ROWS * 4 * dIn : 0;
  const lines = Math.ceil(totalSteps / log_every) + 1;
  const loggers = [...new Set(config.loggers)].reduce(
    (sum, name) => sum + LOGGER_BYTES_PER_MEMBER[name] * members.length,
    0,
  );
  const lineBytes = LINE_BYTES + LINE_BYTES_PER_MEMBER * members.length + loggers;
  const items = [
    { what: "activation store, in the cache", bytes: storeBytes },
    { what: "checkpoints", bytes: Math.min(keep_checkpoints, written) * state },
    { what: "SAEs", bytes: saes },
    { what: "results and report", bytes: latents + eeg + PAPERS_BYTES },
    { what: "logs", bytes: lines * lineBytes },
  ];
  const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
  return { items, bytes, mostBytes: bytes + (written > keep_checkpoints ? state : 0) };
}
