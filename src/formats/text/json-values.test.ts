import { describe, expect, test } from "vitest";
import { firstJsonValue, type JsonValue, jsonValues } from "./json-values.ts";

async function values(...pieces: string[]): Promise<JsonValue[]> {
  async function* given() {
    yield* pieces;
  }
  const found: JsonValue[] = [];
  for await (const value of jsonValues(given(), "x.json")) found.push(value);
  return found;
}

test("each value has its number and the line that it begins in", async () => {
  expect(await values('[\n  "a",\n  {"b":\n 1}\n, 2]')).toEqual([
    { value: "a", number: 1, line: 2 },
    { value: { b: 1 }, number: 2, line: 3 },
    { value: 2, number: 3, line: 5 },
  ]);
});

test("nothing, and an empty list, have no values", async () => {
  for (const text of ["", " \n", "[]", " [ ] \n", "\ufeff[]"])
    expect(await values(text)).toEqual([]);
});

test("numbers and words that stand alone end at white space, or at the end", async () => {
  expect((await values("1 2\ntrue")).map((v) => v.value)).toEqual([1, 2, true]);
});

describe("text is refused by the line it goes wrong in", () => {
  test.each([
    ["a list that is not ended", '["a",\n"b"', "x.json:2: it ends in the middle"],
    ["an object that is not ended", '{"a":\n\n1', "x.json:3: it ends in the middle"],
    ["a string that is not ended", '"abc', "x.json:1: it ends in the middle"],
    ["something after the list", '["a"]\n"b"', "x.json:2: something follows the end of the list."],
    ["a bracket that closes nothing", '{"a": 1}\n}', 'x.json:2: "}" closes nothing.'],
    ["words that are not JSON", "hello\n", "x.json:1: it is not JSON here."],
    ["a bad value in the middle", "[1,\nfalsch,\n3]", "x.json:2: it is not JSON here."],
    ["brackets that do not match", '{"a": [1}]', "x.json:1: it is not JSON here."],
  ])("%s", async (_, text, message) => {
    await expect(values(text)).rejects.toThrow(message);
  });
});

test("brackets within strings, and escaped quotes, do not count", async () => {
  const text = JSON.stringify(['a "]" b', "\\", "{"]);
  expect((await values(...text)).map((v) => v.value)).toEqual(['a "]" b', "\\", "{"]);
});

describe("the first value of a text that may go on", () => {
  test.each([
    ['{"a": 1}\n{"b"', { a: 1 }],
    ['["x", "y', "x"],
    ["12 ", 12],
    ["12", 12],
  ])("of %j is there", (text, value) => {
    expect(firstJsonValue(text)).toEqual(value);
  });

  test.each(["", "{", '{"a": ', "Dear reader, [see below]", "]"])("of %j is not", (text) => {
    expect(firstJsonValue(text)).toBeUndefined();
  });
});
