import { expect, test } from "vitest";
import { randomStream } from "../../../base/philox.ts";
import { activeContexts, drawContexts } from "./draw-contexts.ts";
import { cutIntoFragments } from "./fragments.ts";

/** 100 fragments of four rows; training saw the first 40. */
const fragments = cutIntoFragments({ groups: new Int32Array(400), heldOutFrom: 160 }, 4);
const stream = randomStream(3, "contexts");

/** A latent that is active in the first row of the first `n` held-out fragments, more each time. */
const latent = (n: number) => {
  return {
    rows: Int32Array.from({ length: n }, (_, i) => 160 + 4 * i),
    values: Float32Array.from({ length: n }, (_, i) => 1 + i),
  };
};

test("the strongest row of each held-out fragment is its peak", () => {
  const rows = Int32Array.from([2, 160, 161, 163, 399]);
  const values = Float32Array.from([9, 1, 3, 2, 5]);
  expect(activeContexts({ rows, values }, fragments)).toEqual([
    { fragment: 40, peak: 161, value: 3 },
    { fragment: 99, peak: 399, value: 5 },
  ]);
});

test("five strongest, five others, and ten fragments in which it is not active", () => {
  const drawn = drawContexts(activeContexts(latent(30), fragments), fragments, stream);
  if (typeof drawn === "string") throw new Error(drawn);
  const { active, inactive } = drawn;
  expect(active.slice(0, 5).map(({ value }) => value)).toEqual([30, 29, 28, 27, 26]);
  expect(new Set(active.map((one) => one.fragment)).size).toBe(10);
  for (const { value } of active.slice(5)) expect(value).toBeLessThan(26);
  expect(new Set(inactive.map((one) => one.fragment)).size).toBe(10);
  for (const { fragment, peak } of inactive) {
    expect(fragment).toBeGreaterThanOrEqual(40 + 30);
    expect(fragments.ofRow[peak]).toBe(fragment);
  }
  const again = drawContexts(activeContexts(latent(30), fragments), fragments, stream);
  expect(again).toEqual(drawn);
});

test.each([
  [0, "dead"],
  [9, "rare"],
  [55, "dense"],
])("a latent active in %i of 60 fragments is %s", (n, reason) => {
  expect(drawContexts(activeContexts(latent(n), fragments), fragments, stream)).toBe(reason);
});
