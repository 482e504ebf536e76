import { expect, test } from "vitest";
import type { RunLine } from "../../../src/server/api/runs.ts";
import { tradeOff } from "./trade-off.ts";

/** A run of two members that differ in their seeds. */
function run(settings: Record<string, unknown>, l0: number, fvu: readonly number[]): RunLine {
  const members = fvu.map((value, seed) => ({
    name: `member-${seed}`,
    seed,
    coupled: true,
    setting: {},
    metrics: { l0, fvu: value },
  }));
  return {
    name: JSON.stringify(settings),
    status: "finished",
    kind: "synthetic",
    data: null,
    steps: 1,
    total_steps: 1,
    settings,
    metrics: {},
    members,
    sparkline: { step: [], fvu: [] },
    has_features: false,
    warnings: [],
    created_at: null,
    changed_at: null,
    problem: null,
  };
}

test("runs that differ in their seeds alone are one dot; a number joins the others", () => {
  const runs = [
    run({ k: 2, kind: "a", seed: 0 }, 2, [0.5, 0.6]),
    run({ k: 2, kind: "a", seed: 1 }, 2, [0.5, 0.4]),
    run({ k: 4, kind: "a", seed: 0 }, 4, [0.3]),
    run({ k: 2, kind: "b", seed: 0 }, 2, [0.7]),
    run({ k: 4, kind: "b", seed: 0 }, 4, [0.2]),
  ];
  const figure = tradeOff(runs, ["k", "kind", "seed"]);
  expect(figure!.description).toContain("4 settings");
});

test("runs that are as sparse as each other make no trade-off", () => {
  const runs = [run({ weight: 0 }, 16, [0.18]), run({ weight: 1 }, 16.1, [0.19])];
  expect(tradeOff(runs, ["weight"])).toBeUndefined();
  expect(tradeOff(runs.slice(1), ["weight"])).toBeUndefined();
  expect(tradeOff([], [])).toBeUndefined();
});
