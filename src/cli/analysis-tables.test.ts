import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyRuns } from "../../test/support/tiny-run.ts";
import { ANALYSES } from "../analyses/analyses.ts";
import { analysisTables } from "./analysis-tables.ts";

test("tables of a run stand below an empty line and their title, numbers as people read them", async () => {
  const [run] = await tinyRuns(temporaryFolder(), ["consensus={min_members: 2, refit_steps: 0}"]);
  const lines = await analysisTables(run!);
  expect(lines.length % 3).toBe(0);
  expect(lines.length).toBeGreaterThan(0);
  for (let at = 0; at < lines.length; at += 3) {
    expect(lines[at]).toBe("");
    expect(lines[at + 1]!.trim()).not.toBe("");
    const [head, rule, ...rows] = lines[at + 2]!.split("\n");
    expect(rule).toMatch(/^[─ ]+$/);
    expect(rows.length).toBeGreaterThan(0);
    // Nobody reads seven digits.
    expect([head, ...rows].join("\n")).not.toMatch(/\d\.\d{6,}/);
  }
  const named = (name: string) => analysisTables(run!, (analysis) => analysis.name === name);
  const each = await Promise.all(ANALYSES.map(({ name }) => named(name)));
  // Every analysis adds its own tables, in the order of the list.
  expect(each.flat()).toEqual(lines);
  expect(await analysisTables(run!, () => false)).toEqual([]);
});

test("a run without the analyses that have tables has none", async () => {
  const [run] = await tinyRuns(temporaryFolder(), ["analyses=[evaluation]"]);
  expect(await analysisTables(run!, ({ name }) => name !== "evaluation")).toEqual([]);
});
