import { expect, test } from "vitest";
import { normalAt, randomStream, uniformAt } from "../base/philox.ts";
import { densityHistogram } from "../metrics/latent-density.ts";
import type { SimilarityNumbers } from "../runs/results.ts";
import { loggedEvents, loggedMetrics, loggedTimings } from "./logged.ts";
import type { MemberLatents, RunData } from "./run-data.ts";
import { runReportPage } from "./run-report.ts";

const MEMBERS = 10;
const D_SAE = 24_576;
const ROWS = 100_000;

const names = Array.from({ length: MEMBERS }, (_, i) => `member-${i}`);
const similarity: SimilarityNumbers = {
  mcc: 0.5123,
  mcc_null: 0.1301,
  shared: 0.4,
  mean_max: [0.55, 0.56],
  mean_max_null: [0.1461, 0.1461],
};

function latentsOf(member: number): Required<MemberLatents> {
  const stream = randomStream(2, `latents/${member}`);
  const bestInTruth = Float32Array.from({ length: D_SAE }, (_, j) => uniformAt(stream, j));
  return {
    bestInTruth,
    bestInOthers: bestInTruth.map((v, j) => v + 0.05 * normalAt(stream, D_SAE + j)),
    density: bestInTruth.map((v, j) => 10 ** (-5 + 4 * v * uniformAt(stream, 3 * D_SAE + j))),
  };
}

async function largePopulation(): Promise<RunData> {
  const latents = new Map(names.map((name, i) => [name, latentsOf(i)]));
  const line = (step: number) => ({
    step,
    members: Object.fromEntries(names.map((n) => [n, { loss: 1 / step, fvu: 1 / step }])),
    coupling_loss: 1 / step,
  });
  const lines = Array.from({ length: 5000 }, (_, i) => line(i + 1));
  return {
    record: {
      name: "large",
      status: "finished",
      createdAt: "2026-01-01T00:00:00.000Z",
      versions: {},
      backend: { name: "native", isa: "amx", threads: 2 },
      attempts: [],
      totalSteps: 5000,
    },
    configText: "name: large\n",
    config: { name: "large" },
    dIn: 768,
    metrics: await loggedMetrics(lines),
    timings: await loggedTimings(
      lines.map(({ step }) => ({ step, source: 1, coupling: 2, members: 30, total: 33 })),
      new Set([1]),
    ),
    events: await loggedEvents(
      lines.map(({ step }) => ({ step, event: "reinitialised", member: "member-0" })),
    ),
    evaluation: {
      rows: ROWS,
      members: names.map((name, seed) => ({
        name,
        seed,
        architecture: "topk",
        coupled: true,
        label: {},
        metrics: { fvu: 0.1, explained_variance: 0.9, mse: 1, l0: 32, l1: 10, dead_fraction: 0 },
        density: densityHistogram(
          latents.get(name)!.density.map((v) => Math.round(v * ROWS)),
          ROWS,
        ),
      })),
    },
    consistency: {
      pw_mcc: { mean: 0.5123, null: 0.1301 },
      pairs: names.flatMap((a, i) => names.slice(i + 1).map((b) => ({ a, b, ...similarity }))),
      ground_truth: names.map((member) => ({ member, ...similarity })),
    },
    latents,
    found: [],
  };
}

test("a report of ten members of 24 576 latents is below 3 MB, and counts all it does not draw", async () => {
  const page = runReportPage(await largePopulation());
  expect(Buffer.byteLength(page)).toBeLessThan(3e6);
  expect(page).toContain("6000 of 245\u202f760 latents are drawn; all are counted.");
  expect(page).toContain("200 of 5000 events");
  expect(page).not.toMatch(/="[^"]*(NaN|Infinity|undefined)/);
});
