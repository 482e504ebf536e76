import { describe, expect, test } from "vitest";
import type { RunOverview } from "../runs/overview.ts";
import { runTable, stepsText } from "./run-table.ts";

const run = (over: Partial<RunOverview> = {}): RunOverview => ({
  name: "a",
  folder: "runs/a",
  state: "finished",
  ...over,
});

/** The cells of a table, by head. */
function cells(text: string): Record<string, string>[] {
  const [heads, rule, ...rows] = text.split("\n") as [string, string, ...string[]];
  const columns = [...rule.matchAll(/─+/g)].map((m) => [m.index, m.index + m[0].length] as const);
  const of = (line: string, [from, to]: readonly [number, number]) => line.slice(from, to).trim();
  return rows.map((row) =>
    Object.fromEntries(columns.map((column) => [of(heads, column), of(row, column)])),
  );
}

describe("runs as a table", () => {
  test("have their numbers, each next to its null", () => {
    const [row] = cells(
      runTable([
        run({
          steps: 1500,
          totalSteps: 2000,
          members: 4,
          metrics: { fvu: [0.123456] },
          pwMcc: { mean: 0.75, null: 0.25 },
        }),
      ]),
    );
    expect(row).toMatchObject({
      name: "a",
      status: "finished",
      steps: "1500/2000",
      members: "4",
      FVU: "0.1235",
      "PW-MCC": "0.75",
      null: "0.25",
    });
  });

  test("have empty cells for what is not known", () => {
    const [row] = cells(runTable([run({ state: "unreadable" })]));
    expect(row).toMatchObject({ status: "unreadable", steps: "", FVU: "", "PW-MCC": "" });
  });

  test("of several settings show the lowest and the highest", () => {
    const [one, two] = cells(
      runTable([
        run({ settings: 1, metrics: { fvu: [0.5] } }),
        run({ name: "b", settings: 3, metrics: { fvu: [0.5, 0.1, 0.3] } }),
      ]),
    );
    expect([one!["settings"], one!["FVU"]]).toEqual(["1", "0.5"]);
    expect([two!["settings"], two!["FVU"]]).toEqual(["3", "0.1 to 0.5"]);
    expect(runTable([run()])).not.toContain("settings");
  });

  test("have further columns: measured ones as a range, others as a list", () => {
    const columns = [
      { name: "l0", isMetric: true, values: () => [8, 4] },
      { name: "k", isMetric: false, values: () => [8, "x", { a: 1 }] },
    ];
    const [row] = cells(runTable([run()], columns));
    expect(row).toMatchObject({ l0: "4 to 8", k: '8, x, {"a":1}' });
  });
});

test("steps are those taken, of those to take where that is known", () => {
  expect(stepsText(run())).toBe("");
  expect(stepsText(run({ steps: 5 }))).toBe("5");
  expect(stepsText(run({ steps: 0, totalSteps: 9 }))).toBe("0/9");
});
