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
import { readStoreRange } from "../../../sources/shards/store-range.ts";
import type { Symmetry } from "../../../sources/symmetry.ts";
import type { ActionDiagnostics } from "../../../symmetry/diagnose.ts";
import { fitAction } from "../../../symmetry/fit-action.ts";
import { orbitsOf } from "../../../symmetry/orbits.ts";
import { type GroupOptions, pictureGroup } from "../groups/picture-group.ts";
import { elementsOf } from "../groups/pixel-action.ts";
import { pixelMatrices } from "../groups/pixel-matrices.ts";
import type { PictureSize } from "../pictures/picture-set.ts";
import type { ImagesConfig } from "../schema.ts";

/** Most memory of rows that matrices are fitted on, and measured on. */
const FIT_BYTES = 2 ** 26;
const MEASURE_BYTES = 2 ** 24;

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
  /** Orbits that it was fitted on. */
  readonly orbits: number;
}

/** A store, and which of its rows are trained on. */
export interface FittedRows {
  readonly folder: string;
  readonly dIn: number;
  readonly trainRows: number;
  readonly heldOutRows: number;
}

/** Whole orbits of the rows from `first` on, as many as fit. */
async function someOrbits(
  backend: Backend,
  { folder, dIn }: FittedRows,
  first: number,
  rows: number,
  poses: number,
  bytes: number,
) {
  const most = Math.max(poses, Math.floor(bytes / (4 * dIn * poses)) * poses);
  const count = Math.min(rows, most);
  return orbitsOf(await readStoreRange(folder, first, count, backend), poses, dIn);
}

/** The name of the file of a fit: another for other keys and another split. */
function fitFile({ group, steps, fit }: ImagesConfig, { folder, trainRows }: FittedRows): string {
  const all = JSON.stringify([1, group, steps ?? 2, fit, trainRows]);
  const digest = createHash("sha256").update(all).digest("hex").slice(0, 12);
  return join(folder, `symmetry-${digest}.safetensors`);
}

/**
 * Fits how activations move, once for a split of the store. The first orbits are used: pictures are
 * in random order there.
 *
 * @throws {ConcordError} of reading the store.
 */
export async function fittedSymmetry(
  source: ImagesConfig,
  group: GroupOptions,
  rows: FittedRows,
  backend: Backend,
): Promise<FittedSymmetry> {
  const path = fitFile(source, rows);
  const finite = pictureGroup(group);
  const { size } = finite;
  if (!existsSync(path)) {
    const { trainRows, heldOutRows } = rows;
    const train = await someOrbits(backend, rows, 0, trainRows, size, FIT_BYTES);
    const held = await someOrbits(backend, rows, trainRows, heldOutRows, size, MEASURE_BYTES);
    const { method, of, trainOnAllK, epochs, lr } = source.fit;
    const options = { method, of, trainOnAllK, epochs, lr };
    const { matrices, diagnostics } = await fitAction(backend, finite, train, held, options);
    const tensors = new Map([
      ["matrices", tensor("float32", [size, rows.dIn, rows.dIn], matrices)],
    ]);
    const facts = { diagnostics: JSON.stringify(diagnostics), orbits: String(train.count) };
    await writeSafetensors(path, tensors, facts);
  }
  const { tensors, metadata } = await readSafetensors(path);
  const matrices = tensors.get("matrices")!.data as Float32Array;
  return {
    symmetry: { group: group.group, size, matrices, isExact: false },
    diagnostics: JSON.parse(metadata["diagnostics"]!) as ActionDiagnostics,
    orbits: Number(metadata["orbits"]),
  };
}
