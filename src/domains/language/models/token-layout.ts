/**
 * @file Which axes of a tensor are windows, positions and features, and the tensor as one row per
 *   token. The rule is the same for every rank. What is neither batch nor position is the width,
 *   its axes flattened in the order of the graph.
 *
 * | shape in the graph | row of a token |
 * |---|---|
 * | [batch, position, d] | d numbers |
 * | [batch · position, d] | d numbers |
 * | [batch, heads, position, d_head] | heads · d_head numbers: head 0, then head 1, … |
 * | [batch, position, heads, d_head] | the same |
 * | [1, position, d], the same for all windows | d numbers, repeated for every window |
 */

import { showShape } from "../../../base/tensor.ts";

/** What an axis counts: windows, positions in a window, both in one, or a part of the width. */
export type AxisRole = "batch" | "position" | "token" | "width";

/** Where the tokens lie in a tensor. */
export interface TokenLayout {
  readonly axes: readonly AxisRole[];
  /** Lengths of the width axes, in the order of the graph. */
  readonly widths: readonly number[];
  /** Numbers per token: the product of {@link widths}. */
  readonly width: number;
}

/** Number of windows, and positions in each. */
export interface TokenRectangle {
  readonly batch: number;
  readonly positions: number;
}

/** The shape that a tensor had for a batch of this size. */
export interface ObservedShape extends TokenRectangle {
  readonly dims: readonly number[];
}

const product = (numbers: readonly number[]) => numbers.reduce((a, b) => a * b, 1);

/** The layout [batch · position, width]. */
export function rowLayout(width: number): TokenLayout {
  return { axes: ["token", "width"], widths: [width], width };
}

/**
 * Finds the layout of a tensor from its shapes for two batches of different size. The axis that
 * follows the number of windows is the batch. The one that follows the positions is the position,
 * and those that stay are the width. Where a model takes one size only, both observations are the
 * same, and of several axes that fit the first is taken.
 *
 * @returns The layout, or a text that says why the tensor has no row per token.
 */
export function findLayout(first: ObservedShape, second: ObservedShape): TokenLayout | string {
  const shown = `${showShape(first.dims)} for ${first.batch} windows of ${first.positions} tokens`;
  if (first.dims.length !== second.dims.length)
    return `its rank changes with the window (${shown})`;
  const follows = (axis: number, of: (o: ObservedShape) => number) =>
    first.dims[axis] === of(first) && second.dims[axis] === of(second);
  const axes: AxisRole[] = [];
  const widths: number[] = [];
  for (let axis = 0; axis < first.dims.length; axis++) {
    const isFirst = (role: AxisRole) => !axes.includes(role);
    const length = first.dims[axis]!;
    if (isFirst("batch") && isFirst("token") && follows(axis, (o) => o.batch)) axes.push("batch");
    else if (isFirst("position") && isFirst("token") && follows(axis, (o) => o.positions))
      axes.push("position");
    else if (!axes.some((role) => role !== "width") && follows(axis, (o) => o.batch * o.positions))
      axes.push("token");
    else if (length === second.dims[axis]) {
      axes.push("width");
      widths.push(length);
    } else return `its width changes with the window (${shown})`;
  }
  if (!axes.includes("position") && !axes.includes("token"))
    return `it has no row per token (${shown})`;
  const width = product(widths);
  return width === 0 ? `it is empty (${shown})` : { axes, widths, width };
}

/** The layout in words: `[batch, 12, position, 32]`. */
export function showLayout({ axes, widths }: TokenLayout): string {
  let width = 0;
  const names = axes.map((role) =>
    role === "width" ? widths[width++] : role === "token" ? "batch · position" : role,
  );
  return `[${names.join(", ")}]`;
}

/** Length of every axis for a batch. */
export function shapeOf(
  { axes, widths }: TokenLayout,
  { batch, positions }: TokenRectangle,
): number[] {
  let width = 0;
  const lengths = { batch, position: positions, token: batch * positions };
  return axes.map((role) => (role === "width" ? widths[width++]! : lengths[role]));
}

/** Whether the tensor is one row per token already, in order. */
function isRows({ axes }: TokenLayout): boolean {
  const roles = axes.join();
  return /^(batch,position|token)(,width)*$/.test(roles);
}

/**
 * Calls `visit` with the place of every number in the tensor and in the rows [batch · position,
 * width].
 */
function forEachNumber(
  layout: TokenLayout,
  size: TokenRectangle,
  visit: (inTensor: number, inRows: number) => void,
): void {
  const dims = shapeOf(layout, size);
  const strides = dims.map((_, axis) => product(dims.slice(axis + 1)));
  const strideOf = (role: AxisRole) => strides[layout.axes.indexOf(role)] ?? 0;
  const widthStrides = strides.filter((_, axis) => layout.axes[axis] === "width");
  const places = new Int32Array(layout.width);
  for (let i = 0; i < layout.width; i++) {
    let rest = i;
    for (let axis = layout.widths.length - 1; axis >= 0; axis--) {
      const length = layout.widths[axis]!;
      places[i]! += (rest % length) * widthStrides[axis]!;
      rest = Math.floor(rest / length);
    }
  }
  const [perWindow, perPosition] = layout.axes.includes("token")
    ? [strideOf("token") * size.positions, strideOf("token")]
    : [strideOf("batch"), strideOf("position")];
  let row = 0;
  for (let window = 0; window < size.batch; window++)
    for (let position = 0; position < size.positions; position++) {
      const start = window * perWindow + position * perPosition;
      for (let i = 0; i < layout.width; i++) visit(start + places[i]!, row++);
    }
}

/**
 * A tensor as rows [batch · position, width]; the array itself where it is in that order already.
 */
export function rowsOfTensor(
  layout: TokenLayout,
  data: Float32Array,
  size: TokenRectangle,
): Float32Array {
  if (isRows(layout)) return data;
  const rows = new Float32Array(size.batch * size.positions * layout.width);
  forEachNumber(layout, size, (inTensor, inRows) => {
    rows[inRows] = data[inTensor]!;
  });
  return rows;
}

/**
 * Rows [batch · position, width] in the order of the tensor; the array itself where that is the
 * same.
 */
export function tensorOfRows(
  layout: TokenLayout,
  rows: Float32Array,
  size: TokenRectangle,
): Float32Array {
  if (isRows(layout)) return rows;
  const data = new Float32Array(product(shapeOf(layout, size)));
  forEachNumber(layout, size, (inTensor, inRows) => {
    data[inTensor] = rows[inRows]!;
  });
  return data;
}

/**
 * Rows of windows of one length as rows of windows of another: what does not fit is left out, what
 * is missing is zero.
 */
export function resizedRows(
  rows: Float32Array,
  from: TokenRectangle,
  to: TokenRectangle,
): Float32Array {
  if (from.batch === to.batch && from.positions === to.positions) return rows;
  const width = rows.length / (from.batch * from.positions);
  const resized = new Float32Array(to.batch * to.positions * width);
  const kept = Math.min(from.positions, to.positions) * width;
  for (let window = 0; window < Math.min(from.batch, to.batch); window++) {
    const start = window * from.positions * width;
    resized.set(rows.subarray(start, start + kept), window * to.positions * width);
  }
  return resized;
}
