import { expect, test } from "vitest";
import { csvField } from "./csv-field.ts";

test.each([
  ["plain", "plain"],
  ["", ""],
  ["a b;c", "a b;c"],
  ["a,b", '"a,b"'],
  ['say "x"', '"say ""x"""'],
  ["two\nlines", '"two\nlines"'],
  ["two\rlines", '"two\rlines"'],
])("%j is written as %j", (text, field) => {
  expect(csvField(text)).toBe(field);
});
