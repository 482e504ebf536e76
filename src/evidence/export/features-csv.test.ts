import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { deadCard, madeCard, madeEvidence } from "../../../test/support/evidence/made-evidence.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { csvField } from "../../formats/text/csv-field.ts";
import type { LatentCard } from "../card.ts";
import { exportFeatures } from "./export-features.ts";
import { FEATURE_COLUMNS, harmlessText } from "./features-csv.ts";

async function csvOf(cards: readonly LatentCard[]): Promise<string> {
  const out = temporaryFolder();
  const evidence = madeEvidence(cards);
  const { files } = await exportFeatures(evidence, { format: "csv", member: "a", out });
  expect(files).toEqual([join(out, "features.csv")]);
  return readFileSync(files[0]!, "utf8");
}

test("has a line for every latent, with its recurrence beside the null", async () => {
  const text = await csvOf([madeCard(0), deadCard(1)]);
  const [head, live, dead, end] = text.split("\n");
  expect(head).toBe(FEATURE_COLUMNS.join(","));
  expect(live).toBe('a,0,label 0,0.1,4,1,0.9,2,3,0.93,0.21,,,,token,""" car""",0.8,0.5');
  expect(dead).toBe("a,1,,0,0,0,0.9,2,3,0.93,0.21,,,,,,,");
  expect(end).toBe("");
});

test("a formula of a spreadsheet is text, and a number stays a number", async () => {
  const command = madeCard(0, { label: `=HYPERLINK("x","a")`, alignment: -0.25 });
  const line = (await csvOf([command])).split("\n")[1];
  expect(line).toMatch(/^a,0,"'=HYPERLINK\(""x"",""a""\)",0\.1,4,1,-0\.25,/);
});

test("line breaks stay inside their cell, and NUL is shown", async () => {
  const card = madeCard(0, { label: "two\nlines\0" });
  expect(await csvOf([card])).toContain('\na,0,"two\nlines␀",0.1,');
});

/** Cells of a line, by a reader that knows RFC 4180 and nothing of the writer. */
function cellsOf(line: string): string[] {
  return [...`${line},`.matchAll(/("(?:[^"]|"")*"|[^,]*),/gs)].map(([, cell]) =>
    cell!.startsWith('"') ? cell!.slice(1, -1).replaceAll('""', '"') : cell!,
  );
}

test("no text begins like a formula, and all of it can be read back", () => {
  const any = fc.string({ unit: fc.constantFrom(..."=+-@,\"'\t\r\nab ＝") });
  fc.assert(
    fc.property(any, fc.string(), (first, second) => {
      const cells = cellsOf([first, second].map(harmlessText).map(csvField).join(","));
      expect(cells).toHaveLength(2);
      expect(cells[0]).not.toMatch(/^[=+\-@\t\r\n＝]/);
      expect([first, `'${first}`]).toContain(cells[0]);
    }),
  );
});
