/** @file How the values of a model's tensor become rows. */

import { showShape } from "../../../base/tensor.ts";
import { ConcordError } from "../../../errors.ts";
import { showName } from "../../../formats/show-name.ts";
import type { Grid } from "./row-maker.ts";

/** A tensor of one picture: `positions` places with `width` numbers each. */
export interface TensorLayout {
  readonly width: number;
  readonly positions: number;
  /** Undefined where positions are in no grid. */
  readonly grid?: Grid | undefined;
  /** Whether channels come before positions. */
  readonly isFirst: boolean;
}

/**
 * The layout of a tensor: [d], [positions, d], or [c, h, w] and [h, w, c].
 *
 * @param dims Without the axis of pictures.
 * @throws {ConcordError} `hook/missing` for a tensor of other axes.
 */
export function layoutOfTensor(
  dims: readonly number[],
  layout: "channels_first" | "channels_last",
  tensor: string,
): TensorLayout {
  const [a = 1, b = 1, c = 1] = dims;
  if (dims.length === 1) return { width: a, positions: 1, isFirst: false };
  if (dims.length === 2) return { width: b, positions: a, isFirst: false };
  if (dims.length === 3 && layout === "channels_first")
    return { width: a, positions: b * c, grid: [b, c], isFirst: true };
  if (dims.length === 3) return { width: c, positions: a * b, grid: [a, b], isFirst: false };
  throw new ConcordError(
    "hook/missing",
    `"${showName(tensor)}" has shape ${showShape(dims)} per picture; rows are made of one, two or three axes.`,
    { hint: "Choose another tensor." },
  );
}

/**
 * Rows of pictures: [n, width] of means over positions, or [n · positions, width].
 *
 * @param values [n, …] as the tensor lies.
 */
export function rowsOfTensor(
  values: Float32Array,
  { width, positions, isFirst }: TensorLayout,
  rows: "mean" | "positions",
): Float32Array {
  const isWhole = positions === 1 || (rows === "positions" && !isFirst);
  if (isWhole) return values;
  const count = values.length / (width * positions);
  const at = (p: number, c: number) => (isFirst ? c * positions + p : p * width + c);
  const isMean = rows === "mean";
  const out = new Float32Array(isMean ? count * width : values.length);
  for (let i = 0; i < count; i++) {
    const from = i * width * positions;
    for (let c = 0; c < width; c++) {
      let total = 0;
      for (let p = 0; p < positions; p++) {
        const value = values[from + at(p, c)]!;
        if (isMean) total += value;
        else out[from + p * width + c] = value;
      }
      if (isMean) out[i * width + c] = total / positions;
    }
  }
  return out;
}
