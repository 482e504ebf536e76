import { expect, test } from "vitest";
import { parseCsv } from "./csv-rows.ts";

test("fields with quotes, commas and line breaks come back as they are", () => {
  const text = '\ufeffa, b\r\n"x, ""y""\nz",2\r\n\r\n3,\n';
  expect(parseCsv(text, "t.csv")).toEqual({
    heading: ["a", "b"],
    rows: [
      ['x, "y"\nz', "2"],
      ["3", ""],
    ],
  });
  expect(parseCsv("", "t.csv")).toEqual({ heading: [], rows: [] });
});

test.each([
  ["a,b\n1", "t.csv: row 1 has 1 fields, but the heading has 2."],
  ['a\n"1', "t.csv: a quote is not closed after row 1."],
])("%j is refused", (text, message) => {
  expect(() => parseCsv(text, "t.csv")).toThrow(message);
});
