/**
 * @file What other programs do when they run an SAE, folded into weights: so that one form, z =
 *   selection((x − b_dec) W_enc + b_enc), x̂ = z W_dec + b_dec, serves them all.
 */

/** W b_dec, [d_sae], in double precision. `encoder` is [d_sae, d_in]. */
function shifts(encoder: Float32Array, bDec: Float32Array): Float64Array {
  const dIn = bDec.length;
  return Float64Array.from({ length: encoder.length / dIn }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < dIn; i++) sum += encoder[j * dIn + i]! * bDec[i]!;
    return sum;
  });
}

/**
 * The bias of an encoder that takes x − b_dec, from that of one that takes x: W x + b = W (x −
 * b_dec) + (b + W b_dec). `encoder` is [d_sae, d_in]; sums are rounded once.
 */
export function centredBias(
  encoder: Float32Array,
  bias: ArrayLike<number>,
  bDec: Float32Array,
): Float32Array {
  return Float32Array.from(shifts(encoder, bDec), (shift, j) => bias[j]! + shift);
}

/**
 * The bias of an encoder that takes x, from that of one that takes x − b_dec: b − W b_dec.
 *
 * @returns As float32 where {@link centredBias} makes the same bias of that again. Else as float64,
 *   with which it does unless a bias is 2²⁸ times smaller than its sum.
 */
export function uncentredBias(
  encoder: Float32Array,
  bias: Float32Array,
  bDec: Float32Array,
): Float32Array | Float64Array {
  const sums = shifts(encoder, bDec);
  const wide = sums.map((shift, j) => bias[j]! - shift);
  const narrow = Float32Array.from(wide);
  return narrow.every((b, j) => Math.fround(b + sums[j]!) === bias[j]) ? narrow : wide;
}

/** Multiplies scores by the norms of the atoms and divides the atoms by them, in place. */
export function rescale(encoder: Float32Array, bias: Float32Array, decoder: Float32Array): void {
  const dIn = decoder.length / bias.length;
  for (let j = 0; j < bias.length; j++) {
    let squares = 0;
    for (let i = j * dIn; i < (j + 1) * dIn; i++) squares += decoder[i]! ** 2;
    const norm = Math.sqrt(squares);
    bias[j]! *= norm;
    for (let i = j * dIn; i < (j + 1) * dIn; i++) {
      encoder[i]! *= norm;
      decoder[i]! /= norm || 1;
    }
  }
}

/** Multiplies row j of a [factors.length, columns] matrix by factors[j], in place. */
export function scaleRows(matrix: Float32Array, factors: ArrayLike<number>): void {
  const columns = matrix.length / factors.length;
  for (let i = 0; i < matrix.length; i++) matrix[i]! *= factors[Math.floor(i / columns)]!;
}

/**
 * Folds the gate of a gated SAE (Rajamanoharan et al. 2024, arXiv:2404.16014) into a JumpReLU:
 * W_mag = e^r W_gate, so that the gate (x W_gate + b_gate > 0) is score > b_mag − e^r b_gate.
 *
 * @param encoder W_gate [d_sae, d_in]; becomes W_mag.
 * @returns The thresholds, [d_sae].
 */
export function foldGate(
  encoder: Float32Array,
  r: Float32Array,
  magnitudeBias: Float32Array,
  gateBias: Float32Array,
): Float32Array {
  const factors = r.map(Math.exp);
  scaleRows(encoder, factors);
  return magnitudeBias.map((b, j) => b - factors[j]! * gateBias[j]!);
}
