import { expect, test } from "vitest";
import { RunFolder } from "../runs/run-folder.ts";
import { runSummary, sweepSummary } from "./run-summary.ts";

const similarity = { mean_max: [0, 0], mean_max_null: [0, 0], shared: 0 } as const;
const density = { counts: [] } as never;

function results(fvu: number, substitute?: string) {
  const member = (name: string, coupled: boolean, value: number | null) => ({
    ...{ name, coupled, architecture: "topk", seed: 0, label: {}, density },
    metrics: { fvu: value, l0: 4, dead_fraction: 0.015625 } as Record<string, number>,
  });
  return {
    evaluation: {
      rows: 10,
      ...(substitute === undefined ? {} : { substitute }),
      members: [
        ...[member("member-0", true, fvu), member("member-1", true, 0.1)],
        member("independent-0", false, null),
      ],
    },
    consistency: {
      pw_mcc: { mean: 0.75, null: 0.25 },
      pairs: [],
      independent: [
        {
          member: "member-0",
          independent: "independent-0",
          mcc: 0.5,
          mcc_null: 0.25,
          ...similarity,
        },
        {
          member: "member-1",
          independent: "independent-0",
          mcc: 0.75,
          mcc_null: 0.25,
          ...similarity,
        },
      ],
    },
  };
}

test("a run's members stand in a table, with points under points, and every similarity next to its null", () => {
  expect(runSummary(results(0.1234))).toBe(
    [
      "member         architecture     FVU  L0     dead",
      "─────────────  ────────────  ──────  ──  ───────",
      "member-0       topk          0.1234   4  0.01563",
      "member-1       topk          0.1      4  0.01563",
      "independent-0  topk             NaN   4  0.01563",
      "PW-MCC 0.75 (null 0.25)",
      "MCC with independent members 0.625 (null 0.25)",
    ].join("\n"),
  );
});

test("a sweep is one line a run, means over the coupled members", () => {
  const run = (name: string, fvu: number, substitute?: string) => ({
    folder: new RunFolder(`runs/demo/${name}`),
    results: results(fvu, substitute),
  });
  const text = sweepSummary([
    run("coupling.weight=0", 0.3, "simulated"),
    run("coupling.weight=1", 0.125),
  ]);
  expect(text).toBe(
    [
      "run                   FVU  L0     dead  PW-MCC  null  MCC with independent  null",
      "─────────────────  ──────  ──  ───────  ──────  ────  ────────────────────  ────",
      "coupling.weight=0  0.2      4  0.01563    0.75  0.25                 0.625  0.25",
      "coupling.weight=1  0.1125   4  0.01563    0.75  0.25                 0.625  0.25",
      "The data is a substitute: simulated",
    ].join("\n"),
  );
});
