/**
 * @file What holds weights back beside the loss. There are penalties on their length and on that
 *   of b_enc, and weights may stay as they started, or at 0 and above. Atoms may not turn far, or
 *   encoder rows are aligned with their atoms.
 */

import type { SparseGradient } from "../../backend/backend.ts";
import type { Member } from "./member.ts";
import { packWeights } from "./member.ts";
import { alignEncoder } from "./parameters.ts";
import { roomOf, type Workspace } from "./workspace.ts";

/** Gradients that are added to those of the sources, as `update` takes them. */
export interface DenseGradients {
  readonly denseEncoder: Float32Array | undefined;
  readonly denseUnit: Float32Array | undefined;
  readonly denseRaw: Float32Array | undefined;
}

/** Memory of the constraints, made when first asked for. */
export function constraintRoom({ spec, parameters: p }: Member, w: Workspace) {
  const size = w.dSae * w.dIn;
  return roomOf(
    w,
    `constraints ${spec.tying} ${spec.weightDecay !== undefined} ${spec.freeze} ${spec.biasDecay !== undefined}`,
    () => ({
      encoder: spec.weightDecay !== undefined && p.encoder ? w.backend.float32(size) : undefined,
      raw:
        spec.weightDecay !== undefined && p.raw && p.raw.parameter !== p.unit
          ? w.backend.float32(size)
          : undefined,
      kept: spec.freeze === undefined ? undefined : w.backend.float32(size),
      bias: spec.biasDecay === undefined ? undefined : w.backend.float32(w.dSae),
      zeros: w.backend.float32(0),
    }),
  );
}

/** Parameters whose length is free: those that weight decay shortens. */
function decayed({ parameters: p }: Member) {
  return {
    encoder: p.encoder?.parameter,
    raw: p.raw && p.raw.parameter !== p.unit ? p.raw.parameter : undefined,
  };
}

/** ‖b_enc‖₂. */
function biasLength({ parameters: p }: Member): number {
  let squares = 0;
  for (const b of p.bias.parameter) squares += b * b;
  return Math.sqrt(squares);
}

/** λ(‖W_enc‖² + ‖W_dec‖²) over weights whose length is free, plus β‖b_enc‖; 0 without either. */
export function decayLoss(member: Member): number {
  const { weightDecay, biasDecay = 0 } = member.spec;
  const ofBias = biasDecay === 0 ? 0 : biasDecay * biasLength(member);
  if (weightDecay === undefined) return ofBias;
  let squares = 0;
  for (const weights of Object.values(decayed(member)))
    for (let i = 0; weights && i < weights.length; i++) squares += weights[i]! * weights[i]!;
  return weightDecay * squares + ofBias;
}

/** The gradient of b_enc with that of bias decay, β b / ‖b‖; it is 0 where all of b is. */
export function decayedBias(member: Member, w: Workspace, gradient: Float32Array): Float32Array {
  const { biasDecay } = member.spec;
  if (biasDecay === undefined) return gradient;
  const length = biasLength(member);
  const factor = length > 0 ? biasDecay / length : 0;
  const { parameter } = member.parameters.bias;
  const into = constraintRoom(member, w).bias!;
  for (let f = 0; f < into.length; f++) into[f] = gradient[f]! + factor * parameter[f]!;
  return into;
}

/** into = 2λ weights + more. */
function decayInto(
  into: Float32Array,
  weights: Float32Array,
  decay: number,
  more: Float32Array | undefined,
): Float32Array {
  for (let i = 0; i < weights.length; i++) into[i] = 2 * decay * weights[i]! + (more?.[i] ?? 0);
  return into;
}

/** Adds the gradient of weight decay, and takes those of frozen weights away. */
export function constrainedGradients(
  member: Member,
  w: Workspace,
  sources: readonly SparseGradient[],
  dense: DenseGradients,
): DenseGradients & { readonly sources: readonly SparseGradient[] } {
  const { weightDecay, freeze } = member.spec;
  let { denseEncoder, denseUnit, denseRaw } = dense;
  let all = sources;
  if (weightDecay === undefined && freeze === undefined) return { sources, ...dense };
  const room = constraintRoom(member, w);
  if (weightDecay !== undefined) {
    const { encoder, raw } = decayed(member);
    if (encoder) denseEncoder = decayInto(room.encoder!, encoder, weightDecay, denseEncoder);
    if (raw) denseRaw = decayInto(room.raw!, raw, weightDecay, denseRaw);
  }
  if (freeze !== undefined) {
    const longest = Math.max(...sources.map((s) => s.latentGrads.length), 0);
    if (room.zeros.length < longest) room.zeros = w.backend.float32(longest);
    all = sources.map((source) => ({
      x: source.x,
      residual: source.residual,
      residualScale: source.residualScale,
      latentIndptr: source.latentIndptr,
      rows: source.rows,
      latentValues: freeze === "encoder" ? source.latentValues : room.zeros,
      latentGrads: freeze === "encoder" ? room.zeros : source.latentGrads,
    }));
    if (freeze === "encoder") denseEncoder = undefined;
    else [denseUnit, denseRaw] = [undefined, undefined];
  }
  return { sources: all, denseEncoder, denseUnit, denseRaw };
}

/** The weights that are frozen, as they are before an update. */
export function keepFrozen(member: Member, w: Workspace): void {
  const { spec, parameters: p } = member;
  if (spec.freeze === "decoder") constraintRoom(member, w).kept!.set(p.unit);
}

/**
 * Puts weights back to where the constraints allow them after an update.
 *
 * @param moved By how much each atom moves is added to it.
 */
export async function constrainWeights(
  member: Member,
  w: Workspace,
  moved: Float32Array | undefined,
): Promise<void> {
  const { spec, parameters: p } = member;
  // Normalising atoms that did not move may change their last bits.
  if (spec.freeze === "decoder") p.unit.set(constraintRoom(member, w).kept!);
  if (spec.maxRotation !== undefined) limitRotation(member, spec.maxRotation, moved);
  if (spec.nonNegative === true) liftWeights(member, moved);
  if (spec.aligned === true) alignEncoder(p);
  else if (spec.nonNegative !== true) return;
  await packWeights(w.backend, member);
}

/**
 * Turns every atom u whose cosine with its start u₀ is below the least one, c, back to it:
 *
 *   u ← c u₀ + √(1 − c²) v,  v the unit vector of u − ⟨u, u₀⟩ u₀
 */
function limitRotation({ parameters: p }: Member, least: number, moved: Float32Array | undefined) {
  const { unit, start, dIn, dSae } = p;
  const aside = new Float64Array(dIn);
  for (let f = 0; f < dSae; f++) {
    const at = f * dIn;
    let cosine = 0;
    for (let j = 0; j < dIn; j++) cosine += unit[at + j]! * start![at + j]!;
    if (cosine >= least) continue;
    let squares = 0;
    for (let j = 0; j < dIn; j++) {
      aside[j] = unit[at + j]! - cosine * start![at + j]!;
      squares += aside[j]! ** 2;
    }
    const out = squares > 0 ? Math.sqrt((1 - least * least) / squares) : 0;
    let change = 0;
    const raw = p.raw!.parameter;
    const length = raw === unit ? 1 : Math.hypot(...raw.subarray(at, at + dIn));
    for (let j = 0; j < dIn; j++) {
      const next = Math.fround(least * start![at + j]! + out * aside[j]!);
      change += (next - unit[at + j]!) ** 2;
      unit[at + j] = next;
      if (raw !== unit) raw[at + j] = length * next;
    }
    if (moved) moved[f]! += Math.sqrt(change);
  }
}

/** Puts negative weights to 0, and the atoms that had some to length one again. */
function liftWeights({ parameters: p }: Member, moved: Float32Array | undefined): void {
  const { unit, dIn, dSae } = p;
  const raw = p.raw!.parameter;
  for (let f = 0; f < dSae; f++) {
    const row = raw.subarray(f * dIn, (f + 1) * dIn);
    if (row.every((v) => v >= 0)) continue;
    let squares = 0;
    for (let j = 0; j < dIn; j++) {
      row[j] = Math.max(0, row[j]!);
      squares += row[j]! * row[j]!;
    }
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    let change = 0;
    for (let j = 0; j < dIn; j++) {
      const next = Math.fround(scale * row[j]!);
      change += (next - unit[f * dIn + j]!) ** 2;
      unit[f * dIn + j] = next;
    }
    if (moved) moved[f]! += Math.sqrt(change);
  }
}
