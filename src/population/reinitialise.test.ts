import { describe, expect, test } from "vitest";
import { backendNames, openNamed } from "../../test/support/backends.ts";
import { linearOf, linearSpec } from "../../test/support/linear.ts";
import { normals } from "../../test/support/random.ts";
import type { ActivationStream } from "../sources/source.ts";
import { createPopulation } from "./create-population.ts";
import { activityScore, activityTarget, REINITIALISE_DEFAULTS } from "./reinitialise.ts";
import { type TrainOptions, trainPopulation } from "./train-population.ts";

test("the score is the mean cubed deviation from the target, relative to it", () => {
  // Rates 0, 1/4, 1/2, 1 of a target of 1/4: deviations 1, 0, 1, 3.
  expect(activityScore(Int32Array.of(0, 2, 4, 8), 8, 1 / 4)).toBe((1 + 0 + 1 + 27) / 4);
});

test("dead latents alone never reach the MFR authors' threshold; one that is always on does", () => {
  const [batch, dSae] = [100, 512];
  const dead = new Int32Array(dSae);
  expect(activityScore(dead, batch, 1 / 16)).toBe(1);
  const alwaysOn = new Int32Array(dSae).fill(100 / 16);
  alwaysOn[7] = batch;
  expect(activityScore(alwaysOn, batch, 1 / 16)).toBeGreaterThan(REINITIALISE_DEFAULTS.threshold);
});

const [D_IN, D_SAE, K, BATCH] = [12, 96, 3, 64];

async function population(backend: Parameters<typeof createPopulation>[0], architecture: string) {
  const options = { architecture, dIn: D_IN, dSae: D_SAE, seeds: [3, 4], batch: BATCH, lr: 1e-3 };
  return createPopulation(backend, architecture === "relu" ? options : { ...options, k: K });
}

test("the target is 1/16, or what a perfectly even member would have", async () => {
  const { members } = await population(openNamed("reference"), "topk_tied");
  const rule = REINITIALISE_DEFAULTS;
  expect(activityTarget(members[0]!, { ...rule, target: "faithful" })).toBe(1 / 16);
  expect(activityTarget(members[0]!, { ...rule, target: "calibrated" })).toBe(K / D_SAE);
});

/**
 * Rows with a mean so large that the same latents win in all of them: member 0 is far too active,
 * whatever its weights.
 */
function lopsided(): ActivationStream {
  let row = 0;
  return {
    rowsPerPass: undefined,
    async next(out) {
      const noise = normals(`noise/${row}`, out.length, 0.1);
      for (let i = 0; i < out.length; i++) out[i] = 5 + noise[i]!;
      row += out.length / D_IN;
    },
    state: () => ({ row }),
    async seek() {},
  };
}

describe.each([...backendNames])("on %s a member that is too active", (name) => {
  async function train(rule: TrainOptions["reinitialise"], architecture = "topk_tied", steps = 9) {
    const trained = await population(openNamed(name), architecture);
    const before = trained.members.map((m) => linearOf(m).parameters.encoder!.parameter.slice());
    const seen: boolean[] = [];
    const scores: (number | undefined)[] = [];
    for await (const { members } of trainPopulation({
      population: trained,
      stream: lopsided(),
      firstStep: 0,
      totalSteps: steps,
      clock: () => 0,
      reinitialise: rule,
    })) {
      seen.push(members[0]!.reinitialised);
      scores.push(members[0]!.activityScore);
    }
    return { trained, before, seen, scores };
  }

  test("starts again once every cool-down", async () => {
    const { trained, seen } = await train({
      target: "calibrated",
      threshold: 2.5,
      coolDownSteps: 4,
    });
    expect(seen).toEqual([true, false, false, false, true, false, false, false, true]);
    expect(trained.members[0]!.reinitialisations).toBe(3);
    // Fresh moments: Adam's clock began with the last reinitialisation, the step count did not.
    expect(linearOf(trained.members[0]!).adamSteps).toBe(1);
    expect(linearOf(trained.members[0]!).steps).toBe(9);
  });

  test("starts again in every step without a cool-down, as in the MFR authors' code", async () => {
    const { seen } = await train({ target: "faithful", threshold: 2.5, coolDownSteps: 0 });
    expect(seen.every((again) => again)).toBe(true);
  });

  test("gets other weights each time, orthogonal ones, and zero biases", async () => {
    const { trained, before } = await train(
      { target: "calibrated", threshold: 2.5, coolDownSteps: 0 },
      "topk_tied",
      1,
    );
    const W = linearOf(trained.members[0]!).parameters.encoder!.parameter;
    expect(W).not.toEqual(before[0]);
    // One step of Adam with rate 1e-3 moves no weight and no bias further than that.
    for (let a = 0; a < D_IN; a++)
      for (let b = 0; b < D_IN; b++) {
        let product = 0;
        for (let f = 0; f < D_SAE; f++) product += W[f * D_IN + a]! * W[f * D_IN + b]!;
        expect(Math.abs(product - (a === b ? 1 : 0))).toBeLessThan(0.03);
      }
    for (const b of linearOf(trained.members[0]!).parameters.bias.parameter)
      expect(Math.abs(b)).toBeLessThan(1.001e-3);
  });

  test("is left alone below the threshold, and where the rule says nothing of it", async () => {
    const calm = await train({ target: "calibrated", threshold: 1e9, coolDownSteps: 0 });
    expect(calm.seen.some((again) => again)).toBe(false);
    expect(calm.scores.every((score) => score! > 2.5)).toBe(true);
    const relu = await train({ target: "calibrated", threshold: 2.5, coolDownSteps: 0 }, "relu", 2);
    expect(relu.scores).toEqual([undefined, undefined]);
  });
});

test("every architecture that the rule is for selects k latents", () => {
  for (const name of ["topk", "topk_tied"])
    expect(linearSpec(name, { dIn: 8, dSae: 16, k: 2 }).selection.kind).toBe("topk");
});
