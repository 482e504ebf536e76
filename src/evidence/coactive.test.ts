import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { madeSae } from "../../test/support/made-sae.ts";
import { normals } from "../../test/support/random.ts";
import { KeptCodes } from "../consistency/lab/codes/kept-codes.ts";
import { openSaeRunner } from "../sae/sae.ts";
import { coactiveLatents } from "./coactive.ts";

const LATENTS = 14;

/** Codes of 90 rows in pieces of several lengths, and which latents are active in each row. */
async function codesOfRows() {
  const sae = madeSae("coactive", { dSae: LATENTS, k: 3 });
  const codes = new KeptCodes(LATENTS);
  const active: Set<number>[] = [];
  const { encode } = await openSaeRunner(reference, sae, 60);
  const x = normals("rows", 90 * 6);
  for (const [from, to] of [
    [0, 7],
    [7, 67],
    [67, 67],
    [67, 90],
  ] as const) {
    const code = await encode(x.subarray(from * 6, to * 6), to - from);
    codes.append(code);
    for (let r = 0; r < code.rows; r++) {
      const entries = Array.from({ length: 3 }, (_, e) => code.indptr[r]! + e);
      const live = entries.filter((e) => code.values[e] !== 0);
      active.push(new Set(live.map((e) => code.indices[e]!)));
    }
  }
  return { codes, active };
}

test("latents that are active with each other are those with the largest Jaccard indices", async () => {
  const { codes, active } = await codesOfRows();
  expect(codes.rows).toBe(90);
  const { latents, jaccard } = coactiveLatents(codes, 5);
  const count = (holds: (row: Set<number>) => boolean) => active.filter(holds).length;
  for (let i = 0; i < LATENTS; i++) {
    const all = Array.from({ length: LATENTS }, (_, j) => {
      const both = count((row) => row.has(i) && row.has(j));
      return { j, index: both / count((row) => row.has(i) || row.has(j)) };
    });
    const best = all
      .filter(({ j, index }) => j !== i && index > 0)
      .sort((a, b) => b.index - a.index || a.j - b.j)
      .slice(0, 5);
    const found = Array.from(latents.subarray(i * 5, i * 5 + 5));
    expect(found).toEqual([...best.map(({ j }) => j), ...new Array(5 - best.length).fill(-1)]);
    for (const [at, { index }] of best.entries())
      expect(jaccard[i * 5 + at]).toBe(Math.fround(index));
  }
});

test("without rows nobody is active with anybody", () => {
  const { latents, jaccard } = coactiveLatents(new KeptCodes(3), 2);
  expect(Array.from(latents)).toEqual(new Array(6).fill(-1));
  expect(Array.from(jaccard)).toEqual(new Array(6).fill(0));
});
