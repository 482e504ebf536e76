import { describe, expect, test } from "vitest";
import {
  integerAt,
  normalAt,
  permutation,
  philox,
  randomBlock,
  randomStream,
  uniformAt,
} from "./philox.ts";

type Words = [number, number, number, number];

// Known answers of the authors' library, Random123 1.14, tests/kat_vectors, philox4x32 with 10
// rounds.
test.each<[Words, [number, number], Words]>([
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
])("philox4x32-10 of %j", (counter, key, expected) => {
  expect(philox(counter, key)).toEqual(expected);
});

describe("a stream", () => {
  const stream = randomStream(7, "test");

  test("is decided by its seed, all 53 bits of it, and its name", () => {
    expect(randomStream(7, "test")).toEqual(stream);
    for (const other of [
      randomStream(8, "test"),
      randomStream(7 + 2 ** 32, "test"),
      randomStream(7, "tesu"),
      randomStream(7, ""),
    ])
      expect(other.key).not.toEqual(stream.key);
  });

  test("has blocks of its own beyond 2³²", () => {
    expect(randomBlock(stream, 2 ** 32 + 5)).not.toEqual(randomBlock(stream, 5));
  });

  test("gives uniform numbers in [0, 1) with their moments", () => {
    const n = 20_000;
    const u = Array.from({ length: n }, (_, i) => uniformAt(stream, i));
    expect(Math.min(...u)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...u)).toBeLessThan(1);
    const moment = (p: number) => u.reduce((sum, v) => sum + v ** p, 0) / n;
    expect(moment(1)).toBeCloseTo(1 / 2, 2);
    expect(moment(2)).toBeCloseTo(1 / 3, 2);
    for (const v of u.slice(0, 100)) expect(Math.fround(v)).toBe(v);
  });

  test("gives normal numbers with their moments, neighbours uncorrelated", () => {
    const n = 20_000;
    const z = Array.from({ length: n }, (_, i) => normalAt(stream, i));
    const mean = (f: (v: number, i: number) => number) =>
      z.reduce((sum, v, i) => sum + f(v, i), 0) / n;
    expect(Math.abs(mean((v) => v))).toBeLessThan(0.03);
    expect(mean((v) => v * v)).toBeCloseTo(1, 1);
    expect(mean((v) => v ** 4)).toBeGreaterThan(2.7);
    expect(mean((v) => v ** 4)).toBeLessThan(3.3);
    expect(Math.abs(mean((v, i) => v * (z[i + 1] ?? 0)))).toBeLessThan(0.03);
  });

  test("gives integers below their bound, each as often", () => {
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 7000; i++) counts[integerAt(stream, i, 7)]!++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  test("is a permutation, every one as likely", () => {
    expect([...permutation(stream, 50)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, i) => i),
    );
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = String(permutation(randomStream(i, "orders"), 3));
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
