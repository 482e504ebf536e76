/** What a run leaves behind, of a population small enough for a test. */
import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyRuns } from "../../test/support/tiny-run.ts";
import { METRICS } from "../domains/all-metrics.ts";
import { readJsonl } from "../formats/jsonl.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import type { RunEvent } from "./run-context.ts";

type Line = Readonly<Record<string, unknown>>;

async function lines(run: RunFolder, name: string): Promise<Line[]> {
  const all: Line[] = [];
  for await (const line of readJsonl(run.file(name))) all.push(line as Line);
  return all;
}

const NAMES = ["member-0", "member-1", "member-2", "independent-0"];

test("every member has weights, metrics and seeds of its own", async () => {
  const [run] = await tinyRuns(temporaryFolder());
  expect(readdirSync(run!.file("saes")).sort()).toEqual(NAMES.toSorted());
  const weights = new Set(
    NAMES.map((name) => String(run!.file("saes", name, "sae_weights.safetensors"))),
  );
  for (const file of weights) expect(existsSync(file)).toBe(true);
  const logged = await lines(run!, "metrics.jsonl");
  expect(logged.map((line) => line["step"])).toEqual([1, 5, 10, 15, 20]);
  for (const line of logged) {
    const members = line["members"] as Record<string, Record<string, number>>;
    expect(Object.keys(members)).toEqual(NAMES);
    expect(new Set(NAMES.map((name) => members[name]!["loss"])).size).toBe(4);
    for (const member of Object.values(members))
      expect(Object.keys(member)).toEqual(
        expect.arrayContaining(["loss", "fvu", "mse", "l0", "l1", "dead", "lr"]),
      );
  }
  const evaluation = (await run!.readJson("results/evaluation.json")) as {
    members: { seed: number; metrics: Record<string, number> }[];
  };
  expect(evaluation.members.map((m) => m.seed)).toEqual([0, 1, 2, 3]);
  for (const { metrics } of evaluation.members)
    for (const name of Object.keys(metrics)) expect(METRICS.has(name), name).toBe(true);
});

test("every similarity stands next to its null, against the truth too", async () => {
  const [run] = await tinyRuns(temporaryFolder());
  const consistency = (await run!.readJson("results/consistency.json")) as Record<string, Line[]>;
  expect(consistency["pw_mcc"]).toMatchObject({
    mean: expect.any(Number),
    null: expect.any(Number),
  });
  const counts = { pairs: 3, ground_truth: 4, independent: 3 };
  for (const [kind, count] of Object.entries(counts)) {
    expect(consistency[kind]!.length, kind).toBe(count);
    for (const line of consistency[kind]!) {
      for (const name of ["mcc", "shared"])
        expect([typeof line[name], typeof line[`${name}_null`]]).toEqual(["number", "number"]);
      expect(line["mean_max"]).toHaveLength(2);
      expect(line["mean_max_null"]).toHaveLength(2);
    }
  }
});

test("a member that starts again is an event with its step and score, and only every cool-down", async () => {
  const rule = "reinitialise={ target: calibrated, threshold: 0.01, cool_down_steps: 6 }";
  const [run] = await tinyRuns(temporaryFolder(), [rule]);
  const events = (await lines(run!, "events.jsonl")).filter((e) => e["event"] === "reinitialised");
  for (const member of NAMES) {
    const mine = events.filter((e) => e["member"] === member);
    expect(mine.map((e) => e["step"])).toEqual([1, 7, 13, 19]);
    for (const event of mine) expect(event["score"]).toBeGreaterThan(0.01);
  }
  const [first] = await lines(run!, "metrics.jsonl");
  const members = first!["members"] as Record<string, Record<string, number>>;
  expect(members["member-0"]!["activity_score"]).toBeGreaterThan(0.01);
  const [calm] = await tinyRuns(temporaryFolder());
  expect(await lines(calm!, "events.jsonl")).toEqual([]);
});

test("a run that the machine has no memory for says so before it trains", async () => {
  for (const [available, said] of [
    [2 ** 20, 1],
    [2 ** 40, 0],
  ] as const) {
    const events: string[] = [];
    const seen = (e: { kind: string; message?: string }) => events.push(e.message ?? e.kind);
    await tinyRuns(temporaryFolder(), [], seen, undefined, false, available);
    const warnings = events.filter((e) => /MiB of memory and \d+ MiB are available/.test(e));
    expect(warnings).toHaveLength(said);
    if (said) expect(events.indexOf(warnings[0]!)).toBeLessThan(events.indexOf("step"));
  }
});

test("what SAELens will make of saved members is said when it is something else", async () => {
  const warnings: string[] = [];
  const watch = (event: RunEvent) =>
    void (event.kind === "warning" && warnings.push(event.message));
  await tinyRuns(temporaryFolder(), ["population.architecture=topk_tied"], watch);
  expect(warnings).toEqual([expect.stringMatching(/^SAELens sets negative activations to zero/)]);
  await tinyRuns(temporaryFolder(), [], watch);
  expect(warnings).toHaveLength(1);
});
