/**
 * @file The fused step's SAE: its parameters, the counters that belong to them, and how it starts.
 */

import { type Backend, TYING } from "../../backend/backend.ts";
import { randomStream } from "../../base/philox.ts";
import type { AdamConstants } from "../architecture.ts";
import { centroidBytes } from "../init/centroids.ts";
import { fillWeights } from "../init/fill-weights.ts";
import { geometricMedian, meanOfRows } from "../init/geometric-median.ts";
import { orthogonalBytes } from "../init/orthogonal.ts";
import type { Draw } from "../trainable.ts";
import {
  alignEncoder,
  allocateParameters,
  decoderParameter,
  encoderWeights,
  type SaeParameters,
} from "./parameters.ts";
import { ruleOf } from "./rules/rules.ts";
import { firstMargin } from "./screen-margin.ts";
import type { LinearSpec } from "./spec.ts";

/** An SAE in training. */
export interface Member {
  readonly spec: LinearSpec;
  readonly parameters: SaeParameters;
  readonly adam: AdamConstants;
  /** Encoder weights as the backend wants them; renewed by every update. */
  packed: Uint8Array;
  /** Updates so far; the t of Adam's bias correction is counted from the last reinitialisation. */
  steps: number;
  adamSteps: number;
  /** Activations since each latent last fired, [d_sae]. */
  readonly tokensSinceFired: Float64Array;
  /** b_dec came with the starting weights, so the first batch does not set it. */
  keepsDecoderBias: boolean;
  /**
   * Fraction of latents that the last batch activated; decides between the sparse and the dense
   * path of ReLU.
   */
  density: number;
  /**
   * Running mean of the smallest score that a batch kept, for rules that select across the batch;
   * undefined before the first.
   */
  threshold: number | undefined;
  /**
   * Candidates beyond k that the next screen of top-k keeps; decides about time alone, so no
   * checkpoint holds it.
   */
  screenMargin: number;
}

/** What a member is made to be. */
export interface MemberOptions {
  readonly dIn: number;
  readonly dSae: number;
  readonly spec: LinearSpec;
  readonly adam: AdamConstants;
}

/** k that the encoder is packed for; 0 where any number of latents may be active. */
export function packedK({ selection }: LinearSpec, dSae: number): number {
  return ruleOf(selection).packedK(selection, dSae);
}

/**
 * A member with memory but no weights yet: call `initialiseWeights` or restore a checkpoint into
 * it.
 */
export function allocateMember(backend: Backend, options: MemberOptions): Member {
  const { dIn, dSae, spec } = options;
  const shape = {
    dIn,
    dSae,
    tying: spec.tying,
    decoderBias: spec.decoderBias !== undefined,
    keepsStart: spec.maxRotation !== undefined,
    vectors: Object.keys(firstVectors(spec)),
  };
  const packing = backend.encoderPacking({ dIn, dSae, k: packedK(spec, dSae) });
  return {
    spec,
    parameters: allocateParameters(backend, shape),
    adam: options.adam,
    packed: backend.bytes(packing.bytes),
    steps: 0,
    adamSteps: 0,
    tokensSinceFired: new Float64Array(dSae),
    keepsDecoderBias: false,
    density: 1,
    threshold: undefined,
    screenMargin: firstMargin(packedK(spec, dSae)),
  };
}

/** What the selection's own parameters start as. */
function firstVectors({ selection }: LinearSpec): Readonly<Record<string, number>> {
  return ruleOf(selection).vectors?.(selection) ?? {};
}

/** Packs the encoder's weights for the kernels. */
export async function packWeights(backend: Backend, member: Member): Promise<void> {
  const { parameters: p, spec, packed } = member;
  const shape = { dIn: p.dIn, dSae: p.dSae, k: packedK(spec, p.dSae) };
  await backend.packEncoder({ W: encoderWeights(p), packed, ...shape });
}

/**
 * Derives what is not a parameter (unit rows, packed weights) after the parameters were written.
 */
export async function refreshDerived(backend: Backend, member: Member): Promise<void> {
  const p = member.parameters;
  const rows = decoderParameter(p);
  if (rows !== p.unit)
    await backend.normalizeRows({ rows, unit: p.unit, count: p.dSae, columns: p.dIn });
  await packWeights(backend, member);
}

/** Takes the weights as they are now for the start that constraints refer to. */
export async function beginFrom(backend: Backend, member: Member): Promise<void> {
  const { parameters: p, spec } = member;
  await refreshDerived(backend, member);
  p.start?.set(p.unit);
  if (spec.aligned !== true) return;
  alignEncoder(p);
  await packWeights(backend, member);
}

/**
 * Draws fresh weights, puts b_enc to its start, and zeroes moments and Adam's clock. b_dec is kept.
 *
 * Untied encoders start as the transpose of the decoder when atoms have unit norm, otherwise with a
 * draw of their own.
 */
export async function initialiseWeights(
  backend: Backend,
  member: Member,
  { seed, restart }: Draw,
): Promise<void> {
  const { parameters: p, spec } = member;
  const name = restart === 0 ? "" : `/reinitialised/${restart}`;
  const parameter = decoderParameter(p);
  // Centroids come later, and only to the first start: rows are not kept.
  const how = spec.weightInit === "k_means" ? "unit_normal" : spec.weightInit;
  const fill = (stream: string, out: Float32Array) =>
    fillWeights(backend, how, randomStream(seed, `weights/${stream}${name}`), out, p.dSae, p.dIn);
  await fill("decoder", parameter);
  // Where the decoder's rows are the parameter, they have length one from the start, however they
  // are drawn.
  const hasUnitAtoms = how === "unit_normal" || spec.tying === TYING.untiedUnit;
  if (parameter === p.unit && how !== "unit_normal")
    await backend.normalizeRows({ rows: p.unit, unit: p.unit, count: p.dSae, columns: p.dIn });
  if (p.encoder && p.encoder.parameter !== parameter) {
    if (hasUnitAtoms) p.encoder.parameter.set(parameter);
    else await fill("encoder", p.encoder.parameter);
  }
  if (spec.nonNegative === true)
    for (let i = 0; i < parameter.length; i++) parameter[i] = Math.abs(parameter[i]!);
  p.bias.parameter.fill(spec.encoderBiasStart ?? 0);
  for (const [name, value] of Object.entries(firstVectors(spec)))
    p.vectors[name]!.parameter.fill(value);
  for (const state of [p.encoder, p.raw, p.bias, p.decoderBias, ...Object.values(p.vectors)]) {
    state?.m.fill(0);
    state?.v.fill(0);
  }
  member.adamSteps = 0;
  member.threshold = undefined;
  await beginFrom(backend, member);
}

/**
 * Sets b_dec from the first batch x [batch, d_in], as the spec says; not where it came with the
 * starting weights.
 */
export async function initialiseDecoderBias(
  backend: Backend,
  member: Member,
  x: Float32Array,
  batch: number,
): Promise<void> {
  const { parameters: p, spec } = member;
  if (!p.decoderBias || spec.decoderBias === "zero" || member.keepsDecoderBias) return;
  if (typeof spec.decoderBias === "number") {
    p.decoderBias.parameter.fill(spec.decoderBias);
    return;
  }
  const centre = spec.decoderBias === "mean" ? meanOfRows : geometricMedian;
  p.decoderBias.parameter.set(await centre(backend, x, batch, p.dIn));
}

/** Bytes that drawing the weights and finding b_dec take for a moment. */
export function startingBytes(
  backend: Backend,
  { parameters: p, spec }: Member,
  batch: number,
): number {
  const { decoderBias, centroids } = spec;
  const isMedian = decoderBias === "geometric_median";
  const draw = spec.weightInit === "orthogonal" ? orthogonalBytes(p.dSae, p.dIn) : 0;
  const median = isMedian ? 4 * batch * p.dIn : 0;
  if (!centroids) return Math.max(draw, median);
  const { rows } = centroids;
  const clustering = centroidBytes(backend, { rows, d: p.dIn, count: p.dSae });
  return Math.max(clustering, isMedian ? 8 * rows * p.dIn : 0);
}
