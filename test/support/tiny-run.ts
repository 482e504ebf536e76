/**
 * @file Real runs, small enough for a test: three members and an independent one on eight synthetic
 *   features.
 */

import { openBackend } from "../../src/backend/open-backend.ts";
import { parseConfig } from "../../src/config/load-config.ts";
import type { RunContext, RunEvent } from "../../src/experiments/run-context.ts";
import { trainRun } from "../../src/experiments/train-run.ts";
import type { RunFolder } from "../../src/runs/run-folder.ts";

/** The config of the runs. */
export const TINY_CONFIG = `
name: tiny
seed: 0
source: { kind: synthetic, generator: mfr, support: per_sample, d_in: 8, features: 8, groups: 2, active: 2, held_out_rows: 64 }
population: { members: 3, independent: 1, architecture: topk, d_sae: 16, k: 2, lr: 0.01 }
training: { batch: 32, steps: 20, log_every: 5, checkpoint_every: 20 }
`;

/** A machine that always behaves alike: its clock counts calls. */
export function tinyContext(folder: string): RunContext {
  let milliseconds = 0;
  return {
    backend: openBackend({ threads: 1 }).backend,
    baseFolder: folder,
    cacheDir: folder,
    catalogue: { cacheDir: folder, offline: true },
    host: "test",
    pid: 1,
    versions: { concord: "0.0.0", node: "20" },
    peakMemory: () => 2 ** 20,
    residentMemory: () => 0,
    clock: () => milliseconds++,
    now: () => new Date(0),
  };
}

/**
 * Trains the runs that the config and `settings` (as `--set` takes them) describe, in `folder`.
 *
 * @param onEvent Sees every run's events; throw from it and the run fails.
 * @param resume  Go on with runs that exist.
 * @param availableMemory What the machine could give, bytes.
 */
export async function tinyRuns(
  folder: string,
  settings: readonly string[] = [],
  onEvent: (event: RunEvent) => void = () => {},
  signal?: AbortSignal,
  resume = false,
  availableMemory = 2 ** 40,
): Promise<RunFolder[]> {
  const context: RunContext = {
    ...tinyContext(folder),
    signal,
    onEvent,
    availableMemory: () => availableMemory,
  };
  const folders: RunFolder[] = [];
  const planned = parseConfig(TINY_CONFIG, "tiny.yaml", [`runs_folder=${folder}`, ...settings]);
  for (const one of planned) folders.push((await trainRun(one, context, resume)).folder);
  return folders;
}
