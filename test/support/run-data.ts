/**
 * @file What a report reads of a run, made up: one coupled pair of members and an independent one,
 *   with numbers that are easily checked by hand.
 */

import type { LoggedEvents, LoggedMetrics, LoggedTimings } from "../../src/report/logged.ts";
import { loggedEvents, loggedMetrics, loggedTimings } from "../../src/report/logged.ts";
import type { RunData } from "../../src/report/run-data.ts";
import type { MemberEvaluation, SimilarityNumbers } from "../../src/runs/results.ts";

/** A member with 16 latents, of which one is dead; its FVU is 0.1 unless metrics say otherwise. */
export function madeMember(name: string, over: Partial<MemberEvaluation> = {}): MemberEvaluation {
  return {
    name,
    architecture: "topk",
    seed: Number(/\d+$/.exec(name)?.[0] ?? 0),
    coupled: !name.startsWith("independent"),
    label: {},
    metrics: { fvu: 0.1, explained_variance: 0.9, mse: 2, l0: 4, l1: 8, dead_fraction: 0.0625 },
    density: { edges: [-6], width: 0.1, counts: [5, 10], dead: 1 },
    ...over,
  };
}

/** A similarity of `mcc` beside a null of 0.25. */
export function madeSimilarity(mcc: number): SimilarityNumbers {
  return {
    mcc,
    mcc_null: 0.25,
    mean_max: [mcc + 0.01, mcc + 0.02],
    mean_max_null: [0.3, 0.31],
    shared: mcc / 2,
    shared_null: 0,
  };
}

const NO_METRICS: LoggedMetrics = await loggedMetrics([]);
const NO_TIMINGS: LoggedTimings = await loggedTimings([], new Set());
const NO_EVENTS: LoggedEvents = await loggedEvents([]);

/** Such a run, with some parts of it replaced. */
export function madeRun(over: Partial<RunData> = {}): RunData {
  const members = ["member-0", "member-1", "independent-2"].map((name) => madeMember(name));
  return {
    record: {
      name: "made",
      status: "finished",
      createdAt: "2026-01-02T03:04:05.000Z",
      versions: { concord: "1.0.0" },
      backend: { name: "native", isa: "avx2", threads: 2 },
      attempts: [],
      totalSteps: 100,
    },
    configText: "name: made\n",
    config: { name: "made", seed: 3, training: { batch: 64 } },
    metrics: NO_METRICS,
    timings: NO_TIMINGS,
    events: NO_EVENTS,
    evaluation: { rows: 1000, members },
    consistency: {
      pairs: [{ a: "member-0", b: "member-1", ...madeSimilarity(0.75) }],
      independent: [0, 1].map((i) => ({
        member: `member-${i}`,
        independent: "independent-2",
        ...madeSimilarity(0.5 + 0.1 * i),
      })),
    },
    latents: new Map(),
    found: [],
    dIn: 8,
    ...over,
  };
}
