import { describe, expect, test } from "vitest";
import { columnDecimals, count, fixed, powerOfTen, significant } from "./number-text.ts";
import { coordinate, element, escapeText } from "./svg.ts";
import { shortened, textWidth } from "./text-width.ts";
import { sampledPositions, thinnedCurve } from "./thinning.ts";

describe("numbers as text", () => {
  test.each([
    [0.061384, 4, "0.06138"],
    [186416.355, 4, "186\u202f416"],
    [-0.00931, 2, "−0.0093"],
    [1.2e-7, 3, "1.2×10⁻⁷"],
    [10, 3, "10"],
    [0.1 + 0.2, 4, "0.3"],
    [Number.NaN, 4, "–"],
    [Number.NEGATIVE_INFINITY, 4, "−∞"],
  ])("%d with %d significant digits", (value, digits, text) => {
    expect(significant(value, digits)).toBe(text);
  });

  test("columns share their decimals: those of their smallest value, unless it is a stray", () => {
    expect(columnDecimals([0.0614, 0.502])).toBe(4);
    expect(columnDecimals([0.000012, 0.5, 3])).toBe(4);
    expect(columnDecimals([12800, 25600])).toBe(0);
    expect(columnDecimals([0, Number.NaN, undefined])).toBe(0);
    expect([fixed(0.8884, 3), fixed(-0.0001, 3), fixed(undefined, 3)]).toEqual([
      "0.888",
      "0.000",
      "–",
    ]);
    expect([count(24576), count(1024)]).toEqual(["24\u202f576", "1024"]);
    expect([powerOfTen(-12), powerOfTen(0), powerOfTen(3)]).toEqual(["10⁻¹²", "1", "10³"]);
  });
});

describe("text", () => {
  test("is escaped, and what XML forbids becomes �", () => {
    expect(escapeText(`<a href="x">'&'</a>`)).toBe(
      "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;",
    );
    expect(escapeText("a\u0000b\u202ec\ud800d😀")).toBe("a\ufffdb\ufffdc\ufffdd😀");
    expect(element("g", { class: '"><script>' })).toBe('<g class="&quot;&gt;&lt;script&gt;"></g>');
  });

  test("that is too long loses its middle, and lines become one", () => {
    const name = "population.architecture=topk.coupling.weight=0.3";
    const short = shortened(name, 120);
    expect(textWidth(short)).toBeLessThanOrEqual(120);
    expect(short).toMatch(/^pop.*….*0\.3$/);
    expect(shortened("member-0", 120)).toBe("member-0");
    expect(shortened("a\n \tb", 120)).toBe("a b");
  });
});

test("a coordinate that is not a number is a defect, not a pixel", () => {
  expect(coordinate(1 / 3)).toBe("0.33");
  expect(coordinate(-0.001)).toBe("0");
  expect(() => coordinate(Number.NaN)).toThrow("NaN is not a coordinate");
});

test("thinning keeps spikes, order and ends, and is the same every time", () => {
  const points = Array.from({ length: 5000 }, (_, x) => ({ x, y: x === 2345 ? 9 : Math.sin(x) }));
  const thin = thinnedCurve(points, 400);
  expect(thin.length).toBeLessThanOrEqual(400);
  expect(thin).toContainEqual({ x: 2345, y: 9 });
  expect([thin[0]!.x, thin.at(-1)!.x]).toEqual([0, 4999]);
  expect(thin.map((p) => p.x)).toEqual(thin.map((p) => p.x).toSorted((a, b) => a - b));
  const sample = sampledPositions(100_000, 500);
  expect(new Set(sample).size).toBe(500);
  expect(sampledPositions(100_000, 500)).toEqual(sample);
  expect(sampledPositions(3, 500)).toEqual(Int32Array.of(0, 1, 2));
});
