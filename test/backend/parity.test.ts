import { describe, expect, test } from "vitest";
import {
  ACTIVATION,
  type Backend,
  type ConvolutionShape,
  TYING,
  type Tying,
} from "../../src/backend/backend.ts";
import { expectAllclose } from "../support/allclose.ts";
import { nativeIsas, openNative, reference } from "../support/backends.ts";
import { forwardCall } from "../support/forward-call.ts";
import { normals } from "../support/random.ts";

type Outputs = Readonly<Record<string, ArrayLike<number>>>;

/** None is a multiple of a tile; two have patches that are longer than a block of depth. */
const CONVOLUTIONS: readonly ConvolutionShape[] = [
  [1, 5, 4, 1, 3, 3, 1, 3, 2, 2, 1],
  [3, 7, 6, 5, 7, 6, 33, 3, 3, 1, 1],
  [2, 9, 8, 31, 4, 4, 3, 3, 3, 2, 1],
  [20, 3, 3, 300, 1, 1, 5, 3, 3, 1, 0],
  [2, 2, 2, 3, 5, 4, 270, 2, 3, 1, 3],
  [5, 12, 31, 1, 12, 31, 40, 3, 3, 1, 1],
].map(([images, height, width, channels, outHeight, outWidth, filters, ...rest]) => {
  const [kernelHeight, kernelWidth, stride, padding] = rest;
  return {
    images: images!,
    height: height!,
    width: width!,
    channels: channels!,
    outHeight: outHeight!,
    outWidth: outWidth!,
    filters: filters!,
    kernelHeight: kernelHeight!,
    kernelWidth: kernelWidth!,
    stride: stride!,
    padding: padding!,
  };
});

/** What the reference computed, by test and by the number of the work in it. */
const references = new Map<string, Outputs>();
let [running, works] = ["", 0];

/** What the reference computes for a test: once, because no instruction set changes it. */
async function referenceOf(isa: string, work: (backend: Backend) => Promise<Outputs>) {
  const name = expect.getState().currentTestName!;
  works = name === running ? works + 1 : 0;
  running = name;
  const key = `${name.replace(isa, "")} ${works}`;
  const known = references.get(key) ?? (await work(reference));
  references.set(key, known);
  return known;
}

/**
 * Runs the same work on the reference and on a native backend, and compares every output but
 * `unlike`, which the test compares in its own way.
 */
async function compare(
  isa: string,
  work: (backend: Backend) => Promise<Outputs>,
  tolerance = { rtol: 2e-5, atol: 2e-6 },
  unlike?: string,
): Promise<{ readonly expected: Outputs; readonly received: Outputs }> {
  const expected = await referenceOf(isa, work);
  const received = await work(openNative(isa));
  for (const name of Object.keys(expected))
    if (name !== unlike) expectAllclose(received[name]!, expected[name]!, tolerance, name);
  return { expected, received };
}

const ADAM = {
  lr: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  correction1: 0.271,
  correction2: 0.003,
};

interface Shape {
  readonly batch: number;
  readonly dIn: number;
  readonly dSae: number;
  readonly k: number;
}

/**
 * Seventy-five rows per latent: gradients are gathered for groups of latents, and some rows at a
 * time.
 */
const MANY_ROWS: Shape = { batch: 300, dIn: 600, dSae: 40, k: 10 };

/**
 * None is a multiple of a tile; from 16 (k + 16) latents on, scores are screened in low precision.
 */
const SHAPES: readonly Shape[] = [
  { batch: 45, dIn: 29, dSae: 160, k: 4 },
  { batch: 1, dIn: 1, dSae: 1, k: 1 },
  { batch: 3, dIn: 131, dSae: 7, k: 7 },
  { batch: 70, dIn: 17, dSae: 1003, k: 9 },
  { batch: 13, dIn: 96, dSae: 515, k: 3 },
];
const [{ batch: BATCH, dIn: D_IN, dSae: D_SAE }] = SHAPES as [Shape];
const shapes = SHAPES.map((s) => [`[${s.batch}, ${s.dIn}] × ${s.dSae}, k ${s.k}`, s] as const);

async function encode(b: Backend, { batch, ...shape }: Shape, relu: boolean) {
  const { dIn, dSae, k } = shape;
  const W = normals("W", dSae * dIn);
  const packed = b.bytes(b.encoderPacking(shape).bytes);
  await b.packEncoder({ ...shape, W, packed });
  const indices = b.int32(batch * k);
  const values = b.float32(batch * k);
  await b.encodeTopK({
    ...shape,
    W,
    packed,
    relu,
    batch,
    margin: 12,
    indices,
    values,
    x: normals("x", batch * dIn),
    bias: normals("bias", dSae, 0.2),
  });
  return { W, packed, indices, values };
}

async function step(b: Backend, shape: Shape, tying: Tying) {
  const { batch, dIn, dSae, k } = shape;
  const { indices, values } = await encode(b, shape, false);
  const indptr = Int32Array.from({ length: batch + 1 }, (_, i) => i * k);
  const x = normals("x", batch * dIn);
  const raw = normals("raw", dSae * dIn);
  const encoder = normals("encoder", dSae * dIn);
  const unit = b.float32(dSae * dIn);
  const rows = tying === TYING.tiedRaw ? encoder : raw;
  await b.normalizeRows({ rows, unit, count: dSae, columns: dIn });
  const residual = b.float32(batch * dIn);
  const rowLoss = b.float32(batch);
  const codeGrad = b.float32(batch * k);
  const code = { indptr, indices, values };
  const residualScale = 2 / batch;
  await b.decode({
    ...code,
    batch,
    dIn,
    wDec: unit,
    target: x,
    targetScale: 1,
    residual,
    rowLoss,
    codeGrad,
    residualScale,
    l1: 0.01,
    positiveOnly: true,
  });
  const latent = {
    latentIndptr: b.int32(dSae + 1),
    rows: b.int32(batch * k),
    latentValues: b.float32(batch * k),
    latentGrads: b.float32(batch * k),
  };
  const biasGrad = b.float32(dSae);
  const counts = { activeRows: b.int32(dSae), magnitudes: new Float64Array(dSae) };
  await b.transpose({ ...code, ...latent, ...counts, batch, dSae, codeGrad, biasGrad });
  const moments = (parameter: Float32Array) => ({
    parameter,
    m: new Float32Array(parameter.length).fill(0.01),
    v: new Float32Array(parameter.length).fill(0.02),
  });
  const bias = moments(normals("bias", dSae));
  const states = {
    encoder: moments(encoder),
    raw: moments(tying === TYING.untiedUnit ? unit : raw),
  };
  const parts = {
    dIn,
    dSae,
    tying,
    unit,
    bias,
    biasGrad,
    ...states,
    sources: [{ ...latent, x, residual, residualScale }],
    denseRaw: normals("pull", dSae * dIn, 0.1),
  };
  const norm2 = b.float32(dSae);
  await b.gradientNorm({ ...parts, norm2 });
  const moved = b.float32(dSae).fill(1);
  const bad = [await b.update({ ...parts, clip: 0.5, adam: ADAM, moved })];
  const { rows: latentRows, ...sparse } = latent;
  return {
    residual,
    rowLoss,
    codeGrad,
    ...sparse,
    latentRows,
    biasGrad,
    norm2,
    unit,
    moved,
    bad,
    biasParameter: bias.parameter,
    biasM: bias.m,
    biasV: bias.v,
    encoderM: states.encoder.m,
    rawM: states.raw.m,
    rawV: states.raw.v,
    encoder,
    raw,
  };
}

/** An update whose gradients come from two sparse sources and from all dense matrices at once. */
async function manySources(b: Backend, tying: Tying, perLatent: readonly [number, number]) {
  const [rows, dIn, dSae] = [20, 19, 43];
  const source = (name: string, count: number) => ({
    latentIndptr: Int32Array.from({ length: dSae + 1 }, (_, f) => f * count),
    rows: Int32Array.from({ length: dSae * count }, (_, i) => (i * 7) % rows),
    latentValues: normals(`${name} values`, dSae * count),
    latentGrads: normals(`${name} grads`, dSae * count),
    x: normals(`${name} x`, rows * dIn),
    residual: normals(`${name} residual`, rows * dIn),
    residualScale: 0.1,
  });
  const encoder = normals("encoder", dSae * dIn);
  const raw = normals("raw", dSae * dIn);
  const unit = b.float32(dSae * dIn);
  const parameter = tying === TYING.tiedRaw ? encoder : raw;
  await b.normalizeRows({ rows: parameter, unit, count: dSae, columns: dIn });
  const moments = (of: Float32Array) => ({
    parameter: of,
    m: new Float32Array(of.length),
    v: new Float32Array(of.length).fill(1),
  });
  const rawParameter = tying === TYING.untiedUnit ? unit : raw;
  const parts = {
    dIn,
    dSae,
    tying,
    unit,
    encoder: moments(encoder),
    raw: moments(rawParameter),
    sources: [source("one", perLatent[0]), source("two", perLatent[1])],
    denseEncoder: normals("dense encoder", dSae * dIn),
    denseUnit: normals("dense unit", dSae * dIn),
    denseRaw: normals("dense raw", dSae * dIn),
    keptEncoder: b.float32(dSae * dIn),
    keptRaw: b.float32(dSae * dIn),
  };
  const norm2 = b.float32(dSae);
  await b.gradientNorm({ ...parts, norm2 });
  await b.update({ ...parts, clip: 0.7, adam: ADAM });
  return { norm2, unit, encoder, raw, encoderM: parts.encoder.m, rawM: parts.raw.m };
}

describe.each([...nativeIsas])("the %s kernels agree with the reference", (isa) => {
  test.each(shapes)("on top-k of %s", async (_name, shape) => {
    for (const relu of [true, false])
      await compare(isa, async (b) => {
        const { indices, values } = await encode(b, shape, relu);
        return { indices, values };
      });
  });

  describe.each(Object.entries(TYING))("on a step that is %s", (_name, tying) => {
    test.each([...shapes, ["many rows a latent", MANY_ROWS] as const])(
      "of %s",
      async (_shape, shape) => {
        // Residuals are small differences of numbers near 30.
        await compare(isa, (b) => step(b, shape, tying), { rtol: 2e-5, atol: 1e-5 });
      },
    );

    test.each([
      [3, 5],
      [40, 30],
    ] as const)(
      "with two sparse sources of %d and %d rows a latent and all dense gradients",
      async (...rows) => {
        await compare(isa, (b) => manySources(b, tying, rows));
      },
    );

    test("with many rows a latent, to the same bytes for any number of threads", async () => {
      const one = await step(openNative(isa, 1), MANY_ROWS, tying);
      for (const threads of [2, 3])
        expect(await step(openNative(isa, threads), MANY_ROWS, tying)).toEqual(one);
    });
  });

  test.each([
    { positions: 1, lengths: [1, 0, 1], window: 0, cap: 0 },
    { positions: 41, lengths: [41, 3, 26], window: 0, cap: 0 },
    { positions: 150, lengths: [150, 149, 33], window: 35, cap: 2 },
  ])("on a forward pass with every kind of step: %j", async (shape) => {
    const { received } = await compare(
      isa,
      async (b) => {
        const { call, outputs, weights } = forwardCall(b, shape);
        for (const weight of weights) await b.packLinear(weight);
        await b.forward(call);
        return outputs;
      },
      { rtol: 2e-5, atol: 2e-5 },
    );
    const one = openNative(isa, 1);
    const { call, outputs, weights } = forwardCall(one, shape);
    for (const weight of weights) await one.packLinear(weight);
    await one.forward(call);
    expect(outputs).toEqual(received);
    // A window by itself has the same bytes.
    const last = (all: Float32Array) => all.subarray((all.length / 3) * 2);
    const buffers = call.buffers.map((b) =>
      b.output ? { ...b, output: new Float32Array(last(b.output).length) } : b,
    );
    const tokens = call.tokens.subarray(2 * shape.positions);
    const lengths = call.lengths.subarray(2);
    await one.forward({ ...call, windows: 1, tokens, lengths, buffers });
    for (const [i, { output }] of call.buffers.entries())
      if (output) expect(buffers[i]!.output).toEqual(last(output));
  });

  test("on one step of Adam on a vector", async () => {
    await compare(isa, async (b) => {
      const state = { parameter: normals("p", 77), m: normals("m", 77), v: new Float32Array(77) };
      state.v.fill(0.3);
      const adam = { ...ADAM, eps: 1e-3 };
      await b.updateVector({ ...state, gradient: normals("g", 77), clip: 0.4, n: 77, adam });
      return state;
    });
  });

  test.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])("on products of transposed matrices (%s, %s), added to what is there", async (ta, tb) => {
    await compare(isa, async (b) => {
      const outputs: Record<string, Float32Array> = {};
      for (const [m, n, k] of [
        [1, 1, 1],
        [5, 67, 33],
        [37, 3, 300],
        [2, 4, 0],
      ] as const) {
        const c = normals("c", m * n);
        const [a, other] = [normals("a", m * k), normals("b", k * n)];
        await b.gemm({
          a,
          b: other,
          c,
          m,
          n,
          k,
          transposeA: ta,
          transposeB: tb,
          alpha: 2,
          beta: 0.5,
        });
        outputs[`${m} ${n} ${k}`] = c;
      }
      return outputs;
    });
  });

  test("on positive scores, and on how many there are when they do not fit", async () => {
    await compare(isa, async (b) => {
      const shape = { dIn: D_IN, dSae: D_SAE, k: 0 };
      const W = normals("W", D_SAE * D_IN);
      const packed = b.bytes(b.encoderPacking(shape).bytes);
      await b.packEncoder({ ...shape, W, packed });
      const run = (capacity: number) => {
        const out = {
          indptr: b.int32(BATCH + 1),
          indices: b.int32(capacity),
          values: b.float32(capacity),
        };
        const x = normals("x", BATCH * D_IN);
        return b
          .encodePositive({ ...shape, ...out, x, batch: BATCH, W, bias: undefined, packed })
          .then((nnz) => ({ ...out, nnz }));
      };
      const small = await run(3);
      const whole = await run(small.nnz);
      return { ...whole, nnz: [small.nnz, whole.nnz] };
    });
  });

  test("on dense work", async () => {
    await compare(isa, async (b) => {
      const [m, n, k] = [33, 50, 70];
      const c = normals("c", m * n);
      const a = normals("a", m * k);
      await b.gemm({
        a,
        b: normals("b", k * n),
        c,
        m,
        n,
        k,
        transposeB: true,
        alpha: 0.5,
        beta: 2,
      });
      const scores = c.slice();
      const [active, sum] = [b.int32(m), b.float32(m)];
      await b.biasRelu({ scores, bias: normals("bias", n), batch: m, dSae: n, active, sum });
      const grad = normals("grad", m * n);
      await b.maskGradient({ grad, code: scores, n: m * n, scale: 0.3, l1: 0.1 });
      const gathered = b.float32(4 * k);
      const index = Int32Array.of(5, 0, 32, 5);
      await b.gatherRows({ matrix: a, index, count: 4, columns: k, out: gathered });
      const total = b.float32(n);
      await b.weightedRowSum({ matrix: c, weight: sum, rows: m, columns: n, out: total });
      const centred = b.float32(m * k);
      a[2 * k + 1] = Number.NaN;
      const bad = [await b.center({ x: a, batch: m, dIn: k, out: centred })];
      return { c, scores, active, sum, grad, gathered, total, bad };
    });
  });

  test.each(Object.entries(ACTIVATION))("on %s and its derivative", async (_, kind) => {
    const x = normals("x", 40_001, 3);
    x.set([0, -0, 40, -40, 1e30, -1e30]);
    const n = x.length;
    await compare(isa, async (b) => {
      const [out, gradient, added] = [b.float32(n), b.float32(n), normals("there", n)];
      await b.activate({ kind, x, out, n });
      const grad = normals("grad", n);
      await b.activateGradient({ kind, x, grad, out: gradient, n });
      await b.activateGradient({ kind, x, grad, out: added, n, accumulate: true });
      return { out, gradient, added };
    });
  });

  test.each(CONVOLUTIONS)("on a convolution, and what is derived from it: %j", async (shape) => {
    const { images, height, width, channels, outHeight, outWidth, filters } = shape;
    const [ofX, ofY] = [
      images * height * width * channels,
      images * outHeight * outWidth * filters,
    ];
    const ofW = shape.kernelHeight * shape.kernelWidth * channels * filters;
    const [x, y, weights] = [normals("x", ofX), normals("y", ofY), normals("W", ofW)];
    await compare(
      isa,
      async (b) => {
        const [toX, toY, toW] = [normals("to x", ofX), normals("to y", ofY), normals("to W", ofW)];
        const accumulate = images % 2 === 1;
        const bias = normals("bias", filters);
        await b.convolve({ ...shape, x, weights, y: toY, bias, accumulate });
        const ofChannels = normals("bias", channels);
        await b.convolveBack({ ...shape, x: toX, weights, y, bias: ofChannels, accumulate });
        await b.convolveWeights({ ...shape, x, weights: toW, y, accumulate });
        const plain = b.float32(ofY);
        await b.convolve({ ...shape, x, weights, y: plain });
        return { toX, toY, toW, plain };
      },
      { rtol: 2e-5, atol: 4e-5 },
    );
  });

  test("on random numbers, wherever a range starts", async () => {
    await compare(
      isa,
      async (b) => {
        const fill = async (start: number, length: number, normal: boolean) => {
          const out = b.float32(length);
          await b.fillRandom({ k0: 123456789, k1: 4000000000, start, out, normal, scale: 2 });
          return out;
        };
        return {
          uniform: await fill(0, 1000, false),
          normal: await fill(0, 5000, true),
          later: await fill(4_294_967_296 * 4 - 37, 99, true),
        };
      },
      { rtol: 3e-6, atol: 1e-5 },
    );
  });

  test.each([
    ["groups", { groups: 4, groupSize: 7, active: 5 }],
    ["few of many", { groups: 1, groupSize: 30, active: 3, coefficients: 1 }],
    ["given supports", { groups: 2, groupSize: 9, active: 2, supports: Int32Array.of(0, 8, 3, 4) }],
    ["probabilities", { probabilities: normals("p", 30).map(Math.abs), coefficients: 2 }],
  ])("on synthetic rows by %s", async (_name, options) => {
    await compare(isa, async (b) => {
      const [count, dIn, rows] = [30, 70, 50];
      const out = b.float32(rows * dIn);
      await b.syntheticRows({
        coefficients: 0,
        weights: Float32Array.from({ length: 30 }, (_, i) => 0.9 ** i),
        ...options,
        features: normals("features", count * dIn),
        count,
        dIn,
        rows,
        out,
        noise: 0.1,
        key: { k0: 1, k1: 2 },
        noiseKey: { k0: 3, k1: 4 },
        start: 12345678901,
      });
      const supports = b.int32(12);
      const weights = Float32Array.from({ length: 9 }, (_, i) => 0.9 ** i);
      const draw = { key: { k0: 5, k1: 6 }, draw: 77, out: supports };
      await b.drawSupports({ groups: 3, groupSize: 9, active: 4, weights, ...draw });
      return { out, supports };
    });
  });

  test("on shuffles of any length", async () => {
    await compare(isa, async (b) => {
      const all: Record<string, Int32Array> = {};
      for (const n of [0, 1, 2, 5, 63, 64, 65, 1000]) {
        const order = b.int32(n);
        for (let i = 0; i < n; i++) order[i] = 3 * i;
        await b.shuffle({ k0: 11, k1: 2 ** 32 - 5, order });
        all[`${n} numbers`] = order;
      }
      return all;
    });
  });

  test("on draws that take everything, nearly nothing, or features of equal and of no weight", async () => {
    await compare(isa, async (b) => {
      const all: Record<string, Int32Array> = {};
      for (const [groupSize, active] of [
        [1, 1],
        [5, 5],
        [64, 63],
        [100, 1],
        [100, 40],
      ] as const)
        for (const weight of [1, 0]) {
          const out = b.int32(40 * active);
          const weights = new Float32Array(groupSize).fill(weight);
          const draw = { key: { k0: 8, k1: 9 }, draw: 3, out };
          await b.drawSupports({ groups: 40, groupSize, active, weights, ...draw });
          all[`${active} of ${groupSize}, weight ${weight}`] = out;
        }
      return all;
    });
  });

  test("on best matches, pulls and paired products", async () => {
    await compare(isa, async (b) => {
      const [n, m, d] = [45, 70, 33];
      const unit = async (name: string, count: number) => {
        const rows = normals(name, count * d);
        await b.normalizeRows({ rows, unit: rows, count, columns: d });
        return rows;
      };
      const [one, two] = [await unit("one", n), await unit("two", m)];
      const found = {
        bestOfA: b.float32(n),
        partnerOfA: b.int32(n),
        bestOfB: b.float32(m),
        partnerOfB: b.int32(m),
      };
      await b.bestMatches({ ...found, a: one, b: two, n, m, d });
      const dots = b.float32(n);
      await b.pairedDots({ a: one, b: two, index: found.partnerOfA, count: n, d, out: dots });
      const edges = {
        indptr: Int32Array.from({ length: n + 1 }, (_, i) => (i < 5 ? 0 : 2 * (i - 5))),
        partner: Int32Array.from({ length: 2 * n }, (_, i) => i % 2),
        row: Int32Array.from({ length: 2 * n }, (_, i) => (i * 7) % n),
        weight: normals("weights", 2 * n),
        partners: [two, one],
      };
      const [free, projected] = [b.float32(n * d), b.float32(n * d)];
      const parameter = normals("parameter", n * d);
      await b.pullRows({ ...edges, unit: one, dSae: n, dIn: d, out: free });
      await b.pullRows({ ...edges, unit: one, parameter, dSae: n, dIn: d, out: projected });
      return { ...found, dots, free, projected };
    });
  });

  test.each([
    ["some from a floor up", true],
    ["all", false],
  ])("on the search of columns in groups, %s", async (_name, areSome) => {
    const [count, d, columnCount, k, size] = [45, 29, 1003, 5, 64];
    const groupCount = Math.ceil(columnCount / size);
    const search = async (b: Backend) => {
      const shape = { d, columnCount, k };
      const [columns, rows] = [normals("W", columnCount * d), normals("x", count * d)];
      const order = Int32Array.from(
        { length: columnCount },
        (_, place) => (place * 7) % columnCount,
      );
      const packed = b.bytes(b.searchPacking(shape).bytes);
      await b.packColumns({ columns, packed, order, ...shape });
      const [candidates, scores] = [b.int32(count * k), b.float32(count * k)];
      const reach = b.float32(count * groupCount).fill(99);
      // Every third row searches nothing; floors leave rows with no column, some, or more than k.
      const wanted = Int32Array.from({ length: count }, (_, r) => (r % 3 ? 0x5a3c >> (r % 5) : 0));
      await b.searchTopK({
        rows,
        columns,
        packed,
        count,
        candidates,
        scores,
        ...shape,
        margin: 12,
        prices: normals("bias", columnCount, 0.2),
        floor: areSome ? Float32Array.from(wanted, (_, r) => 2 * (r % 9)) : undefined,
        groups: { order, size, reach, wanted: areSome ? wanted : undefined },
      });
      return { candidates, reach, scores: scores.map((v) => Math.max(v, -99)) };
    };
    const { expected, received } = await compare(isa, search, undefined, "reach");
    // The reference gives exact bounds; those of a screen in low precision are larger by its
    // rounding.
    const known = received["reach"]!;
    expect(known).toHaveLength(count * groupCount);
    for (const [i, reach] of Array.from(expected["reach"]!).entries()) {
      if (reach === 99) expect(known[i]).toBe(99);
      else expect(known[i]).toBeGreaterThan(reach - 1e-4);
    }
  });

  test("on how far rows reach into groups", async () => {
    await compare(isa, async (b) => {
      const [rows, groups] = [37, 29];
      const reach = normals("reach", rows * groups);
      reach[3 * groups + 2] = Number.NaN;
      reach.fill(Number.NEGATIVE_INFINITY, 5 * groups, 6 * groups);
      const level = normals("level", rows, 2);
      const shape = { reach, rows, groups, level };
      const raise = async (by: { byRow?: Float32Array; byGroup?: Float32Array }) => {
        const [above, most] = [b.int32(rows), b.float32(rows)];
        const rowsAbove = await b.raiseReach({ above, most, ...shape, ...by });
        return { above, most: most.map((x) => Math.max(x, -9)), rowsAbove };
      };
      const byRow = normals("by row", rows, 0.1);
      const byGroup = normals("by group", groups, 0.1);
      const results = [
        await raise({}),
        await raise({ byRow }),
        await raise({ byGroup }),
        await raise({ byRow, byGroup }),
      ];
      const outputs: Record<string, ArrayLike<number>> = {
        reach: reach.map((x) => (Number.isFinite(x) ? x : -9)),
      };
      for (const [i, { above, most, rowsAbove }] of results.entries())
        Object.assign(outputs, { [`above ${i}`]: [...above, rowsAbove], [`most ${i}`]: most });
      return outputs;
    });
  });

  test.each([
    ["square", 40, 40, 1],
    ["rectangular", 25, 40, 1],
    ["sparse", 40, 40, 0.4],
    ["one row", 1, 3, 1],
  ])(
    "on the assignment of a %s problem, with duals that prove it",
    async (_name, n, m, density) => {
      const similarity = normals("similarity", n * m);
      const keep = normals("keep", n * m).map((x, i) =>
        i % m === i % n || Math.abs(x) < density * 4 ? 1 : 0,
      );
      const edges: [number, number][] = [];
      const starts: number[] = [0];
      for (let r = 0; r < n; r++) {
        for (let c = 0; c < m; c++)
          if (density === 1 || r === c || keep[r * m + c]! * Math.abs(similarity[r * m + c]!) > 0.9)
            edges.push([c, similarity[r * m + c]!]);
        starts.push(edges.length);
      }
      const graph = {
        n,
        m,
        indptr: Int32Array.from(starts),
        columns: Int32Array.from(edges, (e) => e[0]),
        similarity: Float32Array.from(edges, (e) => e[1]),
      };
      const solve = async (b: Backend, v: Float64Array) => {
        const [u, margin] = [new Float64Array(n), new Float64Array(n)];
        const out = { v, u, margin, columnOfRow: new Int32Array(n) };
        return { ...out, unassigned: await b.assign({ ...graph, ...out }) };
      };
      const expected = await solve(reference, new Float64Array(m));
      const cold = await solve(openNative(isa), new Float64Array(m));
      expect(cold.columnOfRow).toEqual(expected.columnOfRow);
      expect(cold.unassigned).toBe(expected.unassigned);
      const start = n === m ? Float64Array.from(normals("start", m)) : new Float64Array(m);
      const warm = await solve(openNative(isa), start);
      expect(warm.columnOfRow).toEqual(expected.columnOfRow);
      for (const { u, v, columnOfRow } of [cold, warm])
        for (let r = 0; r < n; r++)
          for (let e = starts[r]!; e < starts[r + 1]!; e++) {
            const slack = u[r]! + v[edges[e]![0]]! - edges[e]![1];
            expect(slack).toBeGreaterThan(-1e-9);
            if (columnOfRow[r] === edges[e]![0]) expect(slack).toBeLessThan(1e-9);
          }
    },
  );

  test("and refuse arrays that are too short", async () => {
    const b = openNative(isa);
    const short = new Float32Array(3);
    await expect(b.gemm({ a: short, b: short, c: short, m: 2, n: 2, k: 2 })).rejects.toMatchObject({
      code: "shape/mismatch",
    });
  });

  test("and codes that lead outside the arrays, or whose rows do not follow each other", async () => {
    const b = openNative(isa);
    const decode = (indptr: number[], indices: number[]) =>
      b.decode({
        batch: 2,
        dIn: 3,
        indptr: Int32Array.from(indptr),
        indices: Int32Array.from(indices),
        values: new Float32Array(indices.length),
        wDec: new Float32Array(4 * 3),
        target: new Float32Array(6),
        targetScale: 1,
        residual: new Float32Array(6),
        rowLoss: new Float32Array(2),
      });
    await decode([0, 1, 3], [3, 0, 2]);
    await expect(decode([0, 1, 3], [3, 4, 2])).rejects.toThrow(
      "[decode] Expected numbers below 4 for indices but received 4.",
    );
    await expect(decode([0, 1, 2], [0, -1])).rejects.toThrow("for indices but received -1.");
    for (const indptr of [
      [0, 2, 1],
      [1, 1, 2],
      [0, -1, 2],
    ])
      await expect(decode(indptr, [0, 0])).rejects.toThrow("for indptr but received others.");
    const transpose = (index: number) =>
      b.transpose({
        batch: 1,
        dSae: 5,
        indptr: Int32Array.of(0, 1),
        indices: Int32Array.of(index),
        values: new Float32Array(1),
        codeGrad: new Float32Array(1),
        latentIndptr: new Int32Array(6),
        rows: new Int32Array(1),
        latentValues: new Float32Array(1),
        latentGrads: new Float32Array(1),
        biasGrad: new Float32Array(5),
        activeRows: new Int32Array(5),
        magnitudes: new Float64Array(5),
      });
    await transpose(4);
    await expect(transpose(5)).rejects.toMatchObject({ code: "shape/mismatch" });
    const [unit, encoder] = [new Float32Array(2 * 3), new Float32Array(2 * 3)];
    const norm = (row: number) =>
      b.gradientNorm({
        dIn: 3,
        dSae: 2,
        tying: TYING.tiedRaw,
        unit,
        norm2: new Float32Array(2),
        encoder: { parameter: encoder, m: new Float32Array(6), v: new Float32Array(6) },
        sources: [
          {
            latentIndptr: Int32Array.of(0, 1, 1),
            rows: Int32Array.of(row),
            latentValues: new Float32Array(1),
            latentGrads: new Float32Array(1),
            x: new Float32Array(4 * 3),
            residual: new Float32Array(4 * 3),
            residualScale: 1,
          },
        ],
      });
    await norm(3);
    await expect(norm(4)).rejects.toThrow("Expected numbers below 4 for rows but received 4.");
  });
});
