import { describe, expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyRuns } from "../../test/support/tiny-run.ts";
import { parseConfig } from "../config/load-config.ts";
import { readJsonl } from "../formats/jsonl.ts";
import { readConsistency } from "../runs/results.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { buildPopulation } from "./build-population.ts";
import { planMemory } from "./plan-memory.ts";
import { measuresAgreement, planAgreement } from "./training-agreement.ts";

type Line = Readonly<Record<string, unknown>> & {
  readonly step: number;
  readonly members: Readonly<Record<string, Readonly<Record<string, number>>>>;
};

async function lines(run: RunFolder): Promise<Line[]> {
  const all: Line[] = [];
  for await (const line of readJsonl(run.file("metrics.jsonl"))) all.push(line as Line);
  return all;
}

const EVERY_10 = "training.agreement_every=10";

describe("metrics.jsonl", () => {
  test("has at the last step what the finished run's agreement has, nulls included", async () => {
    const [run] = await tinyRuns(temporaryFolder(), [EVERY_10]);
    const logged = await lines(run!);
    const measured = logged.filter((line) => "pw_mcc" in line);
    expect(measured.map(({ step }) => step)).toEqual([10, 20]);
    const result = (await readConsistency(run!))!;
    const last = measured.at(-1)!;
    expect([last["pw_mcc"], last["pw_mcc_null"]]).toEqual([
      result.pw_mcc!.mean,
      result.pw_mcc!.null,
    ]);
    expect(result.ground_truth).toHaveLength(4);
    for (const { member, mcc, mcc_null } of result.ground_truth!)
      expect(last.members[member]).toMatchObject({ gt_mcc: mcc, gt_mcc_null: mcc_null });
    expect(measured[0]!["pw_mcc"]).not.toBe(last["pw_mcc"]);
    expect(Object.keys(logged[1]!.members["member-0"]!)).not.toContain("gt_mcc");
  });

  test("has PW-MCC by setting where members differ in more than their seeds", async () => {
    const [run] = await tinyRuns(temporaryFolder(), [EVERY_10, "population.d_sae=[16, 12]"]);
    const last = (await lines(run!)).at(-1)!;
    expect(last["pw_mcc"]).toBeUndefined();
    const result = (await readConsistency(run!))!;
    expect(result.pw_mcc_by_setting).toHaveLength(2);
    expect(last["pw_mcc_by_setting"]).toEqual(result.pw_mcc_by_setting);
  });

  test("has no agreement where the config says so, and of one member only the truth's", async () => {
    const [none] = await tinyRuns(temporaryFolder(), ["training.agreement_every=false"]);
    for (const line of await lines(none!)) expect(JSON.stringify(line)).not.toContain("_mcc");
    const alone = ["population.members=1", "population.independent=0", EVERY_10];
    const [one] = await tinyRuns(temporaryFolder(), alone);
    const last = (await lines(one!)).at(-1)!;
    expect(last["pw_mcc"]).toBeUndefined();
    expect(last.members["member-0"]!["gt_mcc"]).toBeGreaterThan(0);
  });

  test("is the same whether agreement is measured or not, apart from it", async () => {
    const [measured] = await tinyRuns(temporaryFolder(), [EVERY_10]);
    const [plain] = await tinyRuns(temporaryFolder(), ["training.agreement_every=false"]);
    const without = (text: string) => text.replace(/,"(?:pw|gt)_mcc(?:_null)?":[\d.e-]+/g, "");
    const [a, b] = await Promise.all([measured!, plain!].map((run) => lines(run)));
    expect(without(JSON.stringify(a))).toBe(JSON.stringify(b));
  });
});

test("the line of a measurement is the first at or after its step, and never that of step 1", () => {
  const steps = (every: number, logEvery: number, lines: readonly number[]) =>
    lines.filter((taken) => measuresAgreement({ every }, logEvery, taken));
  const lines = [1, 5, 10, 15, 20, 25, 28];
  expect(steps(10, 5, lines)).toEqual([10, 20]);
  expect(steps(7, 5, lines)).toEqual([10, 15, 25]);
  expect(steps(1, 5, lines)).toEqual([5, 10, 15, 20, 25]);
  expect(steps(26, 5, lines)).toEqual([]);
  expect(measuresAgreement(undefined, 1, 10)).toBe(false);
});

function planned(more: string, trueFeatures = 0) {
  const text = `name: x
source: { kind: arrays, path: x.npy }
population: { d_sae: 1000, k: 4, members: 4 }
training: { batch: 100, steps: 100000${more} }`;
  const { config } = parseConfig(text, "x.yaml")[0]!;
  const source = { dIn: 8, rowsPerPass: 100, heldOutRows: 10, memoryBytes: 0, trueFeatures };
  const built = buildPopulation(reference, config, source);
  return { config, source, plan: planAgreement(reference, config, built, trueFeatures) };
}

describe("how often agreement is measured", () => {
  test("follows from the sizes, so that it takes a fiftieth of the time", () => {
    // Six matchings of 1000 by 1000, each as 4 · 1000 · 1000 rows of a latent. A step is 4 · 100
    // rows of 1000 latents.
    expect(planned("").plan!.every).toBe((50 * 4 * 6 * 1000) / (4 * 100));
    // Four more, with 500 features.
    expect(planned("", 500).plan!.every).toBe((50 * 4 * 8 * 1000) / (4 * 100));
  });

  test("is what the config says, and a run that is too short for it measures nothing", () => {
    expect(planned(", agreement_every: 7").plan!.every).toBe(7);
    expect(planned(", agreement_every: 100001").plan).toBeUndefined();
    expect(planned(", agreement_every: false").plan).toBeUndefined();
  });

  test("is counted in a plan's memory where it happens", async () => {
    const training = async (more: string, trueFeatures = 0) => {
      const { config, source } = planned(more, trueFeatures);
      const { phases, held } = await planMemory(reference, config, source, 0);
      const known = held.find(({ what }) => what === "known features")?.bytes ?? 0;
      return { known, bytes: phases.find(({ what }) => what === "training")!.bytes };
    };
    const never = await training(", agreement_every: false", 500);
    const often = await training(", agreement_every: 10", 500);
    // Candidates of 1000 rows, 16 each, for three matchings at once.
    expect(often.bytes - never.bytes).toBeGreaterThan(3 * 8 * 16 * 1000);
    expect([never.known, often.known]).toEqual([0, 4 * 500 * 8]);
  });
});
