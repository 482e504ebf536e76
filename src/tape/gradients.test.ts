/** Gradients of all operations against central differences of a loss, on the reference backend. */
import { expect, test } from "vitest";
import { expectAllclose } from "../../test/support/allclose.ts";
import { reference } from "../../test/support/backends.ts";
import { recordCase, TAPE_CASES } from "../../test/support/tape-cases.ts";

/** Half the width of a difference: far from the rounding of float32, and from kinks. */
const STEP = 2 ** -8;

test.each(Object.keys(TAPE_CASES))("%s", async (name) => {
  const { tape, inputs, parameters, loss } = recordCase(reference, name);
  await tape.forward();
  await tape.backward(loss);
  const lossNow = async () => {
    await tape.forward();
    return loss.value[0]!;
  };
  for (const [i, { value, gradient }] of parameters.entries()) {
    const differences = new Float32Array(value.length);
    for (let j = 0; j < value.length; j++) {
      const kept = value[j]!;
      value[j] = kept + STEP;
      const above = await lossNow();
      value[j] = kept - STEP;
      const below = await lossNow();
      value[j] = kept;
      differences[j] = (above - below) / (2 * STEP);
    }
    expectAllclose(gradient!.sum, differences, { rtol: 5e-3, atol: 2e-3 }, inputs[i]!);
  }
});

test("a difference that is wrong would be found", async () => {
  const { tape, parameters, loss } = recordCase(reference, "square");
  await tape.forward();
  await tape.backward(loss);
  const [x] = parameters;
  expect(x!.gradient!.sum[0]).not.toBeCloseTo(0, 2);
});
