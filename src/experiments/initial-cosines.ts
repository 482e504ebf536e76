/**
 * @file How far training moved each atom: its cosine with the atom that the member started with.
 *   Starting weights are not kept; they are drawn again.
 */

import type { Backend } from "../backend/backend.ts";
import type { PlannedMember } from "../config/members.ts";
import type { AnalysedMember } from "../domains/analysis.ts";
import { ConcordError } from "../errors.ts";
import { allocatePopulation } from "../population/population.ts";
import type { Source, StreamState } from "../sources/source.ts";
import { trainingSymmetry } from "../sources/symmetry.ts";
import { startMembers } from "./init-from.ts";

/**
 * Cosine of each atom of a member with the one it started with, [d_sae]; of latents that were drawn
 * again during training, with the first draw. Undefined where the SAE that it started from is gone.
 *
 * @param batch Rows in a step.
 */
export async function initialCosines(
  backend: Backend,
  planned: PlannedMember,
  { dictionary }: Pick<AnalysedMember, "dictionary">,
  {
    dIn,
    normalization,
    symmetry,
    train,
  }: Pick<Source, "dIn" | "normalization" | "symmetry" | "train">,
  where: {
    readonly batch: number;
    readonly baseFolder: string;
    /** Where training rows begin. */
    readonly beginning: StreamState;
  },
): Promise<Float32Array | undefined> {
  const { batch, baseFolder, beginning } = where;
  const population = allocatePopulation(backend, {
    dIn,
    batch,
    members: [planned],
    symmetry: trainingSymmetry(symmetry),
  });
  await train.seek(beginning);
  const from = { baseFolder, train, ...(normalization === undefined ? {} : { normalization }) };
  try {
    await startMembers(backend, population, [planned], from);
  } catch (error) {
    if (planned.initFrom !== undefined && error instanceof ConcordError) return undefined;
    throw error;
  }
  const { unit, count, d } = population.members[0]!.sae.dictionary();
  const out = backend.float32(count);
  await backend.pairedDots({ a: unit, b: dictionary.unit, count, d, out });
  return out;
}
