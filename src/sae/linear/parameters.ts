/**
 * @file The numbers of one SAE and of its optimiser.
 *
 * In memory weights have one latent a row, [d_sae, d_in], which is how the kernels walk them. On
 * disk they follow SAELens (W_enc [d_in, d_sae]); saelens.ts converts.
 */

import { type AdamState, type Backend, TYING, type Tying } from "../../backend/backend.ts";

/** The arrays of one SAE; which are parameters depends on the tying. */
export interface SaeParameters {
  readonly dIn: number;
  readonly dSae: number;
  readonly tying: Tying;
  /** Encoder [d_sae, d_in] and its moments; undefined with tiedNormalized. */
  readonly encoder: AdamState | undefined;
  /**
   * Parameter of the decoder; undefined with tiedRaw, its `parameter` is `unit` with untiedUnit.
   */
  readonly raw: AdamState | undefined;
  /** The decoder: rows of length one, [d_sae, d_in]. */
  readonly unit: Float32Array;
  /** b_enc [d_sae]. */
  readonly bias: AdamState;
  /** b_dec [d_in]. */
  readonly decoderBias: AdamState | undefined;
  /** The atoms as they started, [d_sae, d_in]; where they may not turn far from that. */
  readonly start: Float32Array | undefined;
  /** The selection's own parameters by name, [d_sae]. */
  readonly vectors: Readonly<Record<string, AdamState>>;
}

function adamState(backend: Backend, parameter: Float32Array): AdamState {
  return {
    parameter,
    m: backend.float32(parameter.length),
    v: backend.float32(parameter.length),
  };
}

/** Zeroed parameters of the given shape. */
export function allocateParameters(
  backend: Backend,
  shape: {
    dIn: number;
    dSae: number;
    tying: Tying;
    decoderBias: boolean;
    keepsStart: boolean;
    vectors: readonly string[];
  },
): SaeParameters {
  const { dIn, dSae, tying } = shape;
  const unit = backend.float32(dSae * dIn);
  const weights = () => adamState(backend, backend.float32(dSae * dIn));
  return {
    dIn,
    dSae,
    tying,
    encoder: tying === TYING.tiedNormalized ? undefined : weights(),
    raw:
      tying === TYING.tiedRaw
        ? undefined
        : tying === TYING.untiedUnit
          ? adamState(backend, unit)
          : weights(),
    unit,
    bias: adamState(backend, backend.float32(dSae)),
    decoderBias: shape.decoderBias ? adamState(backend, backend.float32(dIn)) : undefined,
    start: shape.keepsStart ? backend.float32(dSae * dIn) : undefined,
    vectors: Object.fromEntries(
      shape.vectors.map((name) => [name, adamState(backend, backend.float32(dSae))]),
    ),
  };
}

/** The matrix that encodes, [d_sae, d_in]. */
export function encoderWeights(p: SaeParameters): Float32Array {
  return p.encoder?.parameter ?? p.unit;
}

/** The matrix whose normalised rows are the decoder: the parameter that couplings pull. */
export function decoderParameter(p: SaeParameters): Float32Array {
  return (p.tying === TYING.tiedRaw ? p.encoder : p.raw)!.parameter;
}

/** Every array by name, for checkpoints; aliases (unit = raw of untiedUnit) appear once. */
export function namedArrays(p: SaeParameters): Record<string, Float32Array> {
  const named: Record<string, Float32Array> = {};
  const add = (name: string, state: AdamState | undefined) => {
    if (!state) return;
    named[name] = state.parameter;
    named[`${name}.m`] = state.m;
    named[`${name}.v`] = state.v;
  };
  add("encoder", p.encoder);
  add("raw", p.raw);
  add("b_enc", p.bias);
  add("b_dec", p.decoderBias);
  for (const [name, state] of Object.entries(p.vectors)) add(name, state);
  if (p.start) named["start"] = p.start;
  if (p.tying !== TYING.untiedUnit) named["unit"] = p.unit;
  return named;
}

/** e ← e + (1 − ⟨e, d⟩) d for every latent, d its atom: ⟨e, d⟩ becomes 1. For untied weights. */
export function alignEncoder({ encoder, unit, dIn, dSae }: SaeParameters): void {
  const rows = encoder!.parameter;
  for (let f = 0; f < dSae; f++) {
    const at = f * dIn;
    let product = 0;
    for (let j = 0; j < dIn; j++) product += rows[at + j]! * unit[at + j]!;
    for (let j = 0; j < dIn; j++) rows[at + j]! += (1 - product) * unit[at + j]!;
  }
}
