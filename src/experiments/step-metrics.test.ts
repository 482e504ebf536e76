import { describe, expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { parseConfig } from "../config/load-config.ts";
import type { PopulationStep } from "../population/train-population.ts";
import { buildPopulation } from "./build-population.ts";
import { stepMetrics } from "./step-metrics.ts";

const { config } = parseConfig(
  `name: x
source: { kind: synthetic, d_in: 2 }
population: { d_sae: 4, k: 1, architecture: topk, members: 2 }
training: { batch: 2, steps: 5 }
`,
  "x.yaml",
)[0]!;
const { population } = buildPopulation(reference, config, { dIn: 2, rowsPerPass: undefined });

const member = {
  loss: 3,
  squaredError: 4,
  l0: 1,
  l1: 2,
  lr: 0.5,
  auxLoss: undefined,
  gradientNorm: undefined,
  activityScore: undefined,
  reinitialised: false,
  redoneRows: 0,
};

// Rows (1, 0) and (3, 4): their mean is (2, 2), and Σ‖x − mean‖² is 1 + 4 + 1 + 4.
const target = Float32Array.of(1, 0, 3, 4);
const step = (over: Partial<PopulationStep> = {}) =>
  ({
    step: 6,
    target,
    batch: target,
    members: [member, member],
    couplingLoss: 7,
    ...over,
  }) as PopulationStep;

describe("a line of metrics", () => {
  test("has each member's numbers of the batch", async () => {
    const line = await stepMetrics(population, step());
    expect(line).toEqual({
      activations: 14,
      coupling_loss: 7,
      members: {
        // ‖x̂ − x‖² is 4 per row: 8 of a variance of 10, and 2 per element.
        "member-0": { loss: 3, fvu: 0.8, mse: 2, l0: 1, l1: 2, dead: 0, lr: 0.5 },
        "member-1": { loss: 3, fvu: 0.8, mse: 2, l0: 1, l1: 2, dead: 0, lr: 0.5 },
      },
    });
  });

  test("has further numbers only of members that have them", async () => {
    const first = { ...member, auxLoss: 0.25, gradientNorm: 9, activityScore: 0.125 };
    const { members } = await stepMetrics(population, step({ members: [first, member] }));
    expect(members["member-0"]).toMatchObject({
      aux_loss: 0.25,
      gradient_norm: 9,
      activity_score: 0.125,
    });
    expect(Object.keys(members["member-1"]!)).not.toContain("aux_loss");
  });

  test("of equal rows has no FVU, which JSON writes as null", async () => {
    const constant = Float32Array.of(1, 2, 1, 2);
    const { members } = await stepMetrics(population, step({ target: constant }));
    expect(JSON.parse(JSON.stringify(members["member-0"]!.fvu))).toBeNull();
  });

  test("is judged by what rows were to be reconstructed as, not by the rows", async () => {
    const batch = Float32Array.of(9, 9, -9, -9);
    const { members } = await stepMetrics(population, step({ batch }));
    expect(members["member-0"]!.fvu).toBe(0.8);
  });
});
