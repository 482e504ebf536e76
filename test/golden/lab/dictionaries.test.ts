/** Measures of whole dictionaries are those of numpy and SciPy on the same weights. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { powerLaw } from "../../../src/base/statistics/power-law.ts";
import { atomsOf } from "../../../src/consistency/lab/atoms.ts";
import { compareSaes } from "../../../src/consistency/lab/compare-saes.ts";
import { rebuildFrom } from "../../../src/consistency/lab/rebuild-atom.ts";
import { splitsOf } from "../../../src/consistency/lab/splits.ts";
import { diversityOf, stabilityOf } from "../../../src/consistency/lab/stability.ts";
import {
  AngleNulls,
  byMatch,
  leadingOf,
  principalAngles,
  subspaceOverlap,
  unmatchedEnergy,
  unmatchedSide,
} from "../../../src/consistency/lab/subspaces.ts";
import { readSafetensors } from "../../../src/formats/safetensors-file.ts";
import { leadingDirections } from "../../../src/linalg/leading-directions.ts";
import { backendNames, openNamed } from "../../support/backends.ts";

const HERE = import.meta.dirname;

interface Expected {
  readonly ranks: number[];
  readonly tau: number;
  readonly pairs: readonly {
    readonly a: number;
    readonly b: number;
    readonly stability_exact: number;
    readonly cka: number;
    readonly svcca: number;
    readonly rsa: number;
    readonly overlap: number[];
    readonly angles_of_rank_8: number[];
    readonly unmatched: number[];
    readonly energy: number[];
    readonly energy_matched: number[];
    readonly energy_own: number[];
    readonly parents_by_children: number[];
    readonly pursuit: { readonly atoms: number[]; readonly cosines: number[] };
  }[];
  readonly saes: readonly {
    readonly relaxed: number;
    readonly "overlap_at_0.6": number;
    readonly "diversity_at_0.7": number;
  }[];
  readonly power_law: {
    readonly y: number[];
    readonly scale: number;
    readonly exponent: number;
    readonly offset: number;
    readonly error: number;
  };
}

const EXPECTED: Expected = JSON.parse(readFileSync(join(HERE, "dictionaries.json"), "utf8"));

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, decimals = 5) {
  expect(found).toHaveLength(expected.length);
  for (let i = 0; i < found.length; i++) expect(found[i]).toBeCloseTo(expected[i]!, decimals);
}

describe.each([...backendNames])("on %s", (name) => {
  const measured = async () => {
    const backend = openNamed(name);
    const { tensors } = await readSafetensors(join(HERE, "saes.safetensors"));
    const saes = await Promise.all(
      EXPECTED.saes.map((_, i) => {
        const matrix = (what: string) => tensors.get(`${i}.${what}`)!;
        const [dSae, dIn] = matrix("decoder").shape as [number, number];
        const encoder = matrix("encoder").data as Float32Array;
        const decoder = matrix("decoder").data as Float32Array;
        return atomsOf(backend, { encoder, decoder, dSae, dIn });
      }),
    );
    return { backend, saes, comparison: await compareSaes(backend, saes) };
  };

  test("of every pair", async () => {
    const { backend, saes, comparison } = await measured();
    const nulls = new AngleNulls(backend);
    expect(comparison.pairs).toHaveLength(EXPECTED.pairs.length);
    for (const [i, { a, b, measures }] of comparison.pairs.entries()) {
      const expected = EXPECTED.pairs[i]!;
      const [first, second] = [saes[a]!.decoder, saes[b]!.decoder];
      expect(measures.stabilityExact).toBeCloseTo(expected.stability_exact, 5);
      expect(measures.representation!.cka).toBeCloseTo(expected.cka, 5);
      expect(measures.representation!.svcca).toBeCloseTo(expected.svcca, 4);
      expect(measures.representation!.rsa).toBeCloseTo(expected.rsa, 5);

      const rows = ({ unit, count, d }: typeof first) => ({ matrix: unit, count, d });
      const [u, v] = [
        await leadingOf(backend, rows(first)),
        await leadingOf(backend, rows(second)),
      ];
      const { overlap, ranks } = await subspaceOverlap(backend, u, v, nulls);
      expect(ranks).toEqual(EXPECTED.ranks);
      expectClose(overlap, expected.overlap);
      const ofRank8 = (of: typeof first) => leadingDirections(backend, rows(of), 8);
      const angles = await principalAngles(backend, await ofRank8(first), await ofRank8(second));
      expectClose(angles, expected.angles_of_rank_8, 2);

      const isAlive = () => true;
      const alive = [isAlive, isAlive] as const;
      const sides = byMatch(measures.decoderMatching, second.count, EXPECTED.tau, alive);
      const energy = await unmatchedEnergy(
        backend,
        await unmatchedSide(backend, first, sides[0]),
        await unmatchedSide(backend, second, sides[1]),
        "test",
      );
      expect(energy!.latents).toEqual(expected.unmatched);
      expectClose(energy!.energy, expected.energy);
      expectClose(energy!.matched!, expected.energy_matched);
      expectClose(energy!.own, expected.energy_own);

      const nearest = { nearest: measures.nearestOfB, cosine: measures.bestOfB };
      const splits = splitsOf(nearest, { latents: first.count, d: first.d }, EXPECTED.tau);
      expect(splits.byChildren).toEqual(expected.parents_by_children);

      const one = { unit: first.unit.subarray(0, first.d), count: 1 };
      const [steps] = await rebuildFrom(backend, one, second, 5);
      expect(steps!.map(({ atom }) => atom)).toEqual(expected.pursuit.atoms);
      expectClose(
        steps!.map(({ cosine }) => cosine),
        expected.pursuit.cosines,
      );
    }
  });

  test("of every SAE", async () => {
    const { backend, saes, comparison } = await measured();
    const latents = saes.map(({ decoder }) => decoder.count);
    for (const [i, expected] of EXPECTED.saes.entries()) {
      const { relaxed, overlap } = stabilityOf(i, latents, 16, comparison.pairs)!;
      expect(relaxed.value).toBeCloseTo(expected.relaxed, 5);
      expect(overlap.value).toBeCloseTo(expected["overlap_at_0.6"], 10);
      const diversity = await diversityOf(backend, saes[i]!.decoder, "test");
      expect(diversity.atoms).toBe(expected["diversity_at_0.7"]);
    }
  });
});

test("a power law with an offset, as scipy.optimize.curve_fit finds it", () => {
  const { y, scale, exponent, offset, error } = EXPECTED.power_law;
  const fit = powerLaw(
    y.map((_, i) => i + 1),
    y,
  )!;
  expect(fit.scale).toBeCloseTo(scale, 5);
  expect(fit.exponent).toBeCloseTo(exponent, 5);
  expect(fit.offset).toBeCloseTo(offset, 5);
  expect(fit.error).toBeCloseTo(error, 7);
  expect(powerLaw([1, 2, 3], [1, 0.5, 0.4])).toBeUndefined();
});
