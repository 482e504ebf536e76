import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { parseConfig } from "../config/load-config.ts";
import type { Config } from "../config/schema.ts";
import { type PlanOptions, planRun } from "./plan.ts";
import { probeSteps, type StepProbe } from "./probe-steps.ts";

function config(...settings: string[]): Config {
  const text = `name: planned
source: { kind: synthetic, d_in: 8, features: 8, active: 2, generator: mfr, groups: 2, held_out_rows: 64 }
population: { members: 2, architecture: topk, d_sae: 16, k: 2 }
training: { batch: 16, steps: 100 }
`;
  return parseConfig(text, "x.yaml", settings)[0]!.config;
}

/** A machine whose clock is read in steps of `tick` milliseconds. */
function machine(folder: string, tick = 1): PlanOptions & { reads: () => number } {
  let now = 0;
  return {
    backend: reference,
    baseFolder: folder,
    cacheDir: folder,
    catalogue: { cacheDir: folder, offline: true },
    clock: () => (now += tick),
    residentMemory: () => 50 * 2 ** 20,
    availableMemory: 2 ** 34,
    reads: () => now / tick,
  };
}

describe("a plan", () => {
  test("says how long, how much, and of how many activations", async () => {
    const folder = temporaryFolder();
    const plan = await planRun(config(), machine(folder));
    expect(plan).toMatchObject({
      name: "planned",
      steps: 100,
      activations: 1600,
      collect: undefined,
      store: undefined,
    });
    const { firstMilliseconds, millisecondsPerStep } = plan.probe;
    expect(plan.trainingSeconds).toBeCloseTo(
      (firstMilliseconds + 99 * millisecondsPerStep) / 1000,
      12,
    );
    expect(plan.memory.bytes).toBeGreaterThan(50 * 2 ** 20);
    expect(plan.memory.mostBytes).toBeGreaterThanOrEqual(plan.memory.bytes);
    // Nothing is written.
    expect(readdirSync(folder)).toEqual([]);
  });

  test("counts what a run's process takes, where that is known", async () => {
    const folder = temporaryFolder();
    const probes = new Map<string, StepProbe>();
    const small = await planRun(config(), { ...machine(folder), probes, baseBytes: 1e6 });
    const large = await planRun(config(), { ...machine(folder), probes, baseBytes: 3e6 });
    expect(large.memory.bytes - small.memory.bytes).toBe(2e6);
  });

  test("probes once what takes the same time, whatever its seed, rate and length", async () => {
    const options = { ...machine(temporaryFolder()), probes: new Map<string, StepProbe>() };
    const probed = async (...settings: string[]) => {
      await planRun(config(...settings), options);
      return options.probes.size;
    };
    expect(await probed()).toBe(1);
    expect(await probed("population.lr=0.5", "population.seed=9", "training.steps=7")).toBe(1);
    expect(await probed("coupling={weight: 1}")).toBe(2);
    expect(await probed("coupling={weight: 5}")).toBe(2);
    expect(await probed("population.d_sae=32")).toBe(3);
    // Synthetic rows are made as steps are taken: their seed is part of the source.
    expect(await probed("training.batch=32")).toBe(4);
  });

  test("is refused for a population that no such machine holds", async () => {
    const options = { ...machine(temporaryFolder()), memoryLimits: { machine: 1000, heap: 1e9 } };
    await expect(planRun(config(), options)).rejects.toThrow("The population has 2 members");
    expect(options.reads()).toBe(0);
  });
});

describe("a probe", () => {
  const facts = { dIn: 8, rowsPerPass: undefined, heldOutRows: 8, memoryBytes: 0, trueFeatures: 0 };

  test("takes twenty steps at most, and of a run that is shorter all of them", async () => {
    const { clock } = machine("", 1);
    expect((await probeSteps(reference, config(), facts, { clock })).steps).toBe(20);
    const short = await probeSteps(reference, config("training.steps=3"), facts, { clock });
    expect(short.steps).toBe(3);
  });

  test("takes two steps at least, however long they are", async () => {
    const { clock } = machine("", 60_000);
    const probe = await probeSteps(reference, config(), facts, { clock });
    expect(probe.steps).toBe(2);
    expect(probe.millisecondsPerStep).toBeGreaterThan(0);
  });

  test("of one step takes it for all", async () => {
    const { clock } = machine("", 1);
    const probe = await probeSteps(reference, config("training.steps=1"), facts, { clock });
    expect(probe.millisecondsPerStep).toBe(probe.firstMilliseconds);
  });

  test("of a part of the latents scales its times up", async () => {
    const whole = await probeSteps(reference, config(), facts, { clock: machine("").clock });
    const options = { clock: machine("").clock, scale: 0.5 };
    const half = await probeSteps(reference, config(), facts, options);
    expect(half.scale).toBe(0.5);
    expect(half.millisecondsPerStep).toBe(2 * whole.millisecondsPerStep);
  });

  test("of very few latents keeps as many as are active at once", async () => {
    const options = { clock: machine("").clock, scale: 1e-6 };
    const several = config("population.d_sae=[16, 32]", "population.overrides=[{d_sae: 64}]");
    await expect(probeSteps(reference, several, facts, options)).resolves.toMatchObject({
      scale: 1e-6,
    });
  });
});
