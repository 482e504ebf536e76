import { expect, test } from "vitest";
import { permutation, randomStream } from "./philox.ts";
import { shuffleInPlace } from "./shuffle-in-place.ts";

test.each([0, 1, 2, 3, 4, 5, 100, 1001])(
  "the identity of %d becomes the stream's permutation",
  (n) => {
    const stream = randomStream(7, "test");
    const order = Int32Array.from({ length: n }, (_, i) => i);
    shuffleInPlace(order, n, stream);
    expect(order).toEqual(permutation(stream, n));
  },
);

test("elements beyond n stay where they are", () => {
  const order = Int32Array.from({ length: 10 }, (_, i) => 10 * i);
  shuffleInPlace(order, 6, randomStream(7, "test"));
  expect([...order.subarray(6)]).toEqual([60, 70, 80, 90]);
  expect([...order.subarray(0, 6)].sort((a, b) => a - b)).toEqual([0, 10, 20, 30, 40, 50]);
});
