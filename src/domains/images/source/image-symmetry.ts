/**
 * @file How rows move under the group that acts on their pictures. Rows of pixels are permuted,
 *   which is exact. For activations matrices are fitted to rows of training, and kept beside the
 *   store.
 */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Backend } from "../../../backend/backend.ts";
import { tensor } from "../../../base/tensor.ts";
import { readSafetensors, writeSafetensors } from "../../../formats/safetensors-file.ts";
import { fitSource } from "../../../sources/orbit/orbit-symmetry.ts";
import type { ShardSource } from "../../../sources/shards/shard-source.ts";
import type { Source } from "../../../sources/source.ts";
import type { Symmetry } from "../../../sources/symmetry.ts";
import type { ActionDiagnostics } from "../../../symmetry/diagnose.ts";
import { type GroupOptions, pictureGroup } from "../groups/picture-group.ts";
import { elementsOf } from "../groups/pixel-action.ts";
import { pixelMatrices } from "../groups/pixel-matrices.ts";
import type { PictureSize } from "../pictures/picture-set.ts";
import type { ImagesConfig } from "../schema.ts";

/** The exact symmetry of rows of pixels. */
export function pixelSymmetry(group: GroupOptions, size: PictureSize): Symmetry {
  const maps = elementsOf(group, size[0], size[1]);
  return {
    group: group.group,
    size: maps.length,
    matrices: pixelMatrices(maps, size[2]),
    isExact: true,
  };
}

/** A symmetry of the right shape, for plans: nothing is fitted yet. */
export function plannedSymmetry(group: GroupOptions, dIn: number): Symmetry {
  const { size } = pictureGroup(group);
  const matrices = new Float32Array(size * dIn * dIn);
  for (let k = 0; k < size; k++)
    for (let i = 0; i < dIn; i++) matrices[(k * dIn + i) * dIn + i] = 1;
  return { group: group.group, size, matrices, isExact: false };
}

/** A fitted symmetry, and how good it is. */
export interface FittedSymmetry {
  readonly symmetry: Symmetry;
  readonly diagnostics: ActionDiagnostics;
}

/** An open store, which serves whole orbits. */
export interface FittedRows {
  readonly folder: string;
  readonly store: Pick<ShardSource, "heldOutFrom"> & Source;
  readonly backend: Backend;
}

/** The name of the file of a fit: another for other keys and another split. */
function fitFile(
  { group, steps, fit, draw, seed, orderSeed }: ImagesConfig,
  { folder, store }: FittedRows,
): string {
  const order = [draw, seed, orderSeed, store.heldOutFrom];
  const all = JSON.stringify([2, group, steps ?? 2, fit, order]);
  const digest = createHash("sha256").update(all).digest("hex").slice(0, 12);
  return join(folder, `symmetry-${digest}.safetensors`);
}

/**
 * Fits how activations move, once for a split of the store and its order in training.
 *
 * @throws {ConcordError} of reading the store.
 */
export async function fittedSymmetry(
  source: ImagesConfig,
  group: GroupOptions,
  rows: FittedRows,
): Promise<FittedSymmetry> {
  const path = fitFile(source, rows);
  const finite = pictureGroup(group);
  const { size, products } = finite;
  const { store, backend } = rows;
  if (!existsSync(path)) {
    const orbit = { ...source.fit, group: finite.name, action: "fitted" };
    const { matrices, diagnostics } = await fitSource(backend, store, finite, orbit);
    const shape = [size, store.dIn, store.dIn];
    const tensors = new Map([["matrices", tensor("float32", shape, matrices)]]);
    await writeSafetensors(path, tensors, { diagnostics: JSON.stringify(diagnostics) });
  }
  const { tensors, metadata } = await readSafetensors(path);
  const matrices = tensors.get("matrices")!.data as Float32Array;
  return {
    symmetry: { group: group.group, size, products, matrices, isExact: false },
    diagnostics: JSON.parse(metadata["diagnostics"]!) as ActionDiagnostics,
  };
}
