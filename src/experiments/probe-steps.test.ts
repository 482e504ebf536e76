import { expect, test } from "vitest";
import { probeScale } from "./probe-steps.ts";

test("a probe trains what fits, and never more than two gibibytes", () => {
  expect(probeScale(2 ** 28, 2 ** 34)).toBe(1);
  expect(probeScale(2 ** 30, 2 ** 29)).toBe(0.5);
  expect(probeScale(2 ** 40, 2 ** 35)).toBe(2 ** -9);
});
