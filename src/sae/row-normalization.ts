/**
 * @file What is done to a row before it is encoded, and undone after it is decoded, each row for itself.
 *
 *   layer_norm               x' = (x − μ) / (σ + 1e-5),  x̂ = σ x̂' + μ   (μ, σ over the row; σ with d_in − 1)
 *   constant_norm_rescale    x' = x √d_in / ‖x‖,         x̂ = ‖x‖ / √d_in x̂'
 *
 * As SAELens 6.54 does it at run time; σ without the 1e-5 on the way back is theirs. A row of equal numbers, and a row of zeros,
 * become zeros.
 */

/** Names as `normalize_activations` of cfg.json has them. */
export type RowNormalization = "layer_norm" | "constant_norm_rescale";

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
  const isLayerNorm = kind === "layer_norm";
  // One number has no deviation; SAELens gives NaN there.
  const parts = isLayerNorm ? Math.max(1, dIn - 1) : dIn;
  for (let b = 0; b < x.length / dIn; b++) {
    const from = b * dIn;
    const to = from + dIn;
    let mean = 0;
    if (isLayerNorm) {
      for (let i = from; i < to; i++) mean += x[i]!;
      mean /= dIn;
    }
    let squares = 0;
    for (let i = from; i < to; i++) squares += (x[i]! - mean) ** 2;
    const scale = Math.sqrt(squares / parts);
    const divisor = isLayerNorm ? scale + EPSILON : scale || 1;
    for (let i = from; i < to; i++) out[i] = (x[i]! - mean) / divisor;
    scales.shift[b] = mean;
    scales.scale[b] = scale;
  }
}
