/**
 * Top-k is exactly that of float32: the k largest scores as the kernels round them, ties to the
 * lower index, bit for bit, on every instruction set, for any shape and for rows that are hard to
 * screen in low precision.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Backend, EncodeTopK } from "../../src/backend/backend.ts";
import { nativeIsas, openNative } from "../support/backends.ts";
import { normals } from "../support/random.ts";

interface Problem {
  readonly batch: number;
  readonly dIn: number;
  readonly dSae: number;
  readonly k: number;
  readonly margin: number;
  readonly x: Float32Array;
  readonly W: Float32Array;
  readonly bias: Float32Array;
}

/** What makes a problem hard, each a change of normal numbers in place. */
const HARDSHIPS: Readonly<Record<string, (p: Problem, seed: number) => void>> = {
  "nothing special": () => {},
  "atoms that are all the same": ({ W, dIn }) => W.copyWithin(dIn, 0, W.length - dIn),
  "every atom twice": ({ W, dIn, dSae }) => {
    const half = Math.floor(dSae / 2) * dIn;
    W.copyWithin(W.length - half, 0, half);
  },
  "atoms that differ in their last bits": ({ W, dIn, dSae }) => {
    for (let f = 1; f < dSae; f++)
      for (let j = 0; j < dIn; j++) W[f * dIn + j] = W[j]! * (1 + ((f * 7 + j) % 5) * 2 ** -23);
  },
  "a huge mean": ({ x, dIn }) => {
    for (let i = 0; i < x.length; i += dIn) x[i]! += 1e5;
  },
  "one dimension beyond all others": ({ W, dIn }) => {
    for (let i = dIn - 1; i < W.length; i += dIn) W[i]! *= 1e4;
  },
  "a large input here and there": ({ x }, seed) => {
    for (let i = seed % 5; i < x.length; i += 97) x[i]! *= 300;
  },
  "numbers whose squares vanish": ({ x, bias }) => {
    for (let i = 0; i < x.length; i++) x[i]! *= 1e-21;
    bias.fill(0);
  },
  "scores below the smallest normal number": ({ x, W, bias }) => {
    for (let i = 0; i < x.length; i++) x[i]! *= 1e-38;
    for (let i = 0; i < W.length; i++) W[i]! *= 1e-3;
    bias.fill(0);
  },
  "numbers near the largest": ({ x, W }) => {
    for (let i = 0; i < x.length; i++) x[i]! *= 1e17;
    for (let i = 0; i < W.length; i++) W[i]! *= 1e17;
  },
  "huge biases of a few latents, in whose last place the rest of the score is": (p, seed) => {
    for (let i = 0; i < p.x.length; i++) p.x[i]! *= 0.02;
    for (let f = 0; f < p.bias.length; f++) p.bias[f] = (f + seed) % 37 === 0 ? 1e6 : 0;
  },
  "huge biases of both signs": ({ bias }, seed) => {
    for (let f = 0; f < bias.length; f++) bias[f] = 1e5 * (((f * 31 + seed) % 7) - 3);
  },
  "nothing but zeros": ({ x, bias }) => {
    x.fill(0);
    bias.fill(0);
  },
  "rows of zeros and biases that tie": ({ x, bias, dIn }) => {
    x.fill(0, 0, dIn);
    for (let f = 0; f < bias.length; f++) bias[f] = f % 3;
  },
};

/**
 * Shapes, and how to fill them; the arrays are made in the test, so that a counterexample can be
 * read.
 */
const recipe = fc.record({
  batch: fc.integer({ min: 1, max: 40 }),
  // The eight-bit screen has scales for every 128 inputs.
  dIn: fc.oneof(
    { arbitrary: fc.integer({ min: 1, max: 70 }), weight: 3 },
    fc.integer({ min: 125, max: 280 }),
  ),
  // Screening in low precision begins at 16 (k + 16) latents.
  dSae: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 272, max: 1200 })),
  k: fc.oneof({ arbitrary: fc.integer({ min: 1, max: 12 }), weight: 4 }, fc.constant(1200)),
  margin: fc.integer({ min: 0, max: 48 }),
  seed: fc.nat(1e6),
});
const hardship = fc.constantFrom(...Object.keys(HARDSHIPS));
type Recipe = typeof recipe extends fc.Arbitrary<infer T> ? T : never;

function made({ seed, ...shape }: Recipe, hardship: string): Problem {
  const { batch, dIn, dSae } = shape;
  const problem = {
    ...shape,
    k: Math.min(shape.k, dSae),
    x: normals(`x/${seed}`, batch * dIn),
    W: normals(`W/${seed}`, dSae * dIn),
    bias: normals(`bias/${seed}`, dSae, 0.1),
  };
  HARDSHIPS[hardship]!(problem, seed);
  return problem;
}

async function encode(b: Backend, p: Problem, k: number) {
  const shape = { dIn: p.dIn, dSae: p.dSae, k };
  const { bytes, screen } = b.encoderPacking(shape);
  const packed = b.bytes(bytes);
  await b.packEncoder({ ...shape, W: p.W, packed });
  const indices = b.int32(p.batch * k);
  const values = b.float32(p.batch * k);
  const { batch, x, W, bias, margin } = p;
  const args: EncodeTopK = {
    ...shape,
    batch,
    x,
    W,
    bias,
    packed,
    margin,
    relu: false,
    indices,
    values,
  };
  return { rounded: screen !== "float32", indices, values, redone: await b.encodeTopK(args) };
}

/**
 * All scores [batch, d_sae] as the kernel that is asked rounds them: after a screen in low
 * precision those of its dot product, otherwise those that it finds when all latents are wanted.
 */
async function allScores(b: Backend, p: Problem, rounded: boolean): Promise<Float32Array> {
  if (!rounded) return (await encode(b, p, p.dSae)).values;
  const scores = b.float32(p.batch * p.dSae);
  const dots = b.float32(p.dSae);
  for (let r = 0; r < p.batch; r++) {
    const index = new Int32Array(p.dSae).fill(r);
    await b.pairedDots({ a: p.W, b: p.x, index, count: p.dSae, d: p.dIn, out: dots });
    for (let f = 0; f < p.dSae; f++) scores[r * p.dSae + f] = dots[f]! + p.bias[f]!;
  }
  return scores;
}

describe.each([...nativeIsas])("on %s", (isa) => {
  test.each(Object.keys(HARDSHIPS))("the k largest of every row: %s", async (what) => {
    await fc.assert(
      fc.asyncProperty(recipe, async (r) => {
        const p = made(r, what);
        const b = openNative(isa);
        const { rounded, indices, values } = await encode(b, p, p.k);
        const scores = await allScores(b, p, rounded);
        for (let row = 0; row < p.batch; row++) {
          const all = scores.subarray(row * p.dSae, (row + 1) * p.dSae);
          const order = Array.from(all.keys()).sort((f, g) => all[g]! - all[f]! || f - g);
          const best = Int32Array.from(order.slice(0, p.k)).sort();
          const [from, to] = [row * p.k, (row + 1) * p.k];
          expect(indices.slice(from, to), `latents of row ${row}`).toEqual(best);
          const wanted = Float32Array.from(best, (f) => all[f]!);
          expect(values.slice(from, to), `scores of row ${row}`).toEqual(wanted);
        }
      }),
      { numRuns: 20, seed: 20261121 },
    );
  });

  test("the same bytes for any number of threads and any margin", async () => {
    await fc.assert(
      fc.asyncProperty(
        recipe,
        hardship,
        fc.integer({ min: 0, max: 80 }),
        async (r, what, margin) => {
          const p = made(r, what);
          const one = await encode(openNative(isa, 1), p, p.k);
          expect(await encode(openNative(isa, 3), p, p.k)).toEqual(one);
          const other = await encode(openNative(isa, 2), { ...p, margin }, p.k);
          expect(other.indices).toEqual(one.indices);
          expect(other.values).toEqual(one.values);
        },
      ),
      { numRuns: 50, seed: 20261122 },
    );
  });

  test("a NaN anywhere in a row or in a latent is an error that names a row", async () => {
    await fc.assert(
      fc.asyncProperty(recipe, fc.boolean(), fc.nat(), async (r, inWeights, at) => {
        const p = made(r, "nothing special");
        const row = Math.floor((at % p.x.length) / p.dIn);
        if (inWeights) p.W[at % p.W.length] = Number.NaN;
        else p.x[at % p.x.length] = Number.NaN;
        await expect(encode(openNative(isa), p, p.k)).rejects.toMatchObject({
          code: "numeric/not-finite",
          message: expect.stringMatching(inWeights ? /Row \d+ / : new RegExp(`Row ${row} `)),
        });
      }),
      { numRuns: 50, seed: 20261123 },
    );
  });
});
