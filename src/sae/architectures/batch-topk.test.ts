import { describe, expect, test } from "vitest";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import { expectGradients, smallProblem } from "../../../test/support/finite-differences.ts";
import { linearSpec } from "../../../test/support/linear.ts";
import { prefixWidths } from "../linear/rules/nested.ts";

test("prefixes are halved from the whole dictionary", () => {
  expect(prefixWidths(64, 3)).toEqual([16, 32, 64]);
  expect(prefixWidths(9, 4)).toEqual([1, 2, 4, 9]);
});

test.each([
  ["batchtopk", { k: 17 }, /^Expected an integer from 1 to d_sae \(16\) for k/],
  ["matryoshka", { k: 2, prefixes: 6 }, /^Expected 2 to 5, the halvings of d_sae 16, for prefixes/],
] as const)("%s refuses %j", (name, options, message) => {
  expect(() => linearSpec(name, { dIn: 8, dSae: 16, ...options })).toThrow(message);
});

describe.each([...backendNames])("on %s", (name) => {
  test.each([
    ["batchtopk", { k: 2 }],
    ["batchtopk", { k: 4, decoderBias: "none" }],
    ["matryoshka", { k: 2, prefixes: 3 }],
    ["matryoshka", { k: 3, prefixes: 2, decoderBias: "none" }],
  ] as const)("gradients of %s %j are those of the loss", async (architecture, options) => {
    const settings = { auxK: false, clipNorm: false, ...options } as const;
    await expectGradients(await smallProblem(openNamed(name), architecture, settings));
  });

  test("the threshold is the running mean of the smallest value kept, and what inference cuts at", async () => {
    const problem = await smallProblem(openNamed(name), "batchtopk", { k: 2, thresholdLr: 0.25 });
    const { member, w, x } = problem;
    const step = async () => {
      const { forward, backward } = await import("../linear/train-step.ts");
      await backward(member, w, { lr: 0 }, await forward(member, w, { x }));
      return Math.min(...w.code.values.subarray(0, w.code.indptr[w.batch]!));
    };
    const first = await step();
    expect(member.threshold).toBe(first);
    for (let i = 0; i < x.length; i++) x[i]! *= 2;
    const second = await step();
    expect(member.threshold).toBeCloseTo(0.75 * first + 0.25 * second, 6);
  });
});
