import fc from "fast-check";
import { expect, test } from "vitest";
import { BINS, LatentTally } from "./latent-tally.ts";

const SMALLEST = 2 ** -149;
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** Any number of float32 that is finite and not 0, of every size. */
const activation = fc
  .float({ noNaN: true, noDefaultInfinity: true })
  .filter((value) => value !== 0);

const histogramOf = ({ histogram }: LatentTally, latent: number) =>
  Array.from(histogram.subarray(latent * BINS, (latent + 1) * BINS));

test("no count is lost when bins double, and each is in the bin of its size", () => {
  fc.assert(
    fc.property(fc.array(activation, { minLength: 1, maxLength: 60 }), (values) => {
      const tally = new LatentTally(2);
      for (const value of values) tally.add(1, value);
      const width = tally.binWidth[1]!;
      const expected = new Array<number>(BINS).fill(0);
      for (const value of values) expected[Math.floor(Math.abs(value) / width)]!++;
      expect(histogramOf(tally, 1)).toEqual(expected);
      expect(tally.active[1]).toBe(values.length);
      expect(tally.sum[1]).toBe(values.reduce((sum, value) => sum + value, 0));
      const sizes = values.map(Math.abs);
      const most = Math.max(...sizes);
      expect(tally.largest[1]).toBe(values[sizes.indexOf(most)]);
      // At least half of the bins are in use, but for sizes that float32 has few digits for.
      if (most >= 2 ** -116) expect(Math.floor(most / width)).toBeGreaterThanOrEqual(BINS / 2);
      expect([tally.active[0], tally.binWidth[0], ...histogramOf(tally, 0)]).toEqual(
        new Array<number>(BINS + 2).fill(0),
      );
    }),
  );
});

test("the smallest and the largest activation that float32 can hold are counted", () => {
  const tally = new LatentTally(1);
  for (const value of [SMALLEST, -LARGEST, SMALLEST]) tally.add(0, value);
  const histogram = histogramOf(tally, 0);
  expect(histogram[0]).toBe(2);
  expect(histogram.reduce((sum, count) => sum + count, 0)).toBe(3);
  expect(tally.largest[0]).toBe(-LARGEST);
});
