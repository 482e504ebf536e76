import { describe, expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import { rowsInOrder } from "../../../test/support/rows-in-order.ts";
import { openBackend } from "../../backend/open-backend.ts";
import { openSaeRunner, type Sae } from "../../sae/sae.ts";
import type { FitOptions } from "./baseline.ts";
import { BASELINES, baselineNamed } from "./baselines.ts";
import { type BaselineForm, fitBaseline } from "./fit-baseline.ts";

const [ROWS, D] = [300, 5];

/** Rows whose sources are skewed, so that components have an orientation. */
function skewed(): Float32Array {
  const sources = normals("skewed", ROWS * D).map((v) => v * v);
  const mix = normals("mix", D * D);
  const out = new Float32Array(ROWS * D);
  for (let b = 0; b < ROWS; b++)
    for (let i = 0; i < D; i++)
      for (let j = 0; j < D; j++) out[b * D + j]! += sources[b * D + i]! * mix[i * D + j]!;
  return out;
}

const SKEWED = skewed();

const fitted = (name: string, more: Partial<FitOptions> & BaselineForm = {}, rows = SKEWED) => {
  const { sign, k, ...options } = more;
  const context = {
    backend: reference,
    rows: rowsInOrder(rows, D),
    seed: 0,
    pause: () => {},
    ...options,
  };
  return fitBaseline(baselineNamed(name), context, { sign, k });
};

/** FVU and the dense code [rows, d_sae] on rows. */
async function on(sae: Sae, rows = SKEWED) {
  const n = rows.length / D;
  const runner = await openSaeRunner(reference, sae, n);
  const code = await runner.encode(rows, n);
  const dense = new Float32Array(n * sae.dSae);
  for (let b = 0; b < n; b++)
    for (let e = code.indptr[b]!; e < code.indptr[b + 1]!; e++)
      dense[b * sae.dSae + code.indices[e]!] = code.values[e]!;
  const { rowLoss } = await runner.residual(rows, code);
  const mean = new Float64Array(D);
  for (let at = 0; at < rows.length; at++) mean[at % D]! += rows[at]! / n;
  const variance = rows.reduce((sum, v, at) => sum + (v - mean[at % D]!) ** 2, 0);
  return { fvu: rowLoss.subarray(0, n).reduce((sum, v) => sum + v, 0) / variance, dense };
}

describe.each(["pca", "ica", "rotation", "identity"])("%s loses nothing", (name) => {
  test("with two latents per component, or negative activations", async () => {
    for (const sign of ["plus-minus", "signed"] as const) {
      const { sae, components } = await fitted(name, { sign });
      expect([sae.dSae, components]).toEqual([sign === "signed" ? D : 2 * D, D]);
      expect((await on(sae)).fvu).toBeLessThan(1e-6);
    }
  });

  test("but without the negative half", async () => {
    for (const sign of ["positive", "oriented"] as const) {
      const { sae } = await fitted(name, { sign });
      expect(sae.dSae).toBe(D);
      expect((await on(sae)).fvu).toBeGreaterThan(0.01);
    }
  });
});

test("of two latents per component the k largest are the k largest by magnitude", async () => {
  const signed = await on((await fitted("rotation", { sign: "signed" })).sae);
  const { dense } = await on((await fitted("rotation", { k: 2 })).sae);
  for (let b = 0; b < ROWS; b++) {
    const all = Array.from(signed.dense.subarray(b * D, (b + 1) * D));
    const largest = all
      .map((v, i) => [Math.abs(v), v > 0 ? i : i + D] as const)
      .sort((p, q) => q[0] - p[0])
      .slice(0, 2)
      .map(([, i]) => i);
    const active = Array.from(dense.subarray(2 * b * D, 2 * (b + 1) * D).entries());
    expect(active.filter(([, v]) => v > 0).map(([i]) => i)).toEqual(largest.sort((p, q) => p - q));
  }
});

test.each(["pca", "ica"])("%s is oriented by its strongest activations", async (name) => {
  const found = await fitted(name, { sign: "positive" });
  const oriented = await fitted(name, { sign: "oriented" });
  const { dense } = await on({ ...found.sae, selection: { kind: "topk", k: D, relu: false } });
  for (let i = 0; i < D; i++) {
    const own = Array.from({ length: ROWS }, (_, b) => dense[b * D + i]!);
    const largest = own.sort((p, q) => Math.abs(q) - Math.abs(p)).slice(0, 20);
    const sign = Math.sign(largest.reduce((sum, v) => sum + v, 0));
    for (let j = i * D; j < (i + 1) * D; j++)
      expect(oriented.sae.decoder[j]).toBe(sign * found.sae.decoder[j]!);
  }
});

test("ICA as the code of Cunningham et al. has it has other atoms, and does not reconstruct", async () => {
  const { sae, facts } = await fitted("ica", { sign: "signed", faithful: true });
  expect(facts["faithful"]).toBe(true);
  expect(sae.decoderBias).toBeUndefined();
  expect((await on(sae)).fvu).toBeGreaterThan(0.05);
});

test("fewer components of PCA lose what the others hold", async () => {
  const { sae, facts } = await fitted("pca", { components: 2 });
  expect(sae.dSae).toBe(4);
  const { fvu } = await on(sae);
  expect(fvu).toBeCloseTo(1 - Number(facts["explained_variance"]), 4);
});

describe("NMF", () => {
  const positive = SKEWED.map((v) => Math.abs(v));

  test("finds parts of non-negative rows, and an encoder for them", async () => {
    const { sae, facts } = await fitted("nmf", {}, positive);
    expect(sae.decoder.every((v) => v >= 0)).toBe(true);
    expect(facts["nmf_fvu"]).toBeLessThan(0.02);
    const { fvu, dense } = await on(sae, positive);
    expect(fvu).toBeGreaterThanOrEqual(Number(facts["nmf_fvu"]) - 1e-6);
    expect(fvu).toBeLessThan(0.3);
    expect(dense.every((v) => v >= 0)).toBe(true);
  });

  test("refuses signed rows and says what would do", async () => {
    const least = SKEWED.reduce((low, v) => Math.min(low, v), 0);
    await expect(fitted("nmf")).rejects.toMatchObject({
      code: "argument/invalid",
      message: expect.stringContaining(least.toPrecision(4)),
      hint: expect.stringContaining("--shift"),
    });
    await expect(fitted("nmf", { shift: 0.001 })).rejects.toThrow("the shift 0.001");
    const shift = Math.ceil(-1000 * least) / 1000;
    const { sae } = await fitted("nmf", { shift });
    expect(sae.decoderBias![0]).toBe(Math.fround(-shift));
    expect((await on(sae)).fvu).toBeLessThan(0.5);
  });

  test("has one sign", async () => {
    await expect(fitted("nmf", { sign: "plus-minus" }, positive)).rejects.toThrow("sign of nmf");
  });
});

test.each(BASELINES.map(({ name }) => name))(
  "%s has unit atoms, the same at each fit",
  async (name) => {
    const positive = SKEWED.map((v) => Math.abs(v));
    const first = await fitted(name, { k: 3 }, positive);
    const { decoder, encoder, dSae } = first.sae;
    for (let f = 0; f < dSae; f++)
      expect(Math.hypot(...decoder.subarray(f * D, (f + 1) * D))).toBeCloseTo(1, 5);
    const again = await fitted(name, { k: 3 }, positive);
    expect(again).toEqual(first);
    expect(encoder.every(Number.isFinite)).toBe(true);
  },
);

test("random atoms and bases depend on the seed", async () => {
  for (const name of ["random", "rotation"]) {
    const [a, b] = [await fitted(name), await fitted(name, { seed: 1 })];
    expect(a.sae.decoder).not.toEqual(b.sae.decoder);
  }
});

test("the mean is taken off where it is asked for", async () => {
  const { sae } = await fitted("random", { centre: true });
  const mean = Array.from({ length: D }, (_, j) => {
    let sum = 0;
    for (let b = 0; b < ROWS; b++) sum += SKEWED[b * D + j]!;
    return sum / ROWS;
  });
  for (let j = 0; j < D; j++) expect(sae.decoderBias![j]).toBeCloseTo(mean[j]!, 4);
  expect((await fitted("random")).sae.decoderBias).toBeUndefined();
});

test.each([
  ["pca", { k: 11 }, "for k but received 11"],
  ["pca", { sign: "signed", k: 2 }, "the most negative ones"],
  ["pca", { components: 6 }, "components"],
  ["ica", { components: 6 }, "components"],
  ["identity", { components: 6 }, "components"],
  ["pca", { centre: false }, "centre"],
  ["nothing", {}, "pca, ica, nmf, random, identity, rotation"],
] as const)("%s with %o is refused", async (name, options, message) => {
  await expect(async () => fitted(name, options)).rejects.toThrow(message);
});

test("rows that are all the same have no components", async () => {
  const same = new Float32Array(ROWS * D).fill(2);
  for (const name of ["pca", "ica"])
    await expect(fitted(name, {}, same)).rejects.toThrow("are all the same");
});

test("ICA leaves out directions without variance", async () => {
  const flat = SKEWED.map((v, at) => (at % D === 3 ? 7 : v));
  const { sae, components } = await fitted("ica", { sign: "signed" }, flat);
  expect(components).toBe(4);
  expect((await on(sae, flat)).fvu).toBeLessThan(1e-6);
});

test("any number of threads gives the same bytes", async () => {
  const [rows, dIn] = [3000, 48];
  const all = normals("threads", rows * dIn).map((v) => Math.abs(v) ** 1.5);
  for (const name of ["pca", "ica", "nmf"]) {
    const found = [];
    for (const threads of [1, 3]) {
      const { backend } = openBackend({ threads });
      const context = { backend, rows: rowsInOrder(all, dIn), seed: 0, pause: () => {} };
      found.push(await fitBaseline(baselineNamed(name), { ...context, maxIterations: 3 }));
    }
    expect(found[1], name).toEqual(found[0]);
  }
});
