import { expect, test } from "vitest";
import { expectAllclose } from "../../../test/support/allclose.ts";
import { reference } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import { kMeans } from "../../linalg/k-means/k-means.ts";
import { createPopulation } from "../../population/create-population.ts";
import { trainPopulation } from "../../population/train-population.ts";
import type { ActivationStream } from "../../sources/source.ts";
import { resolveOptions } from "../architecture.ts";
import { openSaeRunner } from "../sae.ts";
import type { Trainable } from "../trainable.ts";
import { archetypal } from "./archetypal.ts";

const [D, N, BATCH] = [6, 12, 32];
const rows = normals("archetypal", 320 * D).map((v, i) => v * (1 + (i % D)) + 2);

/** The same rows again and again. */
function stream(): ActivationStream {
  let at = 0;
  return {
    rowsPerPass: rows.length / D,
    async next(out) {
      for (let i = 0; i < out.length; i++, at++) out[i] = rows[at % rows.length]!;
    },
    state: () => ({ at }),
    async seek(state) {
      at = Number(state["at"]);
    },
  };
}

async function trained(given: object, steps = 8, seeds = [0]): Promise<Trainable[]> {
  const shape = { dIn: D, dSae: N, k: 3, batch: BATCH, seeds, lr: 0.02 };
  const population = await createPopulation(reference, {
    ...shape,
    architecture: "archetypal",
    centroidRows: 200,
    ...given,
  });
  const run = { population, stream: stream(), firstStep: 0, totalSteps: steps, clock: () => 0 };
  for await (const _ of trainPopulation(run));
  return population.members.map(({ sae }) => sae);
}

const array = (sae: Trainable, name: string) => sae.save().arrays[name] as Float32Array;

test("atoms start as centroids of the first rows, and stay mixtures of them", async () => {
  const [sae] = await trained({ centroids: 20, delta: 0, multiplier: false });
  const centroids = array(sae!, "centroids");
  const x = rows.slice(0, 200 * D);
  expect(centroids).toEqual((await kMeans(reference, { x, d: D, count: 20, seed: 0 })).centres);
  const W = array(sae!, "mixture");
  const mixed = new Float32Array(N * D);
  for (let f = 0; f < N; f++) {
    const weights = W.subarray(f * 20, (f + 1) * 20);
    expect(weights.every((w) => w >= 0)).toBe(true);
    expect(weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 5);
    for (let i = 0; i < 20; i++)
      for (let j = 0; j < D; j++) mixed[f * D + j]! += weights[i]! * centroids[i * D + j]!;
  }
  expect(W.some((w) => w > 0.01 && w < 0.99)).toBe(true);
  expectAllclose(sae!.inference().decoder, mixed, { atol: 1e-5 }, "atoms");
});

test("what an atom has beside its mixture is no longer than delta, unless nothing is projected", async () => {
  const longest = async (projection: boolean) => {
    const [sae] = await trained({ delta: 0.03, projection });
    const relaxation = array(sae!, "relaxation");
    return Math.max(
      ...Array.from({ length: N }, (_, f) =>
        Math.hypot(...relaxation.subarray(f * D, (f + 1) * D)),
      ),
    );
  };
  expect(await longest(true)).toBeCloseTo(0.03, 5);
  expect(await longest(false)).toBeGreaterThan(0.04);
});

test("k-means starts from the member's seed, or from one for all", async () => {
  const starts = async (centroidSeed: "member" | number) =>
    (await trained({ centroidSeed }, 1, [0, 1])).map((sae) => array(sae, "centroids"));
  const [own, other] = await starts("member");
  expect(other).not.toEqual(own);
  const [shared, same] = await starts(7);
  expect(same).toEqual(shared);
});

test("centred rows have centred centroids", async () => {
  const [sae] = await trained({ decoderBias: "mean" }, 0);
  await sae!.initialise({ seed: 0, restart: 0 });
  await sae!.startOn!(rows.subarray(0, 200 * D), new Map());
  expect(Math.min(...array(sae!, "b_dec"))).toBeGreaterThan(1);
  const centroids = array(sae!, "centroids");
  const mean = centroids.reduce((sum, v) => sum + v, 0) / centroids.length;
  expect(Math.abs(mean)).toBeLessThan(1);
});

test("the trained SAE has its batch norm folded in, and goes on from a checkpoint as it was", async () => {
  const [sae] = await trained({}, 40);
  const [again] = await trained({}, 2, [5]);
  await again!.load(structuredClone(sae!.save()));
  expect(again!.startRows).toBe(0);
  const step = async (one: Trainable) => {
    const found = await one.forward({ x: rows.subarray(0, BATCH * D) });
    return one.backward(found, { lr: 0.01 });
  };
  expect(await step(again!)).toEqual(await step(sae!));
  expect(again!.save()).toEqual(sae!.save());

  const folded = sae!.inference();
  const runner = await openSaeRunner(reference, folded, 1);
  const x = rows.slice(0, D);
  const { values } = await runner.encode(x, 1);
  const of = (name: string) => array(sae!, name);
  const scores = Array.from({ length: N }, (_, f) => {
    let score = of("b_enc")[f]!;
    for (let j = 0; j < D; j++) score += of("encoder")[f * D + j]! * x[j]!;
    const normal = (score - of("norm.mean")[f]!) / Math.sqrt(of("norm.variance")[f]! + 1e-5);
    return of("norm.gamma")[f]! * normal + of("norm.beta")[f]!;
  });
  const largest = scores.toSorted((a, b) => b - a).slice(0, 3);
  expectAllclose(
    [...values].sort((a, b) => b - a),
    largest,
    { rtol: 1e-3 },
    "code",
  );
});

test("a coupling's pull reaches what atoms are made of", async () => {
  const moved = async (pull: number) => {
    const [sae] = await trained({ projection: false }, 1);
    const found = await sae!.forward({ x: rows.subarray(0, BATCH * D) });
    await sae!.backward(found, { lr: 1e-3, pull: new Float32Array(N * D).fill(pull) });
    const total = (values: Float32Array) => values.reduce((sum, v) => sum + v, 0);
    return { relaxation: total(array(sae!, "relaxation")), atoms: total(sae!.inference().decoder) };
  };
  const [down, up] = [await moved(1e3), await moved(-1e3)];
  expect(down.relaxation).toBeLessThan(up.relaxation - 0.05);
  expect(down.atoms).toBeLessThan(up.atoms - 0.05);
});

test.each([
  [{ centroids: 11 }, "Expected d_sae (12) at least, an atom each to start from, for centroids"],
  [{ centroids: 30, centroidRows: 29 }, "Expected centroids (30) at least for centroidRows"],
  [{ k: 13 }, "Expected an integer from 1 to d_sae (12) for k"],
])("%o is refused", (given, message) => {
  expect(() => resolveOptions(archetypal, given, { dIn: D, dSae: N })).toThrow(message);
});

test("fewer rows than centroids are refused before the first step", async () => {
  await expect(trained({ centroids: 400, centroidRows: 400 })).rejects.toThrow(
    "k-means: 400 centroids need as many rows, but there are 320.",
  );
});

test("plain SAEs start from directions of centroids, with k_means as their weight_init", async () => {
  const shape = { dIn: D, dSae: N, k: 3, batch: BATCH, seeds: [4], lr: 1e-9 };
  const given = { weightInit: "k_means", centroidRows: 200, decoderBias: "none" } as const;
  const population = await createPopulation(reference, { ...shape, ...given });
  const run = { population, stream: stream(), firstStep: 0, totalSteps: 1, clock: () => 0 };
  for await (const _ of trainPopulation(run));
  const x = rows.slice(0, 200 * D);
  const { centres } = await kMeans(reference, { x, d: D, count: N, seed: 4 });
  const { decoder, encoder } = population.members[0]!.sae.inference();
  for (let f = 0; f < N; f++) {
    const own = centres.subarray(f * D, (f + 1) * D);
    const length = Math.hypot(...own);
    for (let j = 0; j < D; j++) expect(decoder[f * D + j]).toBeCloseTo(own[j]! / length, 5);
  }
  expectAllclose(encoder, decoder, { atol: 1e-5 }, "encoder");
});
