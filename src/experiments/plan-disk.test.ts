import { describe, expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { parseConfig } from "../config/load-config.ts";
import { saeBytes } from "../interchange/saelens.ts";
import { stateBytes } from "../population/state.ts";
import { buildPopulation } from "./build-population.ts";
import { planDisk } from "./plan-disk.ts";

function plan(training: string, more = "", storeBytes = 0) {
  const text = `name: x
source: { kind: synthetic, d_in: 4 }
population: { d_sae: 8, k: 2, architecture: topk, members: 2 }
training: { batch: 8, ${training} }
${more}`;
  const { config } = parseConfig(text, "x.yaml")[0]!;
  const built = buildPopulation(reference, config, { dIn: 4, rowsPerPass: undefined });
  const disk = planDisk(config, built, 0, storeBytes);
  const of = (what: string) => disk.items.find((item) => item.what === what)!.bytes;
  return { disk, of, built, state: stateBytes(built.population, built.coupling) };
}

describe("checkpoints", () => {
  test("are as many as are kept, and while the newest is written one more", () => {
    const { of, state, disk } = plan("steps: 10, checkpoint_every: 2, keep_checkpoints: 3");
    expect(of("checkpoints")).toBe(3 * state);
    expect(disk.mostBytes - disk.bytes).toBe(state);
  });

  test("are no more than are written, the last step's among them", () => {
    const { of, state, disk } = plan("steps: 5, checkpoint_every: 4, keep_checkpoints: 9");
    expect(of("checkpoints")).toBe(2 * state);
    expect(disk.mostBytes).toBe(disk.bytes);
    expect(plan("steps: 5, checkpoint_every: 100").of("checkpoints")).toBe(state);
  });
});

test("every member is saved once", () => {
  const { of, built } = plan("steps: 1");
  expect(of("SAEs")).toBe(2 * saeBytes(built.population.members[0]!.sae));
});

test("logs grow with the steps that are logged, the first and the last always among them", () => {
  const lines = (steps: number, every: number) =>
    plan(`steps: ${steps}, log_every: ${every}`).of("logs");
  // Eleven lines, 21 and 101.
  const [few, more, all] = [lines(100, 10), lines(200, 10), lines(100, 1)];
  expect(more / few).toBeCloseTo(21 / 11, 12);
  expect(all / few).toBeCloseTo(101 / 11, 12);
});

test("each logger adds its lines, one named twice only once", () => {
  const logs = (loggers: string) =>
    plan("steps: 9, log_every: 1", `loggers: ${loggers}`).of("logs");
  const none = logs("[]");
  // Ten lines of two members.
  expect(logs("[csv]") - none).toBe(10 * 2 * 160);
  expect(logs("[csv, tensorboard]") - none).toBe(10 * 2 * (160 + 220));
});

test("a store in the cache counts, and the sum is that of the items", () => {
  const { disk, of } = plan("steps: 1", "", 12_345);
  expect(of("activation store, in the cache")).toBe(12_345);
  expect(disk.bytes).toBe(disk.items.reduce((sum, item) => sum + item.bytes, 0));
});

test("an analysis that a config asks for is counted with its results", () => {
  const results = (more: string) => plan("steps: 1", more).of("results and report");
  expect(results("consensus: {}")).toBeGreaterThan(results(""));
  // What is not asked for on known features is not counted.
  const listed = results("analyses: [evaluation, { kind: features, rows: 10 }]");
  expect(listed - results("analyses: [evaluation]")).toBeGreaterThan(2 * 8 * 1024);
  expect(results("")).toBe(results("analyses: [evaluation]"));
});
