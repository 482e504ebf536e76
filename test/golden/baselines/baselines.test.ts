/** Components are those of scikit-learn, from the same rows and the same start. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Tensor } from "../../../src/base/tensor.ts";
import { fitBaseline } from "../../../src/evaluate/baselines/fit-baseline.ts";
import { ica } from "../../../src/evaluate/baselines/ica.ts";
import { pca } from "../../../src/evaluate/baselines/pca.ts";
import { readSafetensors } from "../../../src/formats/safetensors-file.ts";
import { fastIca } from "../../../src/linalg/fast-ica.ts";
import { multiply } from "../../../src/linalg/multiply.ts";
import { factorise } from "../../../src/linalg/nmf.ts";
import { PairedMoments } from "../../../src/linalg/paired-moments.ts";
import { symmetricEigen } from "../../../src/linalg/symmetric-eigen.ts";
import { backendNames, openNamed } from "../../support/backends.ts";
import { rowsInOrder } from "../../support/rows-in-order.ts";

const HERE = import.meta.dirname;
const EXPECTED = JSON.parse(readFileSync(join(HERE, "expected.json"), "utf8"));
const [ROWS, D] = [600, 6];

let tensors: ReadonlyMap<string, Tensor>;
beforeAll(async () => {
  ({ tensors } = await readSafetensors(join(HERE, "arrays.safetensors")));
});

const data = (name: string) => tensors.get(name)!.data as Float32Array;

function expectRows(found: ArrayLike<number>, wanted: Float32Array, tolerance: number): void {
  expect(found.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++)
    expect(Math.abs(found[i]! - wanted[i]!), `number ${i}`).toBeLessThan(tolerance);
}

/** Largest |cosine| of each wanted row with a found one; the mapping is one to one or fails. */
function expectSameDirections(found: Float32Array, wanted: Float32Array, d: number): void {
  const cosine = (a: Float32Array, b: Float32Array) =>
    Math.abs(a.reduce((sum, v, j) => sum + v * b[j]!, 0)) / (Math.hypot(...a) * Math.hypot(...b));
  const row = (m: Float32Array, i: number) => m.subarray(i * d, (i + 1) * d);
  const taken = new Set<number>();
  for (let i = 0; i < wanted.length / d; i++) {
    const cosines = Array.from({ length: found.length / d }, (_, j) =>
      cosine(row(wanted, i), row(found, j)),
    );
    const best = cosines.indexOf(Math.max(...cosines));
    expect(cosines[best], `row ${i}`).toBeGreaterThan(0.9999);
    taken.add(best);
  }
  expect(taken.size).toBe(wanted.length / d);
}

describe.each([...backendNames])("on %s", (name) => {
  const backend = openNamed(name);
  const context = () => ({
    backend,
    rows: rowsInOrder(data("rows"), D),
    seed: 0,
    pause: () => {},
  });

  test("principal components, their signs and shares of variance", async () => {
    const { sae, facts } = await fitBaseline(pca, context(), { sign: "signed" });
    expectRows(sae.decoder, data("pca.components"), 1e-4);
    expectRows(sae.decoderBias!, data("pca.mean"), 1e-4);
    expect(facts["explained_variance"]).toBeCloseTo(1, 6);
    const three = await pca.fit({ ...context(), components: 3 });
    const share = EXPECTED.pca_ratio.slice(0, 3).reduce((sum: number, v: number) => sum + v, 0);
    expect(three.facts["explained_variance"]).toBeCloseTo(share, 5);
  });

  /** FastICA from the start of the golden file, as rows of the unmixing matrix. */
  async function search(maxIterations: number, tolerance: number) {
    const moments = new PairedMoments(backend, D);
    const x = data("rows").slice();
    await moments.add(x, ROWS);
    const covariance = moments.covariance();
    const { x: mean } = moments.means();
    const scale = Float64Array.from({ length: D }, (_, j) => Math.sqrt(covariance[j * D + j]!));
    for (let i = 0; i < D * D; i++) covariance[i]! /= scale[Math.floor(i / D)]! * scale[i % D]!;
    const { values, vectors } = symmetricEigen(covariance, D);
    // scikit-learn's signs: the first number of each direction is positive.
    const there = vectors.map(
      (v, at) => (v * Math.sign(vectors[at - (at % D)]!)) / Math.sqrt(values[Math.floor(at / D)]!),
    );
    const standard = Float64Array.from(x, (v, at) => (v - mean[at % D]!) / scale[at % D]!);
    const back = new Float64Array(D * D);
    for (let i = 0; i < D; i++) for (let j = 0; j < D; j++) back[j * D + i] = there[i * D + j]!;
    const whitened = Float32Array.from(multiply(standard, back, [ROWS, D, D]));
    const start = Float64Array.from(data("ica.start"));
    const found = await fastIca(backend, { whitened, n: D, start, maxIterations, tolerance });
    return { ...found, unmixing: multiply(found.directions, there, [D, D, D]) };
  }

  test("two steps of FastICA", async () => {
    const { unmixing, iterations, converged } = await search(2, 1e-12);
    expect([iterations, converged]).toEqual([2, false]);
    expectRows(unmixing, data("ica.two_steps.standardised"), 1e-3);
  });

  test("FastICA at its end, after as many steps", async () => {
    const { unmixing, iterations, converged } = await search(500, 1e-9);
    expect(converged).toBe(true);
    expect(Math.abs(iterations - EXPECTED.ica_converged_iterations)).toBeLessThanOrEqual(2);
    expectRows(unmixing, data("ica.converged.standardised"), 1e-3);
  });

  test("independent components from a start of our own, in the space of the rows", async () => {
    const given = { ...context(), tolerance: 1e-9, maxIterations: 500 };
    const { sae } = await fitBaseline(ica, given, { sign: "signed" });
    expectSameDirections(sae.decoder, data("ica.converged.mixing"), D);
    expectSameDirections(sae.encoder, data("ica.converged.unmixing"), D);
    const faithful = await ica.fit({ ...given, faithful: true });
    expectSameDirections(faithful.atoms, data("ica.converged.standardised"), D);
    expect(faithful.centre).toBeUndefined();
  });

  test.each([
    ["three_steps", 3, 1e-4],
    ["many_steps", 300, 2e-3],
  ] as const)("NMF: %s", async (which, maxIterations, tolerance) => {
    const [codes, atoms] = [data("nmf.codes").slice(), data("nmf.atoms").slice()];
    const { iterations } = await factorise(backend, {
      x: data("nmf.rows"),
      rows: 200,
      d: 8,
      n: 4,
      codes,
      atoms,
      maxIterations,
      tolerance: 1e-6,
    });
    const wanted = EXPECTED[`nmf_${which}_iterations`];
    expect(Math.abs(iterations - wanted)).toBeLessThanOrEqual(0.05 * wanted);
    expectRows(atoms, data(`nmf.${which}.atoms`), tolerance);
    expectRows(codes, data(`nmf.${which}.codes`), 5 * tolerance);
  });
});
