import { describe, expect, test } from "vitest";
import {
  columnDecimals,
  count,
  fixed,
  percent,
  plural,
  powerOfTen,
  significant,
} from "./number-text.ts";

const THIN = "\u202f";

describe("a fixed number of decimals", () => {
  test.each([
    [1234, 0, "1234"],
    [12345, 0, `12${THIN}345`],
    [1234567.891, 2, `1${THIN}234${THIN}567.89`],
    [-12345.6, 1, `−12${THIN}345.6`],
    [0.5, 3, "0.500"],
    [-0.0004, 3, "0.000"],
    [-0, 1, "0.0"],
    [1e15, 0, `1×10¹⁵`],
    [Number.POSITIVE_INFINITY, 2, "∞"],
    [null, 2, "–"],
  ])("%d with %d is %s", (value, decimals, text) => {
    expect(fixed(value, decimals)).toBe(text);
  });
});

describe("significant digits", () => {
  test.each([
    [0, 3, "0"],
    [9.9999, 3, "10"],
    [0.00012345, 3, "0.000123"],
    [0.000099999, 3, "0.0001"],
    [0.0000999, 3, "9.99×10⁻⁵"],
    [-3e-300, 2, "−3×10⁻³⁰⁰"],
    [123456, 3, `123${THIN}456`],
    [1e14, 3, `100${THIN}000${THIN}000${THIN}000${THIN}000`],
    [1e15, 3, "1×10¹⁵"],
    [100, 1, "100"],
    [1.5, 1, "2"],
    [undefined, 3, "–"],
  ])("%d with %d is %s", (value, digits, text) => {
    expect(significant(value, digits)).toBe(text);
  });
});

test("an exponent is raised, with its sign, and rounded when it is not whole", () => {
  expect([-103, -1, 2.4, 2.6].map(powerOfTen)).toEqual(["10⁻¹⁰³", "10⁻¹", "10²", "10³"]);
});

test("a column has at most as many decimals as it is allowed, and none for large numbers", () => {
  expect(columnDecimals([1e-12, 2e-12])).toBe(6);
  expect(columnDecimals([1e-12], 3, 9)).toBe(9);
  expect(columnDecimals([-0.05, 0.2], 2)).toBe(3);
  expect(columnDecimals([123.456])).toBe(0);
  expect(columnDecimals([null, Number.POSITIVE_INFINITY])).toBe(0);
});

test("percentages, whole numbers and what is counted", () => {
  expect([percent(0.12345), percent(0), percent(1)]).toEqual([
    `12.3${THIN}%`,
    `0${THIN}%`,
    `100${THIN}%`,
  ]);
  expect(count(1e6)).toBe(`1${THIN}000${THIN}000`);
  expect([plural(0, "member"), plural(1, "member"), plural(12_000, "member")]).toEqual([
    "0 members",
    "1 member",
    `12${THIN}000 members`,
  ]);
  expect([plural(1, "axis", "axes"), plural(2, "axis", "axes")]).toEqual(["1 axis", "2 axes"]);
});
