import { describe, expect, test } from "vitest";
import { encodeTal, formatSeconds, parseTals } from "./tal.ts";

const bytes = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

describe("parseTals", () => {
  test("reads the example of the specification: time-keeping, then a text with a duration", () => {
    const { tals, problems } = parseTals(
      bytes("+567\x14\x14\0+569\x1525.5\x14Sleep apnea\x14Snoring\x14\0\0\0\0"),
    );
    expect(problems).toEqual([]);
    expect(tals).toEqual([
      { onset: 567, duration: undefined, texts: [], timekeeping: true },
      { onset: 569, duration: 25.5, texts: ["Sleep apnea", "Snoring"], timekeeping: false },
    ]);
  });

  test("a text that looks like an onset stays a text, unless repair is asked for", () => {
    const missing = bytes("+1.0\x14\x14+1.14\x14A1+A2 OFF\x14\0");
    expect(parseTals(missing).tals).toEqual([
      { onset: 1, duration: undefined, texts: ["+1.14", "A1+A2 OFF"], timekeeping: true },
    ]);
    expect(parseTals(missing, true).tals).toEqual([
      { onset: 1, duration: undefined, texts: [], timekeeping: true },
      { onset: 1.14, duration: undefined, texts: ["A1+A2 OFF"], timekeeping: false },
    ]);
    expect(parseTals(missing).problems[0]!.message).toMatch(/"\+1.14" looks like an onset/);
  });

  test.each([
    ["no sign", "1.5\x14x\x14\0"],
    ["no number", "+\x14x\x14\0"],
    ["an exponent", "+1e3\x14x\x14\0"],
    ["a negative duration", "+1\x15-2\x14x\x14\0"],
    ["two durations", "+1\x152\x153\x14x\x14\0"],
    ["an onset beyond float64", `+${"9".repeat(400)}\x14x\x14\0`],
  ])("an onset with %s is reported and the next list still read", (_, list) => {
    const { tals, problems } = parseTals(bytes(`${list}+7\x14next\x14\0`));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ at: 0, message: expect.stringMatching(/onset/) });
    expect(tals.map((t) => t.texts)).toEqual([["next"]]);
  });

  test("a list without its closing bytes is read and reported", () => {
    const { tals, problems } = parseTals(bytes("\0\0+3\x14cut"));
    expect(tals).toMatchObject([{ onset: 3, texts: ["cut"] }]);
    expect(problems.map((p) => p.at)).toEqual([2, 2]);
  });

  test("texts are UTF-8, and Latin-1 with a complaint when they are not", () => {
    const utf8 = new TextEncoder().encode("+1\x14Müde\x14\0");
    expect(parseTals(utf8).tals[0]!.texts).toEqual(["Müde"]);
    const latin1 = parseTals(bytes("+1\x14M\xfcde\x14\0"));
    expect(latin1.tals[0]!.texts).toEqual(["Müde"]);
    expect(latin1.problems[0]!.message).toMatch(/not UTF-8/);
  });

  test("nothing but padding is nothing", () => {
    expect(parseTals(new Uint8Array(40))).toEqual({ tals: [], problems: [] });
  });
});

test("seconds are written without exponent and without trailing zeros", () => {
  expect([0, -0, 1.5, 1e-7, 100, -2.25, 123456789.125].map(formatSeconds)).toEqual([
    "0",
    "0",
    "1.5",
    "0.0000001",
    "100",
    "-2.25",
    "123456789.125",
  ]);
});

test("what is encoded is parsed back", () => {
  const both = [encodeTal(-0.5, 2, ["a", "b"]), encodeTal(3, undefined, [""])];
  const { tals, problems } = parseTals(Uint8Array.from(both.flatMap((t) => [...t])));
  expect(problems).toEqual([]);
  expect(tals).toEqual([
    { onset: -0.5, duration: 2, texts: ["a", "b"], timekeeping: false },
    { onset: 3, duration: undefined, texts: [], timekeeping: true },
  ]);
});
