/** docs/compare.md names every key of the JSON, every format, and nulls that are as it says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { largestRandomCosine } from "../../src/base/statistics/largest-random-cosine.ts";
import { float32Tensor } from "../../src/base/tensor.ts";
import { RECURS_FROM } from "../../src/consistency/lab/recurrence.ts";
import { DIVERSE_BELOW, OVERLAP_ABOVE } from "../../src/consistency/lab/stability.ts";
import { compareFolders } from "../../src/experiments/compare/compare-folders.ts";
import {
  compareLatent,
  latentJson,
  REBUILT_FROM,
} from "../../src/experiments/compare/compare-latent.ts";
import { comparisonJson, latentsCsv } from "../../src/experiments/compare/comparison-json.ts";
import { latentTensors } from "../../src/experiments/compare/latent-table.ts";
import { writeNpy } from "../../src/formats/npy.ts";
import { SAE_FORMAT_NAMES } from "../../src/interchange/format-names.ts";
import { saveSae } from "../../src/interchange/saelens.ts";
import { reference } from "../support/backends.ts";
import { madeSae } from "../support/made-sae.ts";
import { normals } from "../support/random.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/compare.md"), "utf8");

/** Words of all code on the page: between backticks, outside the blocks of commands. */
const NAMED = new Set(
  Array.from(
    PAGE.replace(/```[\s\S]*?```/g, "").matchAll(/`([^`]+)`/g),
    ([, code]) => code!,
  ).flatMap((code) => code.split(/\W+/)),
);

/** Every key of a value, at any depth; numbers as keys are thresholds. */
function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}

/** SAEs of two widths with rows of their own, so that every part of a comparison is there. */
async function compared() {
  const root = temporaryFolder();
  const names: string[] = [];
  for (const [name, dSae] of [
    ["a", 12],
    ["b", 12],
    ["c", 12],
    ["wide", 24],
  ] as const) {
    names.push(join(root, name));
    await saveSae(names.at(-1)!, madeSae(name, { dIn: 6, dSae, k: 3 }));
  }
  const path = join(root, "rows.npy");
  await writeNpy(path, float32Tensor([64, 6], normals("rows", 64 * 6)));
  const comparison = await compareFolders(reference, {
    names,
    rows: { path },
    transfer: true,
  } as never);
  return { comparison, names };
}

const undocumented = (keys: readonly string[]) =>
  [...new Set(keys)].filter((key) => !/^[\d.]+$/.test(key) && !NAMED.has(key)).sort();

test("every key of comparison.json", async () => {
  const { comparison, names } = await compared();
  expect(undocumented(keysOf(comparisonJson(comparison)))).toEqual([]);
  const latent = latentJson(await compareLatent(reference, { names, latent: "0" }));
  expect(undocumented(keysOf(latent))).toEqual([]);
  expect(undocumented([...latentTensors(comparison, 0).keys()])).toEqual([]);
  expect(undocumented(latentsCsv(comparison).split("\n")[0]!.split(","))).toEqual([]);
});

test("every format has a line of its table", () => {
  for (const name of SAE_FORMAT_NAMES) expect(PAGE).toContain(`\n| \`${name}\` |`);
});

describe("the nulls that it gives as examples", () => {
  test.each([
    ["mean-max towards 512 random atoms is 0.134", 512, 512],
    ["towards 32,768 it is 0.181", 512, 32_768],
    ["three others of 16,128 atoms in 768 dimensions, 0.152", 768, 3 * 16_128],
  ])("%s", (words, d, atoms) => {
    expect(PAGE).toContain(words);
    expect(words).toContain(largestRandomCosine(d, atoms).toFixed(3));
  });
});

test("thresholds are those of the program", () => {
  expect(PAGE).toContain(`overlap@${OVERLAP_ABOVE}`);
  expect(PAGE).toContain(`diversity@${DIVERSE_BELOW}`);
  expect(PAGE).toContain(`\`--tau\` (${RECURS_FROM})`);
  expect(PAGE).toContain(`rebuilds it up to a cosine of ${REBUILT_FROM}, at most 16`);
});
