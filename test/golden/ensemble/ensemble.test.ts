/** Bags and boosted chains reconstruct, and are measured, as numpy does it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { diversityOf } from "../../../src/consistency/lab/stability.ts";
import { dictionaryOf } from "../../../src/consistency/matching/dictionary.ts";
import { connectivity } from "../../../src/evaluate/connectivity.ts";
import { evaluateSaes } from "../../../src/evaluate/evaluate-saes.ts";
import { fvu } from "../../../src/metrics/fvu.ts";
import { l0 } from "../../../src/metrics/l0.ts";
import { bagOf, boostOf, decoderOf, openCoder } from "../../../src/sae/ensemble.ts";
import type { Sae } from "../../../src/sae/sae.ts";
import { backendNames, openNamed } from "../../support/backends.ts";

type Matrix = readonly (readonly number[])[];

interface Expected {
  readonly reconstruction: Matrix;
  readonly fvu: number;
  readonly l0: number;
  readonly connectivity: number;
}

const EXPECTED: {
  readonly k: number;
  readonly x: Matrix;
  readonly saes: readonly {
    readonly encoder: Matrix;
    readonly decoder: Matrix;
    readonly b_enc: readonly number[];
    readonly b_dec: readonly number[];
  }[];
  readonly bag: Expected;
  readonly boost: Expected;
  readonly diversity: number;
} = JSON.parse(readFileSync(join(import.meta.dirname, "expected.json"), "utf8"));

const flat = (matrix: Matrix) => Float32Array.from(matrix.flat());

const SAES = EXPECTED.saes.map(
  ({ encoder, decoder, b_enc, b_dec }, j): Sae => ({
    architecture: j === 0 ? "topk" : "relu",
    selection: j === 0 ? { kind: "topk", k: EXPECTED.k, relu: true } : { kind: "relu" },
    dIn: b_dec.length,
    dSae: b_enc.length,
    encoder: flat(encoder),
    decoder: flat(decoder),
    encoderBias: Float32Array.from(b_enc),
    decoderBias: Float32Array.from(b_dec),
  }),
);

const rows = EXPECTED.x.length;
const dIn = EXPECTED.x[0]!.length;
const x = flat(EXPECTED.x);
const reader = {
  rows,
  async read(start: number, out: Float32Array) {
    out.set(x.subarray(start * dIn, start * dIn + out.length));
  },
};

describe.each([...backendNames])("on %s", (name) => {
  test.each(["bag", "boost"] as const)("a %s", async (kind) => {
    const backend = openNamed(name);
    const ensemble = kind === "bag" ? bagOf(SAES) : boostOf(SAES);
    const expected = EXPECTED[kind];
    const runner = await openCoder(backend, ensemble, rows);
    const { residual } = await runner.residual(x, await runner.encode(x, rows));
    for (const [i, v] of expected.reconstruction.flat().entries())
      expect(residual[i]! + x[i]!).toBeCloseTo(v, 4);
    const [sums] = await evaluateSaes(backend, [ensemble], reader, dIn);
    expect(fvu.compute(sums!)).toBeCloseTo(expected.fvu, 5);
    expect(l0.compute(sums!)).toBeCloseTo(expected.l0, 10);
    const found = await connectivity(backend, ensemble, reader);
    expect(found).toEqual({ value: expect.closeTo(expected.connectivity, 10), rows });
    const atoms = await dictionaryOf(backend, decoderOf(backend, ensemble), ensemble.dSae, dIn);
    expect((await diversityOf(backend, atoms, "x")).atoms).toBe(EXPECTED.diversity);
  });
});
