import { describe, expect, test } from "vitest";
import {
  ConcordError,
  ConfigError,
  expected,
  FormatError,
  messageOf,
  ShapeError,
} from "./errors.ts";

describe("the sentence for a bad argument", () => {
  test.each([
    [0.5, "0.5 (number)"],
    ["topk", "topk (string)"],
    [null, "null (null)"],
    [undefined, "undefined (undefined)"],
    [[1, 2], "[1,2] (object)"],
    [{ k: 1 }, '{"k":1} (object)'],
    [Number.NaN, "NaN (number)"],
  ])("shows what came: %j", (received, shown) => {
    const error = expected("sae.k", "an integer from 1 to 16", received);
    expect(error.message).toBe(`Expected an integer from 1 to 16 for sae.k but received ${shown}.`);
    expect(error.code).toBe("argument/invalid");
  });

  test("shows 120 characters of a long one, so that the error stays a line", () => {
    const { message } = expected("x", "a number", "y".repeat(5000));
    expect(message).toContain(`received ${"y".repeat(120)} (string).`);
  });
});

test("each error has its code, and its cause and hint when there are some", () => {
  const cause = new Error("disk");
  const made = new ConcordError("file/io", "Could not write.", { cause, hint: "Free some space." });
  expect([made.code, made.hint, made.cause]).toEqual(["file/io", "Free some space.", cause]);
  expect(made.name).toBe("ConcordError");
  const bare = new ConcordError("file/io", "Could not write.");
  expect(bare.hint).toBeUndefined();
  expect("cause" in bare).toBe(false);
});

test("errors of one kind say where, what was expected and what came", () => {
  const shape = new ShapeError("encode", "[4, 8]", "[4, 7]");
  expect(shape.message).toBe("[encode] Expected [4, 8] but received [4, 7].");
  expect([shape.code, shape.name]).toEqual(["shape/mismatch", "ShapeError"]);
  const format = new FormatError("a.npy", "the header is cut off.");
  expect([format.message, format.code]).toEqual([
    "a.npy: the header is cut off.",
    "format/invalid",
  ]);
  expect(new ConfigError("No.").code).toBe("config/invalid");
  for (const error of [shape, format]) expect(error).toBeInstanceOf(ConcordError);
});

test("the message of anything thrown is its first line", () => {
  expect(messageOf(new Error("one\ntwo"))).toBe("one");
  expect(messageOf("text")).toBe("text");
  expect(messageOf(undefined)).toBe("undefined");
  expect(messageOf(new Error(""))).toBe("");
});
