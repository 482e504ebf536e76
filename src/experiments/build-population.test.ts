import { describe, expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { parseConfig } from "../config/load-config.ts";
import type { Config } from "../config/schema.ts";
import { buildPopulation, totalSteps } from "./build-population.ts";

function config(training: string, more = "", population = "members: 2"): Config {
  const text = `name: x
source: { kind: synthetic, d_in: 4 }
population: { d_sae: 8, k: 2, architecture: topk, ${population} }
training: { batch: 8, ${training} }
${more}`;
  return parseConfig(text, "x.yaml")[0]!.config;
}

const build = (of: Config) => buildPopulation(reference, of, { dIn: 4, rowsPerPass: undefined });

describe("the number of steps", () => {
  test.each([
    ["steps: 7", undefined, 7],
    // Whole batches only.
    ["tokens: 50", undefined, 6],
    ["tokens: 8", undefined, 1],
    ["epochs: 2", 20, 5],
    ["epochs: 0.5", 100, 6],
  ])("of %s over %s rows is %s", (training, rows, steps) => {
    expect(totalSteps(config(training), rows)).toBe(steps);
  });

  test("does not exist for passes over data without an end", () => {
    expect(() => totalSteps(config("epochs: 2"), undefined)).toThrow(
      "training.epochs needs a source with an end",
    );
  });

  test("is refused when not even one batch is full", () => {
    expect(() => totalSteps(config("tokens: 7"), undefined)).toThrow(
      "training: 7 activations do not fill one batch of 8.",
    );
    expect(() => totalSteps(config("epochs: 1"), 3)).toThrow("3 activations do not fill");
  });
});

describe("a population", () => {
  test("has the members of its config, with room for a batch", () => {
    const { population, members, totalSteps: steps } = build(config("steps: 3"));
    expect(population.members.map((m) => m.name)).toEqual(["member-0", "member-1"]);
    expect(members.map((m) => m.seed)).toEqual([0, 1]);
    expect([population.batch, population.dIn, steps]).toEqual([8, 4, 3]);
    expect(population.members[0]!.sae).toMatchObject({ dIn: 4, dSae: 8 });
  });

  test("has a coupling only where its weight is above 0", () => {
    expect(build(config("steps: 1")).coupling).toBeUndefined();
    expect(build(config("steps: 1", "coupling: { weight: 0 }")).coupling).toBeUndefined();
    expect(build(config("steps: 1", "coupling: { weight: 1 }")).coupling).toBeDefined();
  });

  test("of one member, beside independent ones, has nothing to couple", () => {
    const alone = config("steps: 1", "coupling: { weight: 1 }", "members: 1, independent: 3");
    expect(() => build(alone)).toThrow("coupling needs two members at least");
    const off = config("steps: 1", "coupling: { weight: 0 }", "members: 1, independent: 3");
    expect(build(off).population.members).toHaveLength(4);
  });

  test("starts members again only where the config says so", () => {
    expect(build(config("steps: 1", "reinitialise: false")).reinitialise).toBeUndefined();
    const options = "reinitialise: { target: calibrated, threshold: 0.1, cool_down_steps: 9 }";
    expect(build(config("steps: 1", options)).reinitialise).toEqual({
      target: "calibrated",
      threshold: 0.1,
      coolDownSteps: 9,
    });
  });
});
