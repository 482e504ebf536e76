/** @file Reference gradients and Adam, one latent at a time, in float64. */

import {
  type AdamOptions,
  type AdamState,
  type GradientNorm,
  type GradientParts,
  TYING,
  type Update,
  type UpdateVector,
} from "../backend.ts";

function norm(row: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < row.length; j++) sum += row[j]! * row[j]!;
  return Math.sqrt(sum);
}

/**
 * Gradients of latent f with respect to the encoder row and to the raw (or unit) row, as the tying
 * requires.
 */
function latentGradients(
  args: GradientParts,
  f: number,
): { encoder: Float64Array; raw: Float64Array } {
  const { dIn, tying, unit } = args;
  const at = f * dIn;
  const encoder = new Float64Array(dIn);
  const raw = new Float64Array(dIn);
  for (let j = 0; j < dIn; j++) {
    encoder[j] = args.denseEncoder?.[at + j] ?? 0;
    raw[j] = args.denseUnit?.[at + j] ?? 0;
  }
  for (const source of args.sources)
    for (let i = source.latentIndptr[f]!; i < source.latentIndptr[f + 1]!; i++) {
      const row = source.rows[i]! * dIn;
      for (let j = 0; j < dIn; j++) {
        encoder[j]! += source.latentGrads[i]! * source.x[row + j]!;
        raw[j]! += source.residualScale * source.latentValues[i]! * source.residual[row + j]!;
      }
    }
  if (tying === TYING.tiedNormalized) for (let j = 0; j < dIn; j++) raw[j]! += encoder[j]!;
  const parameter = tying === TYING.tiedRaw ? args.encoder?.parameter : args.raw?.parameter;
  const length = tying === TYING.untiedUnit ? 1 : norm(parameter?.subarray(at, at + dIn) ?? []);
  const scale = length > 0 ? 1 / length : 0;
  let along = 0;
  for (let j = 0; j < dIn; j++) along += raw[j]! * unit[at + j]!;
  for (let j = 0; j < dIn; j++) raw[j] = scale * (raw[j]! - along * unit[at + j]!);
  if (tying === TYING.tiedRaw) for (let j = 0; j < dIn; j++) encoder[j]! += raw[j]!;
  const pulled = tying === TYING.tiedRaw ? encoder : raw;
  if (args.denseRaw) for (let j = 0; j < dIn; j++) pulled[j]! += args.denseRaw[at + j]!;
  return { encoder, raw };
}

/**
 * Adam as PyTorch does it: p −= lr / c1 · m / (√v / √c2 + eps), on elements at … at +
 * gradient.length.
 */
function adam(
  state: AdamState,
  at: number,
  gradient: ArrayLike<number>,
  clip: number,
  o: AdamOptions,
): void {
  for (let j = 0; j < gradient.length; j++) {
    const g = clip * gradient[j]!;
    const m = o.beta1 * state.m[at + j]! + (1 - o.beta1) * g;
    const v = o.beta2 * state.v[at + j]! + (1 - o.beta2) * g * g;
    state.m[at + j] = m;
    state.v[at + j] = v;
    state.parameter[at + j]! -=
      ((o.lr / o.correction1) * m) / (Math.sqrt(v) / Math.sqrt(o.correction2) + o.eps);
  }
}

export function gradientNorm(args: GradientNorm): void {
  for (let f = 0; f < args.dSae; f++) {
    const { encoder, raw } = latentGradients(args, f);
    let norm2 = args.bias && args.biasGrad ? args.biasGrad[f]! ** 2 : 0;
    if (args.tying !== TYING.tiedNormalized) norm2 += norm(encoder) ** 2;
    if (args.tying !== TYING.tiedRaw) norm2 += norm(raw) ** 2;
    args.norm2[f] = norm2;
  }
}

export function update(args: Update): number {
  const { dIn, dSae, tying, clip } = args;
  let bad = -1;
  for (let f = 0; f < dSae; f++) {
    const { encoder, raw } = latentGradients(args, f);
    const at = f * dIn;
    const before = Float64Array.from(args.unit.subarray(at, at + dIn));
    if (args.encoder && tying !== TYING.tiedNormalized)
      adam(args.encoder, at, encoder, clip, args.adam);
    if (args.raw && tying !== TYING.tiedRaw) adam(args.raw, at, raw, clip, args.adam);
    const row = (tying === TYING.tiedRaw ? args.encoder : args.raw)!.parameter.subarray(
      at,
      at + dIn,
    );
    const length = norm(row);
    for (let j = 0; j < dIn; j++) args.unit[at + j] = length === 0 ? 0 : row[j]! / length;
    if (args.moved) args.moved[f]! += norm(before.map((old, j) => old - args.unit[at + j]!));
    if (args.bias && args.biasGrad) adam(args.bias, f, [args.biasGrad[f]!], clip, args.adam);
    const encoding = args.encoder?.parameter ?? args.unit;
    const written = [args.unit, encoding].flatMap((w) => Array.from(w.subarray(at, at + dIn)));
    if (bad < 0 && ![...written, args.bias?.parameter[f] ?? 0].every(Number.isFinite)) bad = f;
  }
  return bad;
}

export function updateVector(args: UpdateVector): void {
  adam(args, 0, args.gradient.subarray(0, args.n), args.clip, args.adam);
}
