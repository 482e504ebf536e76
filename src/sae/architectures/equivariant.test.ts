/** The equivariant architecture: its loss is its file's formula, and codes become invariant. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectAllclose } from "../../../test/support/allclose.ts";
import { reference } from "../../../test/support/backends.ts";
import { orbitRows, quarterTurns } from "../../../test/support/orbits.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { convertSae } from "../../interchange/convert.ts";
import { readSae } from "../../interchange/formats.ts";
import { loadSae, saveSae } from "../../interchange/saelens.ts";
import { resolveOptions } from "../architecture.ts";
import { openSaeRunner, type Sae } from "../sae.ts";
import { saeDigest } from "../sae-digest.ts";
import type { Trainable } from "../trainable.ts";
import { equivariant, lossWeights } from "./equivariant.ts";

const [D, D_SAE, ORBITS] = [6, 10, 5];
const C4 = quarterTurns(D);
const SHAPE = { dIn: D, dSae: D_SAE };
const ROWS = orbitRows(C4, D, ORBITS);

function made(given: Readonly<Record<string, unknown>>, symmetry = C4): Trainable {
  const options = resolveOptions(
    equivariant,
    { k: 3, hiddenDim: 12, auxK: false, ...given },
    SHAPE,
  );
  const context = { backend: reference, dIn: D, batch: 4 * ORBITS, shared: new Map(), symmetry };
  const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  return equivariant.create(context, { dSae: D_SAE, options, adam });
}

async function started(given: Readonly<Record<string, unknown>>): Promise<Trainable> {
  const sae = made(given);
  await sae.initialise({ seed: 1, restart: 0 });
  await sae.fitTo(ROWS);
  return sae;
}

async function train(sae: Trainable, steps: number, lr = 3e-3) {
  let last = await sae.backward(await sae.forward({ x: ROWS }), { lr });
  for (let step = 1; step < steps; step++)
    last = await sae.backward(await sae.forward({ x: ROWS }), { lr });
  return last;
}

/** Codes of rows, dense, [rows, d_sae]. */
async function codes(sae: Sae, x = ROWS): Promise<Float32Array> {
  const rows = x.length / D;
  const runner = await openSaeRunner(reference, sae, rows);
  const { indptr, indices, values } = await runner.encode(x, rows);
  const z = new Float32Array(rows * D_SAE);
  for (let b = 0; b < rows; b++)
    for (let e = indptr[b]!; e < indptr[b + 1]!; e++) z[b * D_SAE + indices[e]!] = values[e]!;
  return z;
}

/** mean over orbits and poses of ‖a_k − b_k‖², of rows [rows, d]. */
function distance(a: (row: number) => Float32Array, b: (row: number) => Float32Array): number {
  let sum = 0;
  for (let row = 0; row < 4 * ORBITS; row++)
    a(row).forEach((v, j) => {
      sum += (v - b(row)[j]!) ** 2;
    });
  return sum / (4 * ORBITS);
}

const isFixed = { canonical: "fixed" };
const isRandom = { canonical: "random" };
const TERMS = ["rec", "can", "pose", "lat", "out", "mse"] as const;

test.each([isFixed, isRandom])(
  "each term of the loss is what its formula says: %j",
  async (which) => {
    const found: Record<string, number> = {};
    let chosen: number[] = [];
    for (const term of TERMS) {
      const sae = await started({ ...which, lossWeights: { rec: 0, lat: 0, [term]: 1 } });
      const { unit } = sae.dictionary();
      const inference = sae.inference();
      const z = await codes(inference);
      const row = (k: number) => ROWS.subarray(k * D, (k + 1) * D);
      const latents = (k: number) => z.subarray(k * D_SAE, (k + 1) * D_SAE);
      const output = (k: number) =>
        Float32Array.from({ length: D }, (_, j) =>
          latents(k).reduce((sum, value, f) => sum + value * unit[f * D + j]!, 0),
        );
      const decoded = (k: number) => output(k).map((v, j) => v + inference.decoderBias![j]!);
      const turned = (v: Float32Array, k: number) =>
        Float32Array.from({ length: D }, (_, i) =>
          v.reduce((sum, x, j) => sum + x * C4.matrices[(k * D + i) * D + j]!, 0),
        );
      const expected = (c: (k: number) => number) => ({
        rec: distance(
          (k) => decoded(c(k)),
          (k) => row(c(k)),
        ),
        can: distance(decoded, (k) => row(c(k))),
        pose: distance((k) => turned(decoded(k), (k - c(k) + 8) % 4), row),
        lat: distance(latents, (k) => latents(c(k))),
        out: distance(output, (k) => output(c(k))),
        mse: distance(decoded, row),
      });
      const { loss } = await sae.backward(await sae.forward({ x: ROWS }), { lr: 0 });
      found[term] = loss;
      if (term === "rec" && which === isRandom) {
        // The poses that were drawn are those that explain the loss of every orbit together.
        const all = Array.from({ length: 4 ** ORBITS }, (_, n) =>
          Array.from({ length: ORBITS }, (_, o) => Math.floor(n / 4 ** o) % 4),
        );
        chosen = all.find(
          (poses) =>
            Math.abs(
              expected((k) => 4 * Math.floor(k / 4) + poses[Math.floor(k / 4)]!).rec - loss,
            ) <
            1e-5 * loss,
        )!;
        expect(new Set(chosen).size).toBeGreaterThan(1);
      }
      const first = (k: number) => 4 * Math.floor(k / 4);
      const c = which === isRandom ? (k: number) => first(k) + chosen[Math.floor(k / 4)]! : first;
      expect(loss, term).toBeCloseTo(expected(c)[term], 4);
    }
    expect(Object.values(found).every((loss) => loss > 0)).toBe(true);
  },
);

test("presets are weights, and any weight can be given by itself", () => {
  const none = { lambdaSym: 2, lambdaMse: 0.5, lossWeights: false } as const;
  expect(lossWeights({ ...none, lossType: "canonical" })).toMatchObject({
    can: 2,
    rec: 0,
    mse: 0.5,
  });
  expect(lossWeights({ ...none, lossType: "latent_inv" })).toMatchObject({
    rec: 1,
    lat: 2,
    out: 0,
  });
  const given = { ...none, lossType: "output_inv", lossWeights: { rec: 3 } } as const;
  expect(lossWeights(given)).toMatchObject({ rec: 3, out: 2, mse: 0.5 });
  expect(() => made({ lossType: "canonical", lambdaSym: 0 })).toThrow("at least one term");
});

/** ‖z_k − z_0‖ / ‖z_0‖ over all orbits. */
function variance(z: Float32Array): number {
  let [apart, whole] = [0, 0];
  for (let i = 0; i < z.length; i++) {
    const first = z[4 * D_SAE * Math.floor(i / (4 * D_SAE)) + (i % D_SAE)]!;
    apart += (z[i]! - first) ** 2;
    whole += first ** 2;
  }
  return Math.sqrt(apart / whole);
}

test("codes of all poses become one, and decode to the canonical pose", async () => {
  const sae = await started({ lossType: "latent_inv", hiddenDim: 32 });
  const before = variance(await codes(sae.inference()));
  const first = (await sae.backward(await sae.forward({ x: ROWS }), { lr: 0 })).squaredError;
  const { squaredError, l0 } = await train(sae, 300, 0.01);
  expect(squaredError).toBeLessThan(0.2 * first);
  expect(variance(await codes(sae.inference()))).toBeLessThan(0.3 * before);
  expect(l0).toBeLessThanOrEqual(3);
});

test("an encoder that averages over the group is invariant from the start, and so is its folder", async () => {
  const sae = await started({ groupAverage: true });
  expect(variance(await codes(sae.inference()))).toBeLessThan(1e-5);
  await train(sae, 3);
  const folder = join(temporaryFolder(), "sae");
  await saveSae(folder, sae.inference(), { model_name: "own" });
  const read = await loadSae(reference, folder);
  expectAllclose(await codes(read), await codes(sae.inference()), { atol: 0, rtol: 0 });
  expect(saeDigest(read)).toBe(saeDigest(sae.inference()));
  expect(read.decoder).toEqual(sae.inference().decoder);
  const { format, modelName } = await readSae(reference, folder);
  expect([format, modelName]).toEqual(["concord", "own"]);
  await expect(convertSae(reference, folder, join(folder, "out"), "saelens")).rejects.toThrow(
    "holds one matrix that encodes, and an SAE of equivariant has more",
  );
});

test("a restored one goes on to the same bytes", async () => {
  const whole = await started({ ...isRandom, lossType: "output_inv" });
  await train(whole, 3);
  const second = made({ ...isRandom, lossType: "output_inv" });
  await second.load(structuredClone(whole.save()));
  expect(await train(second, 4)).toEqual(await train(whole, 4));
  expect(second.save()).toEqual(whole.save());
});

test("what cannot be trained is refused in a line", async () => {
  const options = resolveOptions(equivariant, {}, SHAPE);
  const context = { backend: reference, dIn: D, batch: 20, shared: new Map() };
  const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  expect(() => equivariant.create(context, { dSae: D_SAE, options, adam })).toThrow(
    "equivariant needs whole orbits, and this source serves single rows.",
  );
  const still = { ...C4, matrices: new Float32Array(4 * D * D) };
  expect(() => made({ groupAverage: true }, still)).toThrow("Expected a matrix with an inverse");
});
