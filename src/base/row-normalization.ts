/**
 * @file What is done to a row of activations before it is encoded, and undone after it is decoded.
 *
 *   layer_norm               x' = (x − μ) / (σ + 1e-5),  x̂ = σ x̂' + μ
 *   constant_norm_rescale    x' = x √d_in / ‖x‖,         x̂ = ‖x‖ / √d_in x̂'
 *   { factor, shift }        x' = factor (x − shift),    x̂ = x̂' / factor + shift
 *
 * The first two as SAELens 6.54 does them at run time, each row for itself: μ and σ
 * are those of the row, σ with d_in − 1. That σ lacks the 1e-5 on the way back is theirs.
 * A row of equal numbers, and a row of zeros, become zeros.
 */

/**
 * One map for all numbers of all rows: x' = factor (x − shift). It is folded into the weights of
 * SAEs that are saved.
 */
export interface OneScale {
  readonly factor: number;
  /** Default 0. */
  readonly shift?: number | undefined;
}

/** The names are those of `normalize_activations` in cfg.json. */
export type RowNormalization = "layer_norm" | "constant_norm_rescale" | OneScale;

const EPSILON = 1e-5;

/** What takes rows back: x̂ = scale x̂' + shift, one of each per row. */
export interface RowScales {
  readonly shift: Float64Array;
  readonly scale: Float64Array;
}

/** Room for the scales of `rows` rows. */
export function rowScales(rows: number): RowScales {
  return { shift: new Float64Array(rows), scale: new Float64Array(rows) };
}

/** The divisor of a row whose scale on the way back is `scale`. */
function divisorOf(kind: RowNormalization, scale: number): number {
  return kind === "layer_norm" ? scale + EPSILON : scale || 1;
}

function setScales(kind: RowNormalization, x: Float32Array, dIn: number, scales: RowScales): void {
  if (typeof kind === "object") {
    scales.shift.fill(kind.shift ?? 0);
    scales.scale.fill(1 / kind.factor);
    return;
  }
  const isLayerNorm = kind === "layer_norm";
  // One number has no deviation; SAELens gives NaN there.
  const parts = isLayerNorm ? Math.max(1, dIn - 1) : dIn;
  for (let b = 0; b < x.length / dIn; b++) {
    const end = (b + 1) * dIn;
    let mean = 0;
    if (isLayerNorm) {
      for (let i = b * dIn; i < end; i++) mean += x[i]!;
      mean /= dIn;
    }
    let squares = 0;
    for (let i = b * dIn; i < end; i++) squares += (x[i]! - mean) ** 2;
    scales.shift[b] = mean;
    scales.scale[b] = Math.sqrt(squares / parts);
  }
}

/**
 * Normalises rows.
 *
 * @param x      [rows, d_in]; a row that is not finite gives one that is not.
 * @param out    As long as `x`, and may be `x`.
 * @param scales Filled with what takes each row back.
 */
export function normalizeEachRow(
  kind: RowNormalization,
  x: Float32Array,
  dIn: number,
  out: Float32Array,
  scales: RowScales,
): void {
  setScales(kind, x, dIn, scales);
  normalizeWith(kind, x, dIn, out, scales);
}

/** Applies to rows the normalisation that `scales` came from, for example to their targets. */
export function normalizeWith(
  kind: RowNormalization,
  x: Float32Array,
  dIn: number,
  out: Float32Array,
  scales: RowScales,
): void {
  for (let b = 0; b < x.length / dIn; b++) {
    const shift = scales.shift[b]!;
    const divisor = divisorOf(kind, scales.scale[b]!);
    const end = (b + 1) * dIn;
    if (typeof kind === "object")
      for (let i = b * dIn; i < end; i++) out[i] = (x[i]! - shift) * kind.factor;
    else for (let i = b * dIn; i < end; i++) out[i] = (x[i]! - shift) / divisor;
  }
}
