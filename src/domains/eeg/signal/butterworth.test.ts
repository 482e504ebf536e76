import { describe, expect, test } from "vitest";
import { butterworth, type Passband } from "./butterworth.ts";
import { add, complex, divide, magnitude, scale } from "./complex.ts";
import type { Sections } from "./sections.ts";

/** |H(e^(2πi f / rate))|, from the definition of sections. */
function gainAt(sections: Sections, frequency: number, rate: number): number {
  const power = (n: number) => {
    const angle = (-2 * Math.PI * frequency * n) / rate;
    return complex(Math.cos(angle), Math.sin(angle));
  };
  let gain = 1;
  for (let s = 0; s < sections.length; s += 6) {
    const [b0, b1, b2, a0, a1, a2] = Array.from(sections.subarray(s, s + 6)) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const polynomial = (c0: number, c1: number, c2: number) =>
      add(complex(c0), add(scale(power(1), c1), scale(power(2), c2)));
    gain *= magnitude(divide(polynomial(b0, b1, b2), polynomial(a0, a1, a2)));
  }
  return gain;
}

/** Where a band-pass of 250 Hz has gain 1: the geometric mean of its edges after pre-warping. */
function middleOf(low: number, high: number): number {
  const warp = (f: number) => Math.tan((Math.PI * f) / 250);
  return (Math.atan(Math.sqrt(warp(low) * warp(high))) * 250) / Math.PI;
}

describe("the gain is 1 in the middle of the passband, 1/√2 at its edges and 0 at the far ends", () => {
  const cases: [Passband, number[], number[], number[]][] = [
    [{ kind: "lowPass", cutoff: 30 }, [0], [30], [125]],
    [{ kind: "highPass", cutoff: 30 }, [125], [30], [0]],
    [{ kind: "bandPass", low: 8, high: 13 }, [middleOf(8, 13)], [8, 13], [0, 125]],
    [{ kind: "bandStop", low: 48, high: 52 }, [0, 125], [48, 52], []],
  ];
  test.each(cases)("%j", (band, passes, edges, stops) => {
    for (const order of [1, 2, 3, 5, 8]) {
      const sections = butterworth(order, band, 250);
      for (const f of passes) expect(gainAt(sections, f, 250)).toBeCloseTo(1, 5);
      for (const f of edges) expect(gainAt(sections, f, 250)).toBeCloseTo(Math.SQRT1_2, 9);
      for (const f of stops) expect(gainAt(sections, f, 250)).toBeLessThan(1e-9);
    }
  });
});

test("a higher order falls faster", () => {
  const at = (order: number) =>
    gainAt(butterworth(order, { kind: "lowPass", cutoff: 10 }, 250), 20, 250);
  // Far below the Nyquist frequency, 1 / √(1 + (20 / 10)^2n) nearly.
  for (const order of [1, 2, 4]) expect(at(order)).toBeCloseTo(1 / Math.sqrt(1 + 4 ** order), 1);
  expect(at(2)).toBeLessThan(at(1));
  expect(at(4)).toBeLessThan(at(2));
});

test.each<[string, number, Passband, number, RegExp]>([
  ["order 0", 0, { kind: "lowPass", cutoff: 1 }, 10, /order/],
  ["half an order", 1.5, { kind: "lowPass", cutoff: 1 }, 10, /order/],
  ["a rate of 0", 2, { kind: "lowPass", cutoff: 1 }, 0, /rate/],
  ["the Nyquist frequency", 2, { kind: "lowPass", cutoff: 5 }, 10, /half the rate \(5\)/],
  ["0 Hz", 2, { kind: "highPass", cutoff: 0 }, 10, /cutoff/],
  ["NaN", 2, { kind: "highPass", cutoff: Number.NaN }, 10, /cutoff/],
  ["crossed edges", 2, { kind: "bandPass", low: 3, high: 2 }, 10, /below high/],
  ["a band above half the rate", 2, { kind: "bandPass", low: 0.5, high: 45 }, 64, /high/],
])("%s is refused", (_, order, band, rate, message) => {
  expect(() => butterworth(order, band, rate)).toThrow(message);
  expect(() => butterworth(order, band, rate)).toThrow(
    expect.objectContaining({ code: "argument/invalid" }),
  );
});
