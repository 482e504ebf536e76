import { expect, test } from "vitest";
import { permutation, randomStream } from "../../base/philox.ts";
import { expectedMixing, measureMixing } from "./mixing.ts";
import { servedOrder, shufflePlan } from "./shuffle-plan.ts";

const N = 20_000;
const options = { rowsPerBlock: 100, batchRows: 500 };
const identity = Int32Array.from({ length: N }, (_, i) => i);

test("an order that is not shuffled is as bad as can be", () => {
  const mixing = measureMixing(identity, options);
  expect(mixing.positionCorrelation).toBeCloseTo(1, 12);
  expect(mixing.neighbourSpread).toBeCloseTo(3 / (N + 1), 12);
  // A batch of 500 holds 5 whole blocks of 100: 5 · 100 · 99 of 500 · 499 pairs.
  expect(mixing.sameBlockShare).toBeCloseTo((5 * 100 * 99) / (500 * 499), 12);
});

test("a reversed order correlates at −1", () => {
  expect(measureMixing(identity.toReversed(), options).positionCorrelation).toBeCloseTo(-1, 12);
});

test("a uniform permutation is ideal to within its own scatter", () => {
  const mixing = measureMixing(permutation(randomStream(3, "test"), N), options);
  expect(Math.abs(mixing.positionCorrelation)).toBeLessThan(4 / Math.sqrt(N));
  expect(mixing.neighbourSpread).toBeGreaterThan(0.98);
  expect(mixing.neighbourSpread).toBeLessThan(1.02);
  expect(mixing.idealSameBlockShare).toBeCloseTo((100 - 1) / (N - 1), 12);
  expect(mixing.sameBlockShare / mixing.idealSameBlockShare).toBeCloseTo(1, 1);
});

test.each([2, 10, 40, 200])(
  "with %d of 200 blocks in memory, what is measured is what is expected",
  (n) => {
    const plan = shufflePlan(N, 100, n, 5);
    const wanted = expectedMixing(plan);
    const passes = Array.from({ length: 8 }, (_, pass) =>
      measureMixing(servedOrder(plan, pass), { rowsPerBlock: 100, batchRows: 100 }),
    );
    const mean = (key: keyof typeof wanted): number =>
      passes.reduce((sum, mixing) => sum + mixing[key], 0) / passes.length;
    expect(Math.abs(mean("positionCorrelation"))).toBeLessThan(4 / Math.sqrt(8 * 200));
    expect(mean("sameBlockShare") / wanted.sameBlockShare).toBeCloseTo(1, 1);
    // The seams between blocks, 1 neighbour in 100, are a uniform permutation's: at most 0.01 more.
    expect(mean("neighbourSpread") - wanted.neighbourSpread).toBeGreaterThan(-0.005);
    expect(mean("neighbourSpread") - wanted.neighbourSpread).toBeLessThan(0.015);
    expect(wanted.sameBlockShare).toBeCloseTo(1 / n, 2);
    expect(wanted.neighbourSpread).toBeCloseTo(n / 200, 2);
  },
);

test("batches that cannot be are refused", () => {
  for (const batchRows of [1, 0.5, N + 1])
    expect(() => measureMixing(identity, { rowsPerBlock: 10, batchRows })).toThrow(/for batchRows/);
});
