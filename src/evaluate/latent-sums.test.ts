import { expect, test } from "vitest";
import { backendNames, openNamed } from "../../test/support/backends.ts";
import { madeRows, madeSae } from "../../test/support/made-sae.ts";
import { normals } from "../../test/support/random.ts";
import { capacity } from "../metrics/capacity.ts";
import { fvu } from "../metrics/fvu.ts";
import { neuronsPerLatent } from "../metrics/neurons-per-latent.ts";
import { restFvu } from "../metrics/rest-fvu.ts";
import { topFvu } from "../metrics/top-fvu.ts";
import { evaluateSaes } from "./evaluate-saes.ts";
import { latentSums } from "./latent-sums.ts";

const [ROWS, D] = [1500, 6];
const pause = async () => {};

test.each([...backendNames])(
  "on %s: sums by latent, and reconstructions by parts",
  async (name) => {
    const backend = openNamed(name);
    const saes = [madeSae("a"), madeSae("b", { dSae: 12, k: 3 })];
    const reader = madeRows(ROWS, D);
    const [whole] = await evaluateSaes(backend, saes, reader, D);
    const [all] = await latentSums(backend, saes, reader, { top: 8, pause });
    // All latents are among the largest: the rest has none.
    expect(topFvu.compute(all!)).toBeCloseTo(fvu.compute(whole!), 5);
    expect([...all!.activeRows]).toEqual([...whole!.activeRows]);
    expect(all!.powers[0].reduce((sum, v) => sum + v, 0)).toBeCloseTo(whole!.l1, 1);
    expect(all!.variance).toBe(whole!.variance);
    const { decoderBias } = saes[0]!;
    let alone = 0;
    const x = normals("rows", ROWS * D);
    for (let at = 0; at < x.length; at++) alone += (x[at]! - decoderBias![at % D]!) ** 2;
    expect(all!.restError / alone).toBeCloseTo(1, 4);
    const [some, wide] = await latentSums(backend, saes, reader, { top: 2, pause });
    expect(topFvu.compute(some!)).toBeGreaterThan(topFvu.compute(all!));
    expect(restFvu.compute(some!)).toBeGreaterThan(topFvu.compute(all!));
    const { decoder, dSae } = saes[1]!;
    const row = (f: number) => decoder.subarray(f * D, (f + 1) * D);
    for (let f = 0; f < dSae; f++) {
      let sum = 0;
      for (let g = 0; g < dSae; g++) sum += row(f).reduce((s, v, j) => s + v * row(g)[j]!, 0) ** 2;
      expect(wide!.squaredCosines[f]).toBeCloseTo(sum, 4);
    }
  },
);

test("random atoms have the capacity and the spread that are said of them", async () => {
  const shape = { dIn: 24, dSae: 400 };
  const sae = madeSae("many", { ...shape, k: 4 });
  const [sums] = await latentSums(openNamed("reference"), [sae], madeRows(64, 24), {
    top: 1,
    pause,
  });
  for (const metric of [capacity, neuronsPerLatent])
    expect(metric.compute(sums!) / metric.random!(shape), metric.name).toBeCloseTo(1, 1);
});
