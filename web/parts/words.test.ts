import { expect, test } from "vitest";
import { bytes, duration, moment, percent, settingText, share, unit } from "./words.ts";

test("cosines have no zero before the point", () => {
  expect([0.934, -0.05, 1, 0, -0.001, null, Number.NaN].map(unit)).toEqual([
    ".93",
    "−.05",
    "1.00",
    ".00",
    ".00",
    "–",
    "–",
  ]);
});

test("shares have as many digits as a column can align", () => {
  const shown = [0.5, 0.0123, 0.00123, 0.000004, 0, 1, null].map((v) => share(v));
  expect(shown.map((text) => text.replace("\u202f", " "))).toEqual([
    "50 %",
    "1.23 %",
    "0.123 %",
    "0.0004 %",
    "0 %",
    "100 %",
    "–",
  ]);
});

test("a percentage under one is not zero", () => {
  expect([0, 0.001, 0.216, 1].map((v) => percent(v).replaceAll("\u202f", " "))).toEqual([
    "0 %",
    "< 1 %",
    "22 %",
    "100 %",
  ]);
});

test("times, sizes, moments and settings", () => {
  const plain = (text: string) => text.replaceAll("\u202f", " ");
  expect([0.2, 48, 200, 7500, 7200].map((s) => plain(duration(s)))).toEqual([
    "0 s",
    "48 s",
    "3 min",
    "2 h 5 min",
    "2 h",
  ]);
  expect([12, 640 * 1024, 1.5 * 2 ** 30].map((b) => plain(bytes(b)))).toEqual([
    "12 B",
    "640 KiB",
    "1.5 GiB",
  ]);
  expect([moment(null), moment("nonsense")]).toEqual(["–", "–"]);
  expect(moment("2026-11-30T12:00:00Z")).toMatch(/^\d\d? (Nov|Dec) 2026, \d\d:\d\d$/);
  expect([0.001, "topk", null, [1, 2], true].map(settingText)).toEqual([
    "0.001",
    "topk",
    "–",
    "[1,2]",
    "true",
  ]);
});
