import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reference } from "../../../../test/support/backends.ts";
import { madeSae } from "../../../../test/support/made-sae.ts";
import { allElements, type Element, parseMarkup, textOf } from "../../../../test/support/markup.ts";
import { normals } from "../../../../test/support/random.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { float32Tensor } from "../../../base/tensor.ts";
import { writeNpy } from "../../../formats/npy.ts";
import { saveSae } from "../../../interchange/saelens.ts";
import { compareFolders, type FolderComparison } from "../compare-folders.ts";
import { compareReport } from "./compare-report.ts";

interface Wanted {
  readonly name: string;
  readonly dSae?: number;
  readonly dIn?: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A comparison of SAEs that are saved for it. */
async function compared(saes: readonly Wanted[], more: object = {}): Promise<FolderComparison> {
  const root = temporaryFolder();
  const names: string[] = [];
  for (const { name, dSae = 12, dIn = 6, metadata = {} } of saes) {
    names.push(join(root, name));
    await saveSae(names.at(-1)!, madeSae(name, { dSae, dIn, k: 3 }), metadata);
  }
  return compareFolders(reference, { names, ...more });
}

/** The page's tables by caption, as rows of cells; the page must be well-formed. */
function tablesOf(page: string): Map<string, string[][]> {
  const isCell = ({ name }: Element) => name === "th" || name === "td";
  const rowsOf = (table: Element) => allElements(table).filter(({ name }) => name === "tr");
  return new Map(
    allElements(parseMarkup(page))
      .filter(({ name }) => name === "table")
      .map((table): [string, string[][]] => [
        table.attributes["aria-label"]!,
        rowsOf(table).map((row) => allElements(row).filter(isCell).map(textOf)),
      ]),
  );
}

const tableOf = (page: string, caption: RegExp) => {
  const found = [...tablesOf(page)].find(([name]) => caption.test(name));
  if (!found) throw new Error(`no table ${caption} among ${[...tablesOf(page).keys()].join("; ")}`);
  return found[1];
};

/** The cell of a row under a head. */
const cell = (table: readonly (readonly string[])[], row: number, head: string) =>
  table[row + 1]![table[0]!.indexOf(head)];

describe("a page of three SAEs", () => {
  const saes = [{ name: "a" }, { name: "b & <b>" }, { name: "wide", dSae: 20 }];

  test("says the answer of the numbers in its first sentence", async () => {
    const comparison = await compared(saes);
    const page = compareReport(comparison);
    expect(page).toContain(`PW-MCC is <strong>${comparison.pwMcc!.mean.toFixed(3)}</strong>`);
    expect(page).toContain(`of these shapes have ${comparison.pwMcc!.null.toFixed(3)}.`);
    expect(page).toContain("counting a partner from a cosine of 0.7");
    expect(page).toMatch(/95 % interval over SAEs [-−]?0\.\d{3} to [-−]?0\.\d{3}/);
  });

  test("has a line per SAE and per pair, with the numbers of the comparison", async () => {
    const comparison = await compared(saes);
    const page = compareReport(comparison);
    const ofSaes = tableOf(page, /The SAEs/);
    expect(ofSaes).toHaveLength(4);
    expect(cell(ofSaes, 1, "SAE")).toBe("b & <b>");
    expect(cell(ofSaes, 2, "Latents")).toBe("20");
    expect(cell(ofSaes, 0, "Dead")).toBe("–");
    const ofPairs = tableOf(page, /Every pair/);
    expect(ofPairs).toHaveLength(4);
    for (const [i, { measures }] of comparison.pairs.entries())
      expect(cell(ofPairs, i, "MCC")).toBe(measures.mcc.toFixed(3).replace("-", "−"));
    expect(ofPairs[0]).not.toContain("Bases");
    expect(ofPairs[0]).not.toContain("Jaccard");
  });

  test("escapes the names of files, in tables and in figures", async () => {
    const page = compareReport(await compared(saes));
    expect(page).not.toContain("<b>");
    expect(page).toContain("b &amp; &lt;b&gt;");
  });

  test("shows splits of the wide one over each narrow one, every narrow latent once", async () => {
    const splits = tableOf(compareReport(await compared(saes)), /Parents in the narrow SAE/);
    expect(splits).toHaveLength(3);
    for (const row of [0, 1]) {
      expect(cell(splits, row, "Wide")).toBe("wide");
      const counts = ["none", "1", "2", "3", "4", "5 or more"].map((head) =>
        Number.parseInt(cell(splits, row, head)!, 10),
      );
      expect(counts.reduce((sum, n) => sum + n, 0)).toBe(12);
    }
  });

  test("is the same text twice", async () => {
    const comparison = await compared(saes);
    expect(compareReport(comparison)).toBe(compareReport(comparison));
  });
});

test("SAEs of one width have no splits, and no table of them", async () => {
  const page = compareReport(await compared([{ name: "a" }, { name: "b" }]));
  expect([...tablesOf(page).keys()].some((name) => name.startsWith("Parents"))).toBe(false);
});

test("without a pair of one d_in the page says why there is no answer, and lists the SAEs", async () => {
  const comparison = await compared([{ name: "a" }, { name: "b", dIn: 5 }]);
  const page = compareReport(comparison);
  expect(page).toContain("No two of these SAEs have one d_in");
  expect(tableOf(page, /The SAEs/)).toHaveLength(3);
  expect([...tablesOf(page).keys()].some((name) => name.startsWith("Every pair"))).toBe(false);
  expect(page).not.toMatch(/NaN|undefined/);
});

test("warnings stand in the page, escaped, each on a line of its own", async () => {
  const comparison = await compared([{ name: "a" }, { name: "b" }]);
  const page = compareReport({ ...comparison, warnings: ["one < two", "three"] });
  expect(page).toContain("<li>one &lt; two</li>");
  expect(page).toContain("<li>three</li>");
  expect(compareReport({ ...comparison, warnings: [] })).not.toContain('class="warnings"');
});

test("pairs of different places are labelled, the others are not", async () => {
  const place = (hook: string) => ({ model_name: "m", hook_name: `blocks.${hook}.hook` });
  const comparison = await compared([
    { name: "a", metadata: place("1") },
    { name: "b", metadata: place("2") },
    { name: "c", metadata: place("1") },
  ]);
  const table = tableOf(compareReport(comparison), /Every pair/);
  expect([0, 1, 2].map((row) => cell(table, row, "Bases"))).toEqual([
    "bases differ",
    "same",
    "bases differ",
  ]);
});

test("with rows the page has what latents do: ranks, matches and transfer", async () => {
  const path = join(temporaryFolder(), "rows.npy");
  await writeNpy(path, float32Tensor([80, 6], normals("rows", 480)));
  const comparison = await compared([{ name: "a" }, { name: "b" }], {
    rows: { path },
    transfer: true,
  });
  const page = compareReport(comparison);
  const rows = tableOf(page, /The rows that SAEs encoded/);
  expect(rows[1]!.slice(0, 4)).toEqual(["a, b", "rows.npy", "80", "6"]);
  const { rank } = comparison.activations!.sets[0]!;
  expect(cell(rows, 0, "Effective rank")).toBe(rank!.effectiveRank.toFixed(1));
  const matched = tableOf(page, /Latents matched by the correlation/);
  expect(cell(matched, 0, "Pair")).toBe("a – b");
  expect(cell(matched, 0, "Rows")).toBe("80");
  const pairs = tableOf(page, /Every pair/);
  expect(cell(pairs, 0, "Jaccard")).toBe(comparison.codes![0]!.jaccard.toFixed(3));
  const transfer = tableOf(page, /FVU of an SAE/);
  expect(transfer.slice(1).map((row) => row.slice(0, 2))).toEqual([
    ["a", "b"],
    ["b", "a"],
  ]);
});
