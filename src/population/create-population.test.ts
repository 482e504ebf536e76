import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
import { openSyntheticSource } from "../domains/synthetic/synthetic-source.ts";
import { openArraySource } from "../sources/arrays/array-source.ts";
import { createPopulation, type PopulationOptions } from "./create-population.ts";
import { trainPopulation } from "./train-population.ts";

const OPTIONS: PopulationOptions = { dIn: 8, dSae: 16, k: 2, seeds: [0, 1], batch: 32 };

test.each<[string, Partial<PopulationOptions>]>([
  ["dIn", { dIn: 0 }],
  ["dSae", { dSae: 2.5 }],
  ["batch", { batch: 0 }],
  ["k", { k: 17 }],
  ["lr", { lr: -1 }],
  ["lr", { lr: Number.NaN }],
  ["warmupSteps", { warmupSteps: -1 }],
  ["seeds", { seeds: [] }],
  ["seeds", { seeds: [0.5] }],
  ["architecture", { architecture: "sparse" }],
])("%s that does not fit is named", async (name, wrong) => {
  await expect(createPopulation(reference, { ...OPTIONS, ...wrong })).rejects.toMatchObject({
    code: "argument/invalid",
    message: expect.stringContaining(` for ${name} but received `),
  });
});

test("a stream of rows of another width is refused, not cut anew", async () => {
  const population = await createPopulation(reference, { ...OPTIONS, dIn: 16 });
  const { train: array } = await openArraySource({ data: normals("x", 800), dIn: 8 });
  const synthetic = { generator: "mfr", dIn: 8, features: 12, groups: 3, active: 2 } as const;
  const { train: drawn } = await openSyntheticSource(reference, synthetic);
  for (const stream of [array, drawn]) {
    const run = { population, stream, firstStep: 0, totalSteps: 1, clock: () => 0 };
    await expect(trainPopulation(run).next()).rejects.toMatchObject({
      code: "shape/mismatch",
      message: "[train] Expected activations of d_in 16 but received a stream of d_in 8.",
    });
  }
});
