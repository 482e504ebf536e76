import { expect, test } from "vitest";
import { complex } from "./complex.ts";
import { zpkToSections } from "./zpk-to-sections.ts";

test("no roots at all are one section of the gain's sign", () => {
  expect([...zpkToSections({ zeros: [], poles: [], gain: 2.5 })]).toEqual([2.5, 0, 0, 1, 0, 0]);
});

test("an odd number of roots gets a root at the origin", () => {
  const sections = zpkToSections({ zeros: [complex(-1)], poles: [complex(0.5)], gain: 2 });
  expect([...sections].map((v) => v + 0)).toEqual([2, 2, 0, 1, -0.5, 0]);
});

test("the pair nearest the unit circle comes last, with the zeros nearest to it", () => {
  const near = [complex(0.6, 0.7), complex(0.6, -0.7)];
  const far = [complex(-0.2, 0.1), complex(-0.2, -0.1)];
  const zeros = [complex(-1), complex(-1), complex(0.6, 0.8), complex(0.6, -0.8)];
  const sections = zpkToSections({ zeros, poles: [...near, ...far], gain: 1 });
  // (z + 1)² over far, |z − 0.6 − 0.8i|² over near.
  const wanted = [1, 2, 1, 1, 0.4, 0.05, 1, -1.2, 1, 1, -1.2, 0.85];
  for (const [i, v] of wanted.entries()) expect(sections[i]).toBeCloseTo(v, 12);
});

test("a complex root without its conjugate is refused", () => {
  const poles = [complex(0.5, 0.5), complex(0.1)];
  expect(() => zpkToSections({ zeros: [], poles, gain: 1 })).toThrow(/conjugate pairs/);
});
