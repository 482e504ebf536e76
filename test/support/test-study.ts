/** @file A small study and its numbers, for tests. */

import type { Experiment } from "../../src/experiments/study/study.ts";
import type { StudyNumbers } from "../../src/experiments/study/study-numbers.ts";

/** Two arms, a pooled one, and one of which only the mean was kept. */
export const TEST_STUDY: Experiment = {
  title: "A study",
  question: "Does it?",
  config: "config.yaml",
  seeds: [1, 2, 3],
  arms: {
    none: { title: "no coupling" },
    mfr: { title: "MFR" },
    both: { title: "both", meanOf: ["none", "mfr"] },
    kept: { title: "kept" },
    single: { title: "one seed", seeds: [2] },
  },
  measures: ["fvu", "dead_fraction", "pw_mcc"],
  verdicts: {
    fvu: { measure: "fvu", arm: "mfr" },
    change: { measure: "fvu", arm: "mfr", against: "none", as: "change" },
    agreement: { measure: "pw_mcc", arm: "mfr", against: "none" },
    high: { measure: "pw_mcc", arm: "mfr", with: 0.5 },
    best: (results) => results.best(["none", "mfr"], "fvu", "lower"),
  },
  values: { lower: (results) => String(results.count("lower", [{ measure: "fvu", arm: "mfr" }])) },
  tables: {
    all: {
      rows: ["none", "mfr", { arm: "mfr", against: "none", title: "difference" }],
      columns: [
        "fvu",
        { measure: "fvu", change: "none", head: "change" },
        { measure: "pw_mcc", only: ["mfr"] },
        { measure: "dead_fraction", difference: "none" },
      ],
    },
  },
  figures: {
    change: {
      title: "Change",
      label: "%",
      rows: [{ arm: "mfr", measure: "fvu", change: "none" }],
    },
    values: { title: "Values", label: "PW-MCC", rows: [{ arm: "mfr", measure: "pw_mcc" }] },
  },
};

const run = (arm: string, seed: number, fvu: number, dead: number, agreement: number) => ({
  arm,
  seed,
  numbers: { fvu, dead_fraction: dead, pw_mcc: agreement },
  nulls: { pw_mcc: 0.2 },
});

/** In an order of its own, to see that seeds are paired and not places. */
export const TEST_NUMBERS: StudyNumbers = {
  format: 1,
  made_with: [
    { concord: "0.1.0", commit: "abc", node: "20.20.2", backend: "native", isa: "avx2" },
    { concord: "0.1.0", commit: "abc", node: "20.20.2", backend: "native", isa: "amx" },
  ],
  training_seconds: 600,
  runs: [
    run("mfr", 3, 0.36, 0.1, 0.9),
    run("none", 1, 0.1, 0.2, 0.4),
    run("none", 2, 0.2, 0.2, 0.5),
    run("none", 3, 0.4, 0.2, 0.6),
    run("mfr", 1, 0.09, 0.1, 0.8),
    run("mfr", 2, 0.18, 0.1, 1),
    run("single", 2, 0.3, 0.1, 0.3),
  ],
  summaries: [{ arm: "kept", measure: "fvu", mean: -0.01, half: 0.02, n: 3 }],
};
