import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../test/support/allclose.ts";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import { expectGradients, lossOf, smallProblem } from "../../../test/support/finite-differences.ts";
import { linearSpec } from "../../../test/support/linear.ts";
import { relu } from "./relu.ts";

const shape = { dIn: 64, dSae: 128 };

test("defaults are those of the published dictionaries", () => {
  expect(linearSpec("relu", shape)).toEqual({
    name: "relu",
    tying: 1,
    selection: { kind: "relu" },
    decoderBias: undefined,
    lossReduction: "mean",
    l1: 8.577e-4,
    clipNorm: undefined,
    auxK: undefined,
    weightInit: "xavier_uniform",
  });
  expect(relu.defaultLr(shape)).toBe(1e-3);
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("l1 = %d is refused", (l1) => {
  expect(() => linearSpec("relu", { ...shape, l1 })).toThrow(/^Expected a number from 0 for l1/);
});

test("AuxK is refused", () => {
  expect(() => linearSpec("relu", { ...shape, auxK: {} })).toThrow(
    /nothing with relu \(AuxK belongs to/,
  );
});

describe.each([...backendNames])("on %s", (name) => {
  test.each([
    ["sparse", 0],
    ["dense", 1],
  ])("the loss is mean squared error plus l1, on the %s path", async (_path, density) => {
    const problem = await smallProblem(openNamed(name), "relu", { l1: 0.05 });
    const { member, x } = problem;
    const { parameters: p } = member;
    member.density = density;
    let loss = 0;
    for (let b = 0; b < 7; b++) {
      const left = Array.from(x.subarray(b * 5, (b + 1) * 5));
      for (let latent = 0; latent < 9; latent++) {
        const weights = p.encoder!.parameter.subarray(latent * 5, (latent + 1) * 5);
        const atom = p.raw!.parameter.subarray(latent * 5, (latent + 1) * 5);
        const score = weights.reduce(
          (sum, v, j) => sum + v * x[b * 5 + j]!,
          p.bias.parameter[latent]!,
        );
        const z = Math.max(0, score);
        loss += (0.05 * z) / 7;
        for (let j = 0; j < 5; j++) left[j]! -= (z * atom[j]!) / Math.hypot(...atom);
      }
      loss += left.reduce((sum, v) => sum + v * v, 0) / (7 * 5);
    }
    expectAllclose([await lossOf(problem)], [loss], { rtol: 1e-5 });
  });

  test.each([
    ["sparse", 0, undefined],
    ["dense", 1, undefined],
    ["dense, with b_dec", 1, "mean"],
    ["sparse, with b_dec", 0, "mean"],
  ] as const)("gradients are those of the loss: %s", async (_path, density, decoderBias) => {
    const problem = await smallProblem(openNamed(name), "relu", { l1: 0.05, decoderBias });
    problem.member.density = density;
    await expectGradients(problem);
  });

  test("bias decay adds β‖b_enc‖, and its gradient reaches b_enc alone", async () => {
    const options = { l1: 0.05, decoderBias: "mean" } as const;
    const [without, decayed] = [
      await smallProblem(openNamed(name), "relu", options),
      await smallProblem(openNamed(name), "relu", { ...options, biasDecay: 0.3 }),
    ];
    const length = Math.hypot(...decayed.member.parameters.bias.parameter);
    expect((await lossOf(decayed)) - (await lossOf(without))).toBeCloseTo(0.3 * length, 5);
    await expectGradients(decayed);
  });
});
