import { expect, test } from "vitest";
import type { SweepCell, SweepSummary } from "../report/sweep-summary.ts";
import { settingTable } from "./setting-table.ts";

const summary = (cells: readonly SweepCell[], axes = ["population.k"]): SweepSummary => ({
  format: 1,
  confidence: 0.95,
  axes,
  replicated_over: ["seed"],
  shared_seeds: [],
  substitutes: [],
  cells,
});

const cell = (k: number, metrics: SweepCell["metrics"], over: Partial<SweepCell> = {}) => ({
  axes: { "population.k": k },
  seeds: 3,
  runs: ["a"],
  unfinished: [],
  metrics,
  ...over,
});

test("every setting is a row: mean ± half an interval, the best marked, nulls beside", () => {
  const lines = settingTable(
    summary([
      cell(4, {
        fvu: { mean: 0.5, low: 0.4, high: 0.6, n: 3, values: [] },
        pw_mcc: { mean: 0.75, n: 3, values: [], null: 0.25, best: true },
      }),
      cell(8, {
        fvu: { mean: 0.25, low: 0.2, high: 0.3, n: 3, values: [], best: true },
        pw_mcc: { mean: 0.5, n: 3, values: [], null: 0.25 },
      }),
    ]),
  );
  const [table, ...signs] = lines;
  const rows = table!.split("\n");
  expect(rows[0]!.trim().split(/\s{2,}/)).toEqual(["k", "seeds", "FVU", "PW-MCC", "null"]);
  expect(rows[2]).toContain("0.500 ± 0.100");
  expect(rows[2]).toContain("0.750 *");
  expect(rows[3]).toContain("0.250 ± 0.050 *");
  expect(signs).toEqual(["*: the best mean; ±: half the 95 % interval over seeds"]);
});

test("without intervals, and with one setting, no sign is explained", () => {
  const [table, ...signs] = settingTable(
    summary([cell(4, { fvu: { mean: 0.5, n: 1, values: [] } }, { axes: {} })], []),
  );
  expect(table).toContain("all runs");
  expect(signs).toEqual([]);
});

test("a setting without a number has an empty cell, and what has not finished is named once", () => {
  const lines = settingTable(
    summary([
      cell(4, { fvu: { mean: 0.5, n: 1, values: [] } }, { unfinished: ["x", "y"] }),
      cell(8, {}, { unfinished: ["x"] }),
    ]),
  );
  expect(lines[0]!.split("\n")[3]!.trim()).toMatch(/^8\s+3$/);
  expect(lines.at(-1)).toBe("Not finished, and not counted: x, y");
});
