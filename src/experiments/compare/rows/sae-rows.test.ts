import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reference } from "../../../../test/support/backends.ts";
import { madeSae } from "../../../../test/support/made-sae.ts";
import { normals } from "../../../../test/support/random.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { float32Tensor } from "../../../base/tensor.ts";
import { writeNpy } from "../../../formats/npy.ts";
import type { OpenedSae } from "../open-saes.ts";
import { whyNoTransfer } from "../transfer/transfer.ts";
import { closeRowSets, type RowSet, whyNotPaired } from "./row-sets.ts";
import { openSaeRows, type RowsOptions } from "./sae-rows.ts";

const sae = (name: string, dIn: number) =>
  ({ name, folder: `saes/${name}`, sae: madeSae(name, { dIn }) }) as OpenedSae;
const SAES = [sae("a", 4), sae("b", 4), sae("flat", 3)];

/** Writes rows [rows, d]. @returns the file. */
async function written(rows: number, d: number, change: (values: Float32Array) => void = () => {}) {
  const values = normals("rows", rows * d);
  change(values);
  const path = join(temporaryFolder(), "rows.npy");
  await writeNpy(path, float32Tensor([rows, d], values));
  return path;
}

/** What is opened, closed again: rows, their d_in and the SAEs of each set, and the warnings. */
async function opened(options: RowsOptions, saes = SAES) {
  const found = await openSaeRows(reference, saes, options);
  if (!found) return undefined;
  const sets = found.sets.map(({ rows, saes: some }) => [rows.rows, rows.dIn, some]);
  await closeRowSets(found.sets);
  return { sets, warnings: found.warnings };
}

test("without rows there is nothing to open", async () => {
  expect(await opened({})).toBeUndefined();
  expect(await opened({ stores: [] })).toBeUndefined();
});

test("rows for all are opened once, for the SAEs of their width; the others are named", async () => {
  const path = await written(10, 4);
  expect(await opened({ rows: { path } })).toEqual({
    sets: [[10, 4, [0, 1]]],
    warnings: [`flat encodes rows of d_in 3, but those of ${path} have 4: no codes to compare.`],
  });
});

test("each SAE may have rows of its own, and those without are named together", async () => {
  const [wide, flat] = [await written(10, 4), await written(12, 3)];
  expect(await opened({ rows: { path: [`a=${wide}`, `flat=${flat}`] } })).toEqual({
    sets: [
      [10, 4, [0]],
      [12, 3, [2]],
    ],
    warnings: ["no rows are given for b: no codes to compare."],
  });
});

test("rows that no SAE can encode are refused, with every width that is wanted", async () => {
  const path = await written(10, 5);
  await expect(opened({ rows: { path } })).rejects.toMatchObject({
    code: "argument/invalid",
    message: `a, b encode rows of d_in 4, but those of ${path} have 5; flat encodes rows of d_in 3, but those of ${path} have 5.`,
    hint: expect.stringContaining("the place that the SAEs were trained on"),
  });
});

test("a number that is not finite is refused by file and row, before anything is encoded", async () => {
  const path = await written(10, 4, (values) => {
    values[4 * 7 + 2] = Number.NaN;
  });
  await expect(opened({ rows: { path } })).rejects.toMatchObject({
    code: "numeric/not-finite",
    message: expect.stringMatching(/rows\.npy.*\b7\b/),
  });
});

test("a store that is not one is refused by its folder", async () => {
  const folder = temporaryFolder();
  await expect(opened({ stores: [folder] })).rejects.toThrow(folder);
});

const set = (name: string, rows: number, dIn: number, checksums?: object): RowSet =>
  ({ name, rows: { rows, dIn }, tokens: checksums && { checksums } }) as unknown as RowSet;

describe("rows of two sets", () => {
  test("belong together when they are as many and nothing speaks against it", () => {
    const x = set("x", 10, 4);
    expect(whyNotPaired(x, x)).toBeUndefined();
    expect(whyNotPaired(x, set("y", 10, 7))).toBeUndefined();
    expect(whyNotPaired(x, set("y", 10, 4, ["1"]))).toBeUndefined();
    expect(whyNotPaired(set("x", 10, 4, ["1"]), set("y", 10, 4, ["1"]))).toBeUndefined();
  });

  test("do not with other tokens or another number, and why is said", () => {
    expect(whyNotPaired(set("x", 10, 4), set("y", 11, 4))).toBe("x has 10 rows and y has 11");
    expect(whyNotPaired(set("x", 10, 4, ["1"]), set("y", 10, 4, ["2"]))).toBe(
      "x and y are of other tokens",
    );
  });
});

describe("maps between two places", () => {
  test.each([
    [16, 4, 4, undefined],
    [15, 4, 4, "maps of d_in 4 need 16 rows, half of them to be fitted on, not 15"],
    [27, 4, 7, "maps of d_in 7 need 28 rows, half of them to be fitted on, not 27"],
    [28, 7, 4, undefined],
    [10 ** 6, 2048, 4, undefined],
    [10 ** 6, 4, 2049, "maps are fitted up to d_in 2048, not 2049"],
  ])("of %d rows between d_in %d and %d", (rows, n, m, why) => {
    expect(whyNoTransfer(set("x", rows, n), set("y", rows, m))).toBe(why);
  });
});
