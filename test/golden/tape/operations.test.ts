/** Values and gradients of the tape's operations against PyTorch (make.py beside this file). */
import { describe, expect, test } from "vitest";
import { asFloat32 } from "../../../src/base/tensor.ts";
import { Adam } from "../../../src/tape/adam.ts";
import { Tape } from "../../../src/tape/tape.ts";
import { expectAllclose } from "../../support/allclose.ts";
import { backendNames, openNamed } from "../../support/backends.ts";
import { golden, goldenNames, recordCase, TAPE_CASES } from "../../support/tape-cases.ts";

const TOLERANCE = { rtol: 2e-5, atol: 4e-6 };

test("every case of the golden file is tested", () => {
  expect(Object.keys(TAPE_CASES).sort()).toEqual(
    goldenNames.filter((name) => name !== "optimizer").sort(),
  );
});

describe.each(backendNames)("%s", (backendName) => {
  test.each(Object.keys(TAPE_CASES))("%s", async (name) => {
    const { tape, inputs, parameters, value, arrays, loss } = recordCase(
      openNamed(backendName),
      name,
    );
    await tape.forward();
    const expected = golden(`${name}/value`);
    expect(value.shape).toEqual(expected.shape);
    expectAllclose(value.value, asFloat32(expected), TOLERANCE, "value");
    for (const [array, found] of Object.entries(arrays))
      expectAllclose(found, asFloat32(golden(`${name}/${array}.after`)), TOLERANCE, array);
    // Twice: what one pass left must not change the next.
    for (let pass = 0; pass < 2; pass++) {
      await tape.backward(loss);
      for (const [i, input] of inputs.entries())
        expectAllclose(
          parameters[i]!.gradient!.sum,
          asFloat32(golden(`${name}/${input}.gradient`)),
          TOLERANCE,
          `gradient of ${input}`,
        );
    }
  });

  test.each([
    ["adam", 0],
    ["adamw", 0.1],
  ] as const)("%s", async (name, weightDecay) => {
    const backend = openNamed(backendName);
    const tape = new Tape(backend);
    const p = tape.parameter([7]);
    p.value.set(asFloat32(golden("optimizer/start")));
    const optimizer = new Adam([p], { beta1: 0.8, beta2: 0.95, eps: 1e-6, weightDecay });
    const gradients = asFloat32(golden("optimizer/gradients"));
    for (let step = 0; step < 10; step++) {
      p.gradient!.sum.set(gradients.subarray(7 * step, 7 * (step + 1)));
      await optimizer.step({ lr: 0.01 });
    }
    expectAllclose(p.value, asFloat32(golden(`optimizer/${name}`)), TOLERANCE);
  });
});
