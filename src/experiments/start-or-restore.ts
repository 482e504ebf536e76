/** @file How training begins: from fresh weights, or from the newest whole checkpoint. */

import { type PopulationState, restorePopulation } from "../population/state.ts";
import { latestCheckpoint } from "../runs/checkpoints.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import type { Source } from "../sources/source.ts";
import type { BuiltPopulation } from "./build-population.ts";
import { startMembers } from "./init-from.ts";
import type { RunContext } from "./run-context.ts";

/** Restores the newest whole checkpoint, or draws fresh weights. @returns Steps taken. */
export async function startOrRestore(
  folder: RunFolder,
  built: BuiltPopulation,
  source: Source,
  { backend, baseFolder }: Pick<RunContext, "backend" | "baseFolder">,
  warn: (message: string) => void,
): Promise<number> {
  const checkpoint = await latestCheckpoint(folder, warn);
  if (!checkpoint) {
    const { population, members } = built;
    await startMembers(backend, population, members, { baseFolder, ...source });
    return 0;
  }
  const state = { tensors: checkpoint.tensors, json: checkpoint.json as PopulationState["json"] };
  const where = folder.file("checkpoints");
  await restorePopulation(built.population, built.coupling, state, where);
  await source.train.seek(checkpoint.stream);
  return checkpoint.step;
}
