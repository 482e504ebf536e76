import { expect } from "vitest";

export interface Tolerance {
  /** Relative to the expected value. Default 0. */
  readonly rtol?: number;
  /** Absolute. Default 0. */
  readonly atol?: number;
}

/**
 * Fails with the worst element: its index, both values and the share of the tolerance it used.
 */
export function expectAllclose(
  received: ArrayLike<number>,
  expected: ArrayLike<number>,
  { rtol = 0, atol = 0 }: Tolerance,
  what = "array",
): void {
  expect(received.length, `${what}: length`).toBe(expected.length);
  let worst = -1;
  let share = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(received[i]! - expected[i]!);
    const allowed = atol + rtol * Math.abs(expected[i]!);
    const used = error === 0 ? 0 : error / allowed;
    if (!(used <= share)) {
      share = Number.isNaN(used) ? Number.POSITIVE_INFINITY : used;
      worst = i;
    }
  }
  if (share > 1)
    expect.fail(
      `${what}[${worst}] of ${expected.length} is ${received[worst]}, expected ${expected[worst]}: ${share.toPrecision(3)} of the tolerance`,
    );
}
