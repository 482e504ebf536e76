import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../test/support/allclose.ts";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import {
  expectGradients,
  gradientsOf,
  type Problem,
  smallProblem,
} from "../../../test/support/finite-differences.ts";

const [BATCH, D_IN, D_SAE] = [7, 5, 9];
const BANDWIDTH = 0.6;

/** ∂L/∂θ as the straight-through estimate has it, from the formulas, in float64. */
function thresholdGradient({ member, x }: Problem, penalty: "step" | "tanh"): Float64Array {
  const { parameters: p } = member;
  const theta = p.vectors["threshold"]!.parameter;
  const bDec = p.decoderBias!.parameter;
  const gradient = new Float64Array(D_SAE);
  for (let b = 0; b < BATCH; b++) {
    const row = Array.from({ length: D_IN }, (_, j) => x[b * D_IN + j]! - bDec[j]!);
    const scores = Array.from({ length: D_SAE }, (_, f) =>
      row.reduce((s, v, j) => s + v * p.encoder!.parameter[f * D_IN + j]!, p.bias.parameter[f]!),
    );
    const left = row.map((v) => -v);
    for (const [f, s] of scores.entries())
      if (s > theta[f]!) for (let j = 0; j < D_IN; j++) left[j]! += s * p.unit[f * D_IN + j]!;
    for (const [f, s] of scores.entries()) {
      if (Math.abs(s - theta[f]!) >= BANDWIDTH / 2) continue;
      const z = s > theta[f]! ? s : 0;
      let g = left.reduce((sum, r, j) => sum + (2 / BATCH) * r * p.unit[f * D_IN + j]!, 0);
      if (penalty === "tanh") g += (0.3 / BATCH) * 4 * (1 - Math.tanh(4 * z) ** 2);
      gradient[f]! -= (theta[f]! * g) / BANDWIDTH;
      if (penalty === "step") gradient[f]! -= 0.3 / BATCH / BANDWIDTH;
    }
  }
  return gradient;
}

describe.each([...backendNames])("on %s", (name) => {
  describe.each(["step", "tanh"] as const)("with the %s penalty", (penalty) => {
    const options = { l0Coefficient: 0.3, penalty, bandwidth: BANDWIDTH, initialThreshold: 0.35 };

    test.each([
      ["sparse", 0],
      ["dense", 1],
    ])("gradients of the weights are those of the loss, %s", async (_path, density) => {
      const problem = await smallProblem(openNamed(name), "jumprelu", options);
      problem.member.density = density;
      await expectGradients(problem, ["threshold"]);
    });

    test.each([
      ["sparse", 0],
      ["dense", 1],
    ])("that of the threshold is the straight-through estimate, %s", async (_path, density) => {
      const problem = await smallProblem(openNamed(name), "jumprelu", options);
      problem.member.density = density;
      const expected = thresholdGradient(problem, penalty);
      expect(expected.filter((g) => g !== 0).length).toBeGreaterThan(3);
      const found = (await gradientsOf(problem)).get("threshold")!;
      expectAllclose(found, expected, { rtol: 1e-4, atol: 1e-5 });
    });
  });

  test("the penalty grows over its first steps, and thresholds stay at 0 or above", async () => {
    const settings = { l0Coefficient: 1, sparsityWarmupSteps: 4, initialThreshold: 0 } as const;
    const problem = await smallProblem(openNamed(name), "jumprelu", settings);
    const { forward, backward } = await import("../linear/train-step.ts");
    const { member, w, x } = problem;
    const penalties: number[] = [];
    for (let step = 0; step < 6; step++) {
      const found = await forward(member, w, { x });
      penalties.push(found.penalty! / found.l0);
      await backward(member, w, { lr: 1e-3 }, found);
      expect(Math.min(...member.parameters.vectors["threshold"]!.parameter)).toBeGreaterThanOrEqual(
        0,
      );
    }
    expectAllclose(penalties, [0, 0.25, 0.5, 0.75, 1, 1], { rtol: 1e-6 });
  });
});
