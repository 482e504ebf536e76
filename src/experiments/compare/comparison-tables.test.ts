/** What a comparison gives to programs: columns of a CSV, tensors of a table, keys of JSON. */
import { describe, expect, test } from "vitest";
import type { FolderComparison } from "./compare-folders.ts";
import { comparisonJson, latentsCsv } from "./comparison-json.ts";
import {
  dictionariesJson,
  pairDictionaryJson,
  pairwiseJson,
  saeDictionaryJson,
} from "./dictionary-json.ts";
import { allLatentTensors, latentMetadata, latentTensors } from "./latent-table.ts";
import { activationsJson } from "./rows/activations-json.ts";

const found = (recursIn: number, ...partners: readonly (readonly [number, number, number])[]) => ({
  recursIn,
  meanCosine: partners.length === 0 ? undefined : 0.5,
  lowestCosine: partners.length === 0 ? undefined : 0.25,
  partners: partners.map(([sae, latent, cosine]) => ({ sae, latent, cosine })),
});

/** Three SAEs of two, three and one latents. */
function comparison(change: object = {}): FolderComparison {
  const sae = (name: string, latents: readonly object[], more: object = {}) => ({
    name,
    folder: `saes/${name}`,
    format: "saelens",
    architecture: "topk",
    dIn: 4,
    dSae: latents.length,
    dead: undefined,
    seed: undefined,
    modelName: undefined,
    hookName: undefined,
    alignment: Float32Array.from(latents, (_, i) => 0.5 + i / 8),
    density: undefined,
    latents,
    others: 2,
    shared: undefined,
    uniqueAtK: [1, 0.5],
    ...more,
  });
  const saes = [
    sae("a", [found(2, [1, 2, 0.75], [2, 0, 0.5]), found(0)], {
      density: Float32Array.of(0.25, 0),
      dead: 1,
    }),
    sae("b,c", [found(0), found(0), found(1, [0, 0, 0.75])]),
    sae('d"e', [found(1, [0, 0, 0.5])]),
  ];
  return { saes, threshold: 0.7, ...change } as unknown as FolderComparison;
}

describe("latents.csv", () => {
  const lines = () => latentsCsv(comparison()).split("\n");

  test("has a line per latent of every SAE, in order, and ends with a line break", () => {
    expect(lines()).toHaveLength(1 + 6 + 1);
    expect(lines().at(-1)).toBe("");
    expect(lines()[0]).toBe(
      "sae,latent,recurs_in,of,mean_cosine,lowest_cosine,alignment,density,partners",
    );
  });

  test("names partners with their cosines, and quotes names that need it", () => {
    expect(lines()[1]).toBe('a,0,2,2,0.5,0.25,0.5,0.25,"b,c:2:0.7500 d""e:0:0.5000"');
    expect(lines()[5]).toBe('"b,c",2,1,2,0.5,0.25,0.75,,a:0:0.7500');
    expect(lines()[6]).toBe('"d""e",0,1,2,0.5,0.25,0.5,,a:0:0.5000');
  });

  test("leaves fields empty where there is no number; a density of 0 is a number", () => {
    expect(lines()[2]).toBe("a,1,0,2,,,0.625,0,");
    expect(lines()[3]).toBe('"b,c",0,0,2,,,0.5,,');
  });
});

describe("the table of latents", () => {
  test("has −1 and NaN where there is no partner, and for the SAE itself", () => {
    const table = latentTensors(comparison(), 0);
    expect(table.get("partners")).toMatchObject({ dtype: "int32", shape: [3, 2] });
    expect(Array.from(table.get("partners")!.data, Number)).toEqual([-1, -1, 2, -1, 0, -1]);
    expect(Array.from(table.get("partner_cosines")!.data, Number)).toEqual([
      Number.NaN,
      Number.NaN,
      0.75,
      Number.NaN,
      0.5,
      Number.NaN,
    ]);
    expect(Array.from(table.get("recurs_in")!.data, Number)).toEqual([2, 0]);
    expect(Array.from(table.get("mean_cosine")!.data, Number)).toEqual([0.5, Number.NaN]);
    expect(Array.from(table.get("lowest_cosine")!.data, Number)).toEqual([0.25, Number.NaN]);
  });

  test("holds a density where it is known", () => {
    expect(Array.from(latentTensors(comparison(), 0).get("density")!.data, Number)).toEqual([
      0.25, 0,
    ]);
    expect(latentTensors(comparison(), 1).has("density")).toBe(false);
  });

  test("of all SAEs has the names of each", () => {
    const all = [...allLatentTensors(comparison()).keys()];
    expect(all).toHaveLength(7 + 6 + 6);
    expect(all).toContain("b,c.recurs_in");
    expect(all).toContain("a.density");
  });

  test("says which SAEs its rows of partners are, and from which cosine a latent recurs", () => {
    expect(latentMetadata(comparison())).toEqual({
      saes: '["a","b,c","d\\"e"]',
      recurs_from: "0.7",
    });
  });
});

describe("JSON of dictionaries has null where a measure is missing, never a missing key", () => {
  const NULLS = { value: 0.5, interval: undefined, null: undefined };

  test("of an SAE", () => {
    const of = (sae: object) =>
      saeDictionaryJson(
        comparison({ dictionaries: { saes: [{ diversity: { atoms: 1, of: 2 }, ...sae }] } }),
        0,
      );
    expect(of({})).toEqual({
      shared_in_both: null,
      shared_in_both_intervals: null,
      shared_in_both_null: null,
      shared_in_alive: null,
      unique_decay: null,
      stability: null,
      stability_alive: null,
      diversity: { below: 0.7, atoms: 1, of: 2, interval: null, null: null },
    });
    const known = of({
      stability: { relaxed: NULLS, overlap: { value: 0, interval: [0, 0.5], null: 0.25 } },
      decay: { scale: 1, exponent: 2, offset: 3, error: 4 },
    });
    expect(known.stability).toEqual({
      relaxed: { value: 0.5, interval: null, null: null },
      overlap: { above: 0.6, value: 0, interval: [0, 0.5], null: 0.25 },
    });
    expect(known.unique_decay).toEqual({ a: 1, b: 2, c: 3, rms_error: 4 });
  });

  const subspaces = { ranks: [1], overlap: [0.5], null: [0.25], angles: [], anglesNull: [] };
  const pairOf = (pair: object, measures: object = {}, none: object = {}) =>
    pairDictionaryJson(
      comparison({
        pairs: [{ a: 0, b: 1, measures, null: none }],
        dictionaries: { pairs: [{ subspaces, unmatched: [undefined, undefined], ...pair }] },
      }),
      0,
    );

  test("of a pair", () => {
    expect(pairOf({})).toEqual({
      stability_exact: null,
      stability_exact_null: null,
      stability_exact_interval: null,
      mcc_abs_interval: null,
      representation: null,
      subspaces: { ranks: [1], overlap: [0.5], overlap_null: [0.25], angles: [], angles_null: [] },
      unmatched: { a_in_b: null, b_in_a: null },
      alive: null,
      splits: null,
      step_0: null,
    });
  });

  test("of a pair's parts, where they are there", () => {
    const arrangement = { cka: 0.5, svcca: 0.25, rsa: 0.125 };
    const json = pairOf(
      {
        alive: { latents: [1, 2], mcc: 0, mccNull: 0, meanMax: [0, 0], meanMaxNull: undefined },
        start: { a: "0", b: "1", same_index: null, mean_max: 0.5, mean_max_null: null },
        splits: {
          wide: 1,
          narrow: 0,
          byChildren: [1],
          byChildrenNull: undefined,
          orphans: 0,
          orphansNull: undefined,
          list: [{ parent: 3, children: [{ latent: 5, cosine: 0.75 }] }],
        },
      },
      { stabilityExact: 0, representation: { ...arrangement, shuffled: arrangement } },
      { stabilityExact: 0 },
    );
    // Zero is a number, not a missing one.
    expect(json).toMatchObject({ stability_exact: 0, stability_exact_null: 0 });
    expect(json.representation!.cka).toEqual({ value: 0.5, null: null, shuffled: 0.5 });
    expect(json.alive).toMatchObject({ latents: [1, 2], mcc: 0, mean_max_null: null });
    expect(json.step_0).toEqual({ same_index: null, mean_max: 0.5, mean_max_null: null });
    expect(json.splits).toEqual({
      wide: "b,c",
      narrow: "a",
      by_children: [1],
      by_children_null: null,
      orphans: 0,
      orphans_null: null,
      parents: [{ latent: 3, children: [{ latent: 5, cosine: 0.75 }] }],
    });
  });

  test("of means over pairs", () => {
    expect(pairwiseJson(undefined)).toBeNull();
    const found = { mean: 0.5, sd: undefined, null: 0, interval: undefined };
    expect(pairwiseJson(found)).toEqual({ mean: 0.5, sd: null, null: 0, interval: null });
    const pairwise = { cka: found, rsa: undefined };
    const all = comparison({ dictionaries: { pairwise, pwMccAlive: undefined }, leftOut: [] });
    expect(dictionariesJson(all)).toEqual({
      pw_mcc_alive: null,
      pairwise: { cka: pairwiseJson(found), rsa: null },
      left_out: [],
    });
  });

  test("of a whole comparison without pairs", () => {
    const sae = { diversity: { atoms: 0, of: 0 } };
    const json = comparisonJson(
      comparison({
        pairs: [],
        skipped: [{ a: 0, b: 2, why: "d_in 4 and 5" }],
        pwMcc: undefined,
        codes: undefined,
        warnings: ["one"],
        basesDiffer: [],
        activations: undefined,
        leftOut: [],
        dictionaries: { saes: [sae, sae, sae], pairs: [], pairwise: {}, pwMccAlive: undefined },
      }),
    );
    expect(json).toMatchObject({
      recurs_from: 0.7,
      pairs: [],
      skipped: [{ a: "a", b: 'd"e', why: "d_in 4 and 5" }],
      pw_mcc: null,
      activations: null,
      warnings: ["one"],
    });
    expect(json.saes[0]).toMatchObject({
      name: "a",
      d_sae: 2,
      dead: 1,
      seed: null,
      alignment_mean: 0.5625,
      shared_in: null,
      effective_rank: null,
    });
    expect(json.saes[1]!.dead).toBeNull();
  });
});

describe("JSON of activations", () => {
  const fvu = {
    own: 0.1,
    raw: undefined,
    procrustes: 0.2,
    procrustesAlone: 0.3,
    scaled: 0.25,
    affine: 0.4,
    affineAlone: 0.5,
  };
  const transfer = {
    aOnB: fvu,
    bOnA: { ...fvu, raw: 0 },
    mccProcrustes: 0.6,
    mccNull: 0.1,
    fittedOn: 8,
    triedOn: 9,
    conditioning: [
      { rank: 3, condition: 2 },
      { rank: 4, condition: 5 },
    ],
  };
  const pair = {
    a: 0,
    b: 1,
    rows: 10,
    live: [2, 3],
    matched: 2,
    correlation: 0.5,
    correlationNull: 0.1,
    interval: undefined,
    jaccard: 0.4,
    jaccardNull: 0.2,
    deciles: [{ density: 0.1, correlation: 0.2, correlationNull: 0.3, pairs: 4 }],
    transfer: undefined,
  };
  const json = (change: object) =>
    activationsJson(
      {
        sets: [{ name: "x.npy", rows: 10, dIn: 4, rank: undefined, saes: [1, 0] }],
        pairs: [{ ...pair, ...change }],
        skipped: [{ a: 1, b: 0, why: "no rows" }],
        warnings: [],
      } as never,
      (i) => "ab"[i]!,
    );

  test("names SAEs and rows, and has null for what was not measured", () => {
    const { rows, pairs, skipped } = json({});
    expect(rows).toEqual([
      {
        path: "x.npy",
        rows: 10,
        d_in: 4,
        effective_rank: null,
        participation_ratio: null,
        saes: ["b", "a"],
      },
    ]);
    expect(pairs[0]).toMatchObject({ a: "a", b: "b", correlation_interval: null, transfer: null });
    expect(pairs[0]!.deciles).toEqual([
      { density: 0.1, correlation: 0.2, correlation_null: 0.3, matched: 4 },
    ]);
    expect(skipped).toEqual([{ a: "b", b: "a", why: "no rows" }]);
  });

  test("has the errors of both directions; raw is null between spaces of two widths", () => {
    const found = json({ transfer }).pairs[0]!.transfer!;
    expect(found.a_on_b).toEqual({
      own: 0.1,
      raw: null,
      procrustes: 0.2,
      procrustes_map_alone: 0.3,
      procrustes_scaled: 0.25,
      affine: 0.4,
      affine_map_alone: 0.5,
    });
    expect(found.b_on_a.raw).toBe(0);
    expect(found).toMatchObject({
      mcc_procrustes_null: 0.1,
      rows_of_a: { rank: 3, condition: 2 },
      rows_of_b: { rank: 4, condition: 5 },
    });
  });
});
