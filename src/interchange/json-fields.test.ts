import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { booleanField, countField, readJsonObject, shown, unsupported } from "./json-fields.ts";

const MOST = Number.MAX_SAFE_INTEGER;

describe("a count", () => {
  test.each([1, 7, 10])("of %d is taken from 1 to 10", (value) => {
    expect(countField("f", "k", value, 10)).toBe(value);
  });

  test.each([
    [0, "0"],
    [11, "11"],
    [-1, "-1"],
    [2.5, "2.5"],
    ["3", '"3"'],
    [true, "true"],
    [null, "null"],
    [undefined, "nothing"],
    [[3], "[3]"],
    [{ k: 3 }, '{"k":3}'],
    [Number.NaN, "null"],
  ])("of %j is refused with what was found", (value, found) => {
    expect(() => countField("cfg.json", "k", value, 10)).toThrow(
      `cfg.json: expected 1 to 10 for k but found ${found}.`,
    );
  });

  test("without a bound is a positive integer, in those words", () => {
    expect(countField("f", "d_in", 2 ** 40, MOST)).toBe(2 ** 40);
    expect(() => countField("f", "d_in", 2 ** 54, MOST)).toThrow(
      "f: expected a positive integer for d_in",
    );
  });
});

describe("a truth value", () => {
  test.each([
    [{ x: true }, true],
    [{ x: false }, false],
    [{ x: null }, "missing"],
    [{}, "missing"],
  ])("of %j is %s", (json, wanted) => {
    expect(booleanField("f", json, "x", "missing")).toBe(wanted);
  });

  test.each([0, 1, "true", "", [], {}])("is refused when it is %j", (x) => {
    expect(() => booleanField("f", { x }, "x", undefined)).toThrow(
      `f: expected true or false for x but found ${JSON.stringify(x)}.`,
    );
  });
});

test("a value of another meaning is named with what is supported and what to do", () => {
  const error = unsupported("f", "mode", { a: 1 }, "x and y are", "Save it again.");
  expect(error.message).toBe('f: mode {"a":1} is not supported (x and y are).');
  expect(error.hint).toBe("Save it again.");
  expect(unsupported("f", "mode", undefined, "x is").message).toContain("mode nothing is not");
  expect(unsupported("f", "mode", 1, "x is").hint).toBeUndefined();
});

test("a long value is cut short and stays on one line", () => {
  const text = shown("a\nb".repeat(1000));
  expect(text).not.toContain("\n");
  expect(text.length).toBeLessThan(500);
});

describe("a JSON file", () => {
  const holding = (text: string) => {
    const file = join(temporaryFolder(), "cfg.json");
    writeFileSync(file, text);
    return file;
  };

  test("with an object is read, also with a key that objects inherit", async () => {
    expect(await readJsonObject(holding('{"toString": 1}'))).toEqual({ toString: 1 });
  });

  test.each(["[]", "null", "3", '"text"', "true"])("with %s is refused", async (text) => {
    await expect(readJsonObject(holding(text))).rejects.toMatchObject({
      code: "format/invalid",
      message: expect.stringContaining("cfg.json: expected a JSON object"),
      hint: expect.any(String),
    });
  });

  test.each(["", "{", "{'a': 1}", '{"a": NaN}', '{"a": 1,}', '{"a": 1}\n{}'])(
    "with %j is not JSON, and the message is one line",
    async (text) => {
      const error: Error = await readJsonObject(holding(text)).then(
        () => new Error("read"),
        (e: Error) => e,
      );
      expect(error.message).toMatch(/cfg\.json: not JSON: [^\n]+$/);
      expect(error.message).not.toContain("\n");
    },
  );

  test("that is missing is named", async () => {
    const file = join(temporaryFolder(), "cfg.json");
    await expect(readJsonObject(file)).rejects.toMatchObject({
      code: "file/missing",
      message: expect.stringContaining(file),
    });
  });
});
