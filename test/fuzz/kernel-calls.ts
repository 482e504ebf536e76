/**
 * @file One good call of every kernel of the native core, on shapes that are not multiples of
 *   anything.
 */

import type { Addon } from "../../src/backend/native/load-addon.ts";
import { forwardCall } from "../support/forward-call.ts";
import { normals } from "../support/random.ts";

/** Arguments of a kernel: numbers, typed arrays, flags, and lists and objects of them. */
export type Call = Record<string, unknown>;

const [BATCH, D_IN, D_SAE, K] = [13, 21, 560, 4] as const;
const NNZ = BATCH * K;

const floats = (name: string, length: number) => normals(name, length);
const zeros = (length: number) => new Float32Array(length);
const ints = (length: number, at: (i: number) => number = () => 0) =>
  Int32Array.from({ length }, (_, i) => at(i));

const adam = () => ({
  lr: 0.01,
  beta1: 0.9,
  beta2: 0.99,
  eps: 1e-8,
  correction1: 0.1,
  correction2: 0.01,
});
const state = (name: string, length: number) => ({
  parameter: floats(name, length),
  m: zeros(length),
  v: zeros(length),
});

function parts(): Call {
  const latentIndptr = ints(D_SAE + 1, (i) => Math.min(i, NNZ));
  const source = {
    latentIndptr,
    rows: ints(NNZ, (i) => i % BATCH),
    latentValues: floats("values", NNZ),
    latentGrads: floats("grads", NNZ),
    x: floats("x", BATCH * D_IN),
    residual: floats("residual", BATCH * D_IN),
    residualScale: 0.1,
  };
  return {
    dIn: D_IN,
    dSae: D_SAE,
    tying: 1,
    encoder: state("encoder", D_SAE * D_IN),
    raw: state("raw", D_SAE * D_IN),
    unit: floats("unit", D_SAE * D_IN),
    bias: state("bias", D_SAE),
    biasGrad: floats("bias grad", D_SAE),
    sources: [source],
    denseEncoder: floats("dense encoder", D_SAE * D_IN),
    keptEncoder: zeros(D_SAE * D_IN),
    keptRaw: zeros(D_SAE * D_IN),
  };
}

function code(): Call {
  return {
    indptr: ints(BATCH + 1, (i) => i * K),
    indices: ints(NNZ, (i) => (i % K) * 100 + i),
    values: floats("values", NNZ),
  };
}

/** Images [2, 5, 4, 3] and a kernel [3, 2, 3, 4] with stride 2 and padding 1. */
function convolution(): Call {
  return {
    images: 2,
    height: 5,
    width: 4,
    channels: 3,
    outHeight: 3,
    outWidth: 3,
    filters: 4,
    kernelHeight: 3,
    kernelWidth: 2,
    stride: 2,
    padding: 1,
    x: floats("x", 2 * 5 * 4 * 3),
    weights: floats("W", 3 * 2 * 3 * 4),
    y: floats("y", 2 * 3 * 3 * 4),
    bias: floats("bias", 4),
    accumulate: true,
  };
}

/**
 * Fresh arguments for every kernel that `addon` exports; `configure` and the like are not kernels.
 */
export function kernelCalls(addon: Addon): Record<string, () => Call> {
  const W = floats("W", D_SAE * D_IN);
  const packedBytes = (k: number) => addon.encoderPacking({ dIn: D_IN, dSae: D_SAE, k }).bytes;
  const key = () => ({ k0: 7, k1: 2 ** 32 - 1 });
  return {
    encoderPacking: () => ({ dIn: D_IN, dSae: D_SAE, k: K }),
    packEncoder: () => ({
      dIn: D_IN,
      dSae: D_SAE,
      k: K,
      W,
      packed: new Uint8Array(packedBytes(K)),
    }),
    encodeTopK: () => ({
      batch: BATCH,
      dIn: D_IN,
      dSae: D_SAE,
      k: K,
      margin: 8,
      x: floats("x", BATCH * D_IN),
      W,
      bias: floats("bias", D_SAE),
      packed: new Uint8Array(packedBytes(K)),
      relu: false,
      indices: ints(NNZ),
      values: zeros(NNZ),
    }),
    encodePositive: () => ({
      batch: BATCH,
      dIn: D_IN,
      dSae: D_SAE,
      x: floats("x", BATCH * D_IN),
      W,
      bias: floats("bias", D_SAE),
      packed: new Uint8Array(packedBytes(0)),
      indptr: ints(BATCH + 1),
      indices: ints(BATCH * D_SAE),
      values: zeros(BATCH * D_SAE),
    }),
    searchPacking: () => ({ d: D_IN, columnCount: D_SAE, k: K }),
    packColumns: () => ({
      d: D_IN,
      columnCount: D_SAE,
      k: K,
      columns: W,
      order: ints(D_SAE, (i) => D_SAE - 1 - i),
      packed: new Uint8Array(packedBytes(K)),
    }),
    searchTopK: () => ({
      d: D_IN,
      columnCount: D_SAE,
      k: K,
      rows: floats("x", BATCH * D_IN),
      count: BATCH,
      columns: W,
      prices: floats("bias", D_SAE),
      packed: new Uint8Array(packedBytes(K)),
      margin: 8,
      floor: floats("floor", BATCH),
      groups: {
        size: 32,
        order: ints(D_SAE, (i) => D_SAE - 1 - i),
        wanted: ints(BATCH, (i) => i * 77),
        reach: zeros(BATCH * Math.ceil(D_SAE / 32)),
      },
      candidates: ints(NNZ),
      scores: zeros(NNZ),
    }),
    decode: () => ({
      ...code(),
      batch: BATCH,
      dIn: D_IN,
      wDec: W,
      target: floats("x", BATCH * D_IN),
      targetScale: 1,
      residual: zeros(BATCH * D_IN),
      rowLoss: zeros(BATCH),
      codeGrad: zeros(NNZ),
      residualScale: 0.1,
      l1: 0.01,
      positiveOnly: true,
    }),
    transpose: () => ({
      ...code(),
      batch: BATCH,
      dSae: D_SAE,
      codeGrad: floats("grads", NNZ),
      latentIndptr: ints(D_SAE + 1),
      rows: ints(NNZ),
      latentValues: zeros(NNZ),
      latentGrads: zeros(NNZ),
      biasGrad: zeros(D_SAE),
      activeRows: ints(D_SAE),
      magnitudes: new Float64Array(D_SAE),
    }),
    weightedRowSum: () => ({
      matrix: W,
      weight: floats("weight", D_SAE),
      rows: D_SAE,
      columns: D_IN,
      out: zeros(D_IN),
    }),
    update: () => ({
      ...parts(),
      clip: 0.5,
      adam: adam(),
      moved: zeros(D_SAE),
      packed: new Uint8Array(packedBytes(K)),
      k: K,
    }),
    gradientNorm: () => ({ ...parts(), norm2: zeros(D_SAE) }),
    updateVector: () => ({
      ...state("vector", D_IN),
      gradient: floats("gradient", D_IN),
      clip: 1,
      n: D_IN,
      adam: adam(),
    }),
    gemm: () => ({
      a: floats("a", BATCH * D_IN),
      b: floats("b", D_IN * K),
      c: zeros(BATCH * K),
      m: BATCH,
      n: K,
      k: D_IN,
      transposeA: true,
      beta: 0.5,
    }),
    center: () => ({
      x: floats("x", BATCH * D_IN),
      offset: floats("offset", D_IN),
      batch: BATCH,
      dIn: D_IN,
      out: zeros(BATCH * D_IN),
    }),
    normalizeRows: () => ({
      rows: floats("x", BATCH * D_IN),
      unit: zeros(BATCH * D_IN),
      count: BATCH,
      columns: D_IN,
    }),
    biasRelu: () => ({
      scores: floats("x", BATCH * D_IN),
      bias: floats("bias", D_IN),
      batch: BATCH,
      dSae: D_IN,
      active: ints(BATCH),
      sum: zeros(BATCH),
    }),
    maskGradient: () => ({ grad: floats("x", 99), code: floats("y", 99), n: 99, scale: 2, l1: 0 }),
    gatherRows: () => ({
      matrix: W,
      index: ints(BATCH, (i) => i * 40),
      count: BATCH,
      columns: D_IN,
      out: zeros(BATCH * D_IN),
    }),
    activate: () => ({ kind: 1, x: floats("x", 99), out: zeros(99), n: 99 }),
    activateGradient: () => ({
      kind: 2,
      x: floats("x", 99),
      grad: floats("y", 99),
      out: zeros(99),
      n: 99,
      accumulate: true,
    }),
    convolve: convolution,
    convolveBack: convolution,
    convolveWeights: () => ({ ...convolution(), bias: undefined }),
    bestMatches: () => ({
      a: W,
      b: floats("b", 77 * D_IN),
      n: D_SAE,
      m: 77,
      d: D_IN,
      bestOfA: zeros(D_SAE),
      partnerOfA: ints(D_SAE),
      bestOfB: zeros(77),
      partnerOfB: ints(77),
    }),
    assign: () => ({
      n: BATCH,
      m: 17,
      indptr: ints(BATCH + 1, (i) => i * 5),
      columns: ints(BATCH * 5, (i) => (Math.floor(i / 5) + 3 * (i % 5)) % 17),
      similarity: floats("similarity", BATCH * 5),
      bound: floats("bound", BATCH),
      start: new Float64Array(17),
      v: new Float64Array(17),
      u: new Float64Array(BATCH),
      margin: new Float64Array(BATCH),
      columnOfRow: ints(BATCH),
    }),
    pullRows: () => ({
      unit: W,
      parameter: floats("parameter", D_SAE * D_IN),
      dSae: D_SAE,
      dIn: D_IN,
      indptr: ints(D_SAE + 1, (i) => i),
      partner: ints(D_SAE, (i) => i % 2),
      row: ints(D_SAE, (i) => i % 50),
      weight: floats("weight", D_SAE),
      partners: [floats("one", 50 * D_IN), floats("two", 60 * D_IN)],
      out: zeros(D_SAE * D_IN),
    }),
    raiseReach: () => ({
      reach: floats("reach", BATCH * 5),
      rows: BATCH,
      groups: 5,
      byRow: floats("by row", BATCH),
      byGroup: floats("by group", 5),
      level: zeros(BATCH),
      above: ints(BATCH),
      most: zeros(BATCH),
    }),
    linearPacking: () => ({ inputs: D_IN, outputs: 70 }),
    packLinear: () => ({
      weight: floats("weight", D_IN * 70),
      transposed: true,
      inputs: D_IN,
      outputs: 70,
      packed: new Uint8Array(addon.linearPacking({ inputs: D_IN, outputs: 70 })),
    }),
    forward: () => {
      const { call } = forwardCall(addon, {
        positions: BATCH,
        lengths: [BATCH, 0, 3],
        window: 5,
        cap: 2,
      });
      return { ...call };
    },
    pairedDots: () => ({
      a: floats("a", BATCH * D_IN),
      b: W,
      index: ints(BATCH, (i) => i * 40),
      count: BATCH,
      d: D_IN,
      out: zeros(BATCH),
    }),
    fillRandom: () => ({ ...key(), start: 5, out: zeros(77), normal: true, scale: 2 }),
    shuffle: () => ({ ...key(), order: ints(77, (i) => i) }),
    syntheticRows: () => ({
      features: W,
      count: D_SAE,
      dIn: D_IN,
      coefficients: 1,
      groups: 7,
      groupSize: 80,
      active: 5,
      weights: floats("weights", 80).map(Math.abs),
      noise: 0.1,
      key: key(),
      noiseKey: key(),
      start: 3,
      rows: 70,
      out: zeros(70 * D_IN),
    }),
    drawSupports: () => ({
      groups: 7,
      groupSize: 80,
      active: 5,
      weights: floats("weights", 80).map(Math.abs),
      key: key(),
      draw: 2,
      out: ints(35),
    }),
    widenRows: () => ({
      chunks: [new Uint16Array(10 * D_IN), new Uint16Array(6 * D_IN)],
      rowsPerChunk: 10,
      dtype: "float16",
      columns: D_IN,
      index: ints(BATCH, (i) => i),
      count: BATCH,
      out: zeros(BATCH * D_IN),
    }),
    placeRows: () => ({
      from: new Uint16Array(BATCH * D_IN),
      chunks: [new Uint16Array(10 * D_IN), new Uint16Array(6 * D_IN)],
      rowsPerChunk: 10,
      columns: D_IN,
      index: ints(BATCH, (i) => 15 - i),
      count: BATCH,
    }),
    narrow: () => ({ x: floats("x", 777), dtype: "bfloat16", out: new Uint16Array(777) }),
    checksum: () => ({ bytes: new Uint8Array(1001) }),
  };
}
