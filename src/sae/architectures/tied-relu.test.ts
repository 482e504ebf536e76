import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../test/support/allclose.ts";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import { expectGradients, lossOf, smallProblem } from "../../../test/support/finite-differences.ts";
import { linearSpec } from "../../../test/support/linear.ts";
import { tiedRelu } from "./tied-relu.ts";

test("defaults are those of the published dictionaries", () => {
  expect(linearSpec("relu_tied", { dIn: 64, dSae: 128 })).toEqual({
    name: "relu_tied",
    tying: 3,
    selection: { kind: "relu" },
    decoderBias: undefined,
    lossReduction: "mean",
    l1: 8.577e-4,
    clipNorm: undefined,
    auxK: undefined,
    weightInit: "xavier_uniform",
  });
  expect(tiedRelu.defaultLr({ dIn: 64, dSae: 128 })).toBe(1e-3);
});

describe.each([...backendNames])("on %s", (name) => {
  test("one normalised matrix encodes and decodes", async () => {
    const problem = await smallProblem(openNamed(name), "relu_tied", { l1: 0.05 });
    const { member, x } = problem;
    const { parameters: p } = member;
    let loss = 0;
    for (let b = 0; b < 7; b++) {
      const left = Array.from(x.subarray(b * 5, (b + 1) * 5));
      for (let latent = 0; latent < 9; latent++) {
        const row = p.raw!.parameter.subarray(latent * 5, (latent + 1) * 5);
        const atom = Array.from(row, (v) => v / Math.hypot(...row));
        const bias = p.bias.parameter[latent]!;
        const z = Math.max(
          0,
          atom.reduce((sum, v, j) => sum + v * x[b * 5 + j]!, bias),
        );
        loss += (0.05 * z) / 7;
        for (let j = 0; j < 5; j++) left[j]! -= z * atom[j]!;
      }
      loss += left.reduce((sum, v) => sum + v * v, 0) / (7 * 5);
    }
    expectAllclose([await lossOf(problem)], [loss], { rtol: 1e-5 });
  });

  test.each([
    ["sparse", 0],
    ["dense", 1],
  ])("gradients go through the normalisation once for both uses: %s", async (_path, density) => {
    const problem = await smallProblem(openNamed(name), "relu_tied", { l1: 0.05 });
    problem.member.density = density;
    await expectGradients(problem);
  });
});
