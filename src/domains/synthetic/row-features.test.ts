import { describe, expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { GENERATORS, type SyntheticOptions } from "./options.ts";
import { MOST_KNOWN_FEATURES } from "./row-features.ts";
import { openSyntheticSource } from "./synthetic-source.ts";

const small = { dIn: 12, features: 24, active: 2, heldOutRows: 90, seed: 5, noise: 0 };

/** Σ coefficient · feature of every held-out row, from what the source says of it. */
async function remade(options: Partial<SyntheticOptions>, rows: Int32Array) {
  const source = await openSyntheticSource(reference, { generator: "mfr", ...small, ...options });
  const { dIn, trueFeatures, heldOut, featuresOfHeldOut } = source;
  const { start, features, coefficients } = await featuresOfHeldOut!(rows);
  const sums = new Float64Array(rows.length * dIn);
  for (let i = 0; i < rows.length; i++)
    for (let e = start[i]!; e < start[i + 1]!; e++)
      for (let j = 0; j < dIn; j++)
        sums[i * dIn + j]! += coefficients[e]! * trueFeatures!.matrix[features[e]! * dIn + j]!;
  const all = new Float32Array(heldOut.rows * dIn);
  await heldOut.read(0, all);
  const served = Array.from(rows, (row) => [...all.subarray(row * dIn, (row + 1) * dIn)]).flat();
  return { sums, served, start };
}

// Orbits are moved sums: orbits/orbit-source.test.ts.
describe.each(GENERATORS.filter((name) => name !== "orbits"))(
  "held-out rows of %s",
  (generator) => {
    test("are the sum of the features that the source says they are made of", async () => {
      const rows = Int32Array.from({ length: 90 }, (_, i) => i);
      const { sums, served, start } = await remade({ generator }, rows);
      for (const [i, value] of served.entries()) expect(sums[i]).toBeCloseTo(value, 5);
      expect(start.at(-1)! / 90).toBeGreaterThan(1);
    });

    test("are found one by one", async () => {
      const { sums, served } = await remade({ generator }, Int32Array.of(3, 40, 89));
      for (const [i, value] of served.entries()) expect(sums[i]).toBeCloseTo(value, 5);
    });
  },
);

test("shared supports, correlated features and more features than one pass takes are known too", async () => {
  const rows = Int32Array.from({ length: 40 }, (_, i) => 2 * i);
  for (const options of [
    { support: "per_batch_group", generationBatch: 7, groups: 2 },
    { generator: "sparse_coding", correlated: true, generationBatch: 16 },
    { features: 2500, groups: 3 },
  ] as const) {
    const { sums, served } = await remade(options, rows);
    for (const [i, value] of served.entries()) expect(sums[i]).toBeCloseTo(value, 4);
  }
});

test("noise changes nothing of what rows are made of", async () => {
  const of = async (noise: number) => {
    const options = { generator: "song", ...small, noise } as const;
    const { featuresOfHeldOut } = await openSyntheticSource(reference, options);
    return featuresOfHeldOut!(Int32Array.of(0, 1, 2));
  };
  expect(await of(0.5)).toEqual(await of(0));
});

test("a source of too many features does not say", async () => {
  const many = { ...small, dIn: 2, features: MOST_KNOWN_FEATURES + 1 };
  const source = await openSyntheticSource(reference, { generator: "mfr", ...many });
  expect(source.featuresOfHeldOut).toBeUndefined();
});
