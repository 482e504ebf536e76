import { expect, test } from "vitest";
import { RunFolder } from "../runs/run-folder.ts";
import { noteLines, runSummary, sweepSummary } from "./run-summary.ts";

const similarity = { mean_max: [0, 0], mean_max_null: [0, 0], shared: 0 } as const;
const density = { counts: [] } as never;

function results(fvu: number, substitute?: string) {
  const member = (name: string, coupled: boolean, value: number | null, seed: number) => ({
    name,
    coupled,
    architecture: "topk",
    seed,
    label: {},
    density,
    metrics: { fvu: value, l0: 4, dead_fraction: 0.015625 } as Record<string, number>,
  });
  return {
    evaluation: {
      rows: 10,
      ...(substitute === undefined ? {} : { substitute }),
      members: [
        member("member-0", true, fvu, 0),
        member("member-1", true, 0.1, 1),
        member("independent-0", false, null, 2),
      ],
    },
    consistency: {
      pw_mcc: { mean: 0.75, null: 0.25 },
      pairs: [{ a: "member-0", b: "member-1", mcc: 0.75, mcc_null: 0.25, ...similarity }],
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
      "member         architecture  seed     FVU  L0     dead",
      "─────────────  ────────────  ────  ──────  ──  ───────",
      "member-0       topk             0  0.1234   4  0.01563",
      "member-1       topk             1  0.1      4  0.01563",
      "independent-0  topk             2     NaN   4  0.01563",
      "PW-MCC 0.75 (null 0.25)",
      "MCC with independent members 0.625 (null 0.25)",
    ].join("\n"),
  );
});

test("members with several settings show them, have a line for each, and no mean between them", () => {
  const { evaluation, consistency } = results(0.25);
  const members = evaluation.members.map((m, i) => ({ ...m, setting: { k: 2 ** (i % 2) } }));
  const text = runSummary({ evaluation: { ...evaluation, members }, consistency });
  expect(text).toBe(
    [
      "member         architecture  k  seed   FVU  L0     dead",
      "─────────────  ────────────  ─  ────  ────  ──  ───────",
      "member-0       topk          1     0  0.25   4  0.01563",
      "member-1       topk          2     1  0.1    4  0.01563",
      "independent-0  topk          1     2   NaN   4  0.01563",
      "",
      "By setting:",
      "k  seeds      FVU    L0    Dead  Independent MCC   null",
      "─  ─────  ───────  ────  ──────  ───────────────  ─────",
      "1      1  0.250    4.00  0.0156            0.500  0.250",
      "2      1  0.100 *  4.00  0.0156",
      "*: the best mean",
    ].join("\n"),
  );
  expect(noteLines([{ evaluation: { ...evaluation, members }, consistency }])).toEqual([
    "PW-MCC and other means are taken within each setting; they leave out 2 pairs of members with different settings.",
    "No two members differ in their seeds alone, so there is no PW-MCC: raise population.members to compare seeds.",
  ]);
});

test("a sweep is a line for every setting, with means over the coupled members and intervals over seeds", () => {
  const run = (seed: number, weight: number, fvu: number, substitute?: string) => ({
    folder: new RunFolder(`runs/demo/seed=${seed}.coupling.weight=${weight}`),
    results: results(fvu, substitute),
    axes: { seed, "coupling.weight": weight },
    config: { coupling: { weight } },
  });
  const text = sweepSummary([
    run(0, 0, 0.3, "simulated"),
    run(1, 0, 0.34),
    run(0, 1, 0.125),
    run(1, 1, 0.125),
  ]);
  expect(text).toBe(
    [
      "coupling.weight  seeds            FVU           L0             Dead         PW-MCC   null  Independent MCC   null",
      "───────────────  ─────  ─────────────  ───────────  ───────────────  ─────────────  ─────  ───────────────  ─────",
      "              0      2  0.21 ± 0.13    4.00 ± 0.00  0.0156 ± 0.0000  0.750 ± 0.000  0.250    0.625 ± 0.000  0.250",
      "              1      2  0.11 ± 0.00 *  4.00 ± 0.00  0.0156 ± 0.0000  0.750 ± 0.000  0.250    0.625 ± 0.000  0.250",
      "*: the best mean; ±: half the 95 % interval over seeds",
      "The data is a substitute: simulated",
    ].join("\n"),
  );
});
