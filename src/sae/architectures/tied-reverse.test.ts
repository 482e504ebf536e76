import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../test/support/allclose.ts";
import { backendNames, openNamed, reference } from "../../../test/support/backends.ts";
import {
  expectGradients,
  lossOf,
  type Problem,
  smallProblem,
} from "../../../test/support/finite-differences.ts";
import { linearSpec } from "../../../test/support/linear.ts";
import { normals } from "../../../test/support/random.ts";
import type { Backend } from "../../backend/backend.ts";
import { LinearTrainable } from "../linear/linear-trainable.ts";

const [BATCH, D_IN, D_SAE] = [7, 5, 9];
const OPTIONS = { l1: 0.05, biasDecay: 0.02, biasStart: -0.1 };

/** A problem whose biases are below 0, where training keeps them. */
async function problemBelow(backend: Backend, density: number): Promise<Problem> {
  const problem = await smallProblem(backend, "relu_tied_reverse", OPTIONS);
  const bias = problem.member.parameters.bias.parameter;
  bias.set(bias.map((b) => -Math.abs(b)));
  problem.member.density = density;
  return problem;
}

/** The published loss, in float64. */
function formula({ member, x }: Problem): number {
  const { unit, bias } = member.parameters;
  const b = bias.parameter;
  let loss = OPTIONS.biasDecay * Math.hypot(...b);
  for (let row = 0; row < BATCH; row++) {
    const left = Array.from(x.subarray(row * D_IN, (row + 1) * D_IN));
    const scores = Array.from({ length: D_SAE }, (_, f) =>
      left.reduce((sum, v, j) => sum + v * unit[f * D_IN + j]!, 0),
    );
    for (const [f, s] of scores.entries()) {
      const c = Math.max(0, s + b[f]!);
      const z = c > 0 ? c - b[f]! : 0;
      loss += (OPTIONS.l1 * Math.abs(z)) / BATCH;
      for (let j = 0; j < D_IN; j++) left[j]! -= z * unit[f * D_IN + j]!;
    }
    loss += left.reduce((sum, v) => sum + v * v, 0) / (BATCH * D_IN);
  }
  return loss;
}

describe.each([...backendNames])("on %s", (name) => {
  test.each([
    ["sparse", 0],
    ["dense", 1],
  ])("loss and gradients are the published ones, %s", async (_path, density) => {
    const problem = await problemBelow(openNamed(name), density);
    expectAllclose([await lossOf(problem)], [formula(problem)], { rtol: 1e-5 });
    // The bias learns from its decay alone.
    await expectGradients(problem);
  });
});

function created(): LinearTrainable {
  const spec = linearSpec("relu_tied_reverse", { dIn: D_IN, dSae: D_SAE, ...OPTIONS });
  const context = { backend: reference, dIn: D_IN, batch: BATCH, shared: new Map() };
  const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  return new LinearTrainable(context, { dSae: D_SAE, spec, adam });
}

test("bias decay brings biases to 0 and no further, and the saved SAE jumps at −b", async () => {
  const one = created();
  await one.initialise({ seed: 3, restart: 0 });
  const bias = one.member.parameters.bias.parameter;
  expect(bias).toEqual(new Float32Array(D_SAE).fill(-0.1));
  const lengths: number[] = [];
  for (let step = 0; step < 20; step++) {
    await one.backward(await one.forward({ x: normals(`x${step}`, BATCH * D_IN) }), { lr: 0.01 });
    lengths.push(Math.hypot(...bias));
    if (step !== 4) continue;
    const { selection, encoderBias } = one.inference();
    expect(selection).toEqual({ kind: "jumprelu", thresholds: bias.map((b) => -b) });
    expect(encoderBias.every((b) => b === 0)).toBe(true);
    const again = created();
    await again.startFrom(one.inference());
    expect(again.member.parameters.bias.parameter).toEqual(bias);
  }
  expect(lengths[3]).toBeLessThan(lengths[0]!);
  expect(lengths.at(-1)).toBe(0);
});

test("a bias that starts above 0 is refused", () => {
  const start = { dIn: D_IN, dSae: D_SAE, biasStart: 0.1 };
  expect(() => linearSpec("relu_tied_reverse", start)).toThrow(/for biasStart/);
});
