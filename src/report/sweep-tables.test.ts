import { expect, test } from "vitest";
import { allElements, parseMarkup, textOf } from "../../test/support/markup.ts";
import type { SweepRunData } from "./sweep-data.ts";
import { sweepSummary } from "./sweep-summary.ts";
import {
  cellTable,
  decimalsOf,
  differenceTable,
  halfWidth,
  intervalCell,
  present,
  runLink,
  runTable,
} from "./sweep-tables.ts";

const density = { edges: [], width: 0.1, counts: [], dead: 0 };

function run(k: number, seed: number, fvu: number): SweepRunData {
  return {
    name: `k=${k}.seed=${seed}`,
    axes: { "population.k": k, seed },
    evaluation: {
      rows: 10,
      members: [
        {
          name: "member-0",
          coupled: true,
          architecture: "topk",
          density,
          seed,
          label: {},
          metrics: { fvu, dead_fraction: 0.5 },
        },
      ],
    },
    record: { status: "finished" } as never,
    config: {},
    configText: "",
    metrics: undefined as never,
  };
}

const RUNS = [run(1, 0, 0.5), run(1, 1, 0.6), run(1, 2, 0.7), run(8, 0, 0.2), run(8, 1, 0.3)];
const SUMMARY = sweepSummary(RUNS);

const cells = (markup: string, name: string) =>
  allElements(parseMarkup(markup))
    .filter((element) => element.name === name)
    .map(textOf);

test("half of an interval, and nothing of a mean alone", () => {
  expect(halfWidth({ mean: 1, low: 0.5, high: 1.5, n: 3 })).toBe(0.5);
  expect(halfWidth({ mean: 1, n: 1 })).toBeUndefined();
});

test("decimals give intervals two significant digits, or means alone three", () => {
  expect(decimalsOf([{ mean: 0.91, low: 0.9, high: 0.92, n: 3 }, undefined])).toBe(3);
  expect(decimalsOf([{ mean: 0.91, n: 1 }])).toBe(3);
  expect(decimalsOf([])).toBe(0);
});

test("a cell carries its exact mean, a sign where it is a difference, a dash where it is nothing", () => {
  const text = (value: Parameters<typeof intervalCell>[0], signed = false) =>
    JSON.stringify(intervalCell(value, 2, signed));
  expect(text({ mean: 0.123, low: 0.1, high: 0.146, n: 3 })).toContain('value=\\"0.123\\"');
  expect(text({ mean: 0.123, n: 1 }, true)).toContain("+0.12");
  expect(text(undefined)).toBe('"–"');
});

test("links lead to the report of a run, whatever its name", () => {
  expect(runLink("a/k=1 #2")).toBe("a/k%3D1%20%232/report.html");
});

test("settings are rows, the metrics that they have are columns, the best mean is marked", () => {
  expect(present(SUMMARY).map(({ metric }) => metric.name)).toEqual(["fvu", "dead_fraction"]);
  const { markup } = cellTable(SUMMARY);
  expect(cells(markup, "th").map((text) => text.replace(/\s.*/, ""))).toEqual([
    "k",
    "Seeds",
    "FVU",
    "Dead",
    "1",
    "8",
  ]);
  const [, , , , fvu] = cells(markup, "td");
  expect(fvu).toMatch(/^0\.\d+ ± 0\.\d+ ★$/);
  expect(markup).toContain("data-sortable");
});

test("differences are from the first setting, over the seeds that both have", () => {
  const row = cells(differenceTable(SUMMARY)!.markup, "td");
  expect(row[0]).toBe("2");
  expect(row[1]).toMatch(/^−0\.30/);
  expect(differenceTable(sweepSummary(RUNS.slice(0, 3)))).toBeUndefined();
});

test("every run is a row with its own numbers, and very many are cut and counted", () => {
  const { markup } = runTable(SUMMARY, RUNS);
  expect(cells(markup, "a")).toEqual(RUNS.map(({ name }) => name));
  expect(cells(markup, "td").slice(0, 3)).toEqual(["finished", "0.500", "0.500"]);
  const many = Array.from({ length: 501 }, (_, seed) => run(1, seed, 0.5));
  expect(runTable(sweepSummary(many), many).markup).toContain("500 of 501 runs");
});
