import { describe, expect, test } from "vitest";
import { hookMeaning } from "./hook-meanings.ts";
import { ModelConfig } from "./model-config.ts";

const config = (fields: Readonly<Record<string, unknown>>) =>
  new ModelConfig(fields, "config.json");

describe("a field of config.json", () => {
  test("is read by its kind, and null counts as absent", () => {
    const all = config({ n: 12, x: 0.5, b: false, s: "gelu", none: null });
    expect([all.size("n"), all.number("x"), all.boolean("b", true), all.string("s")]).toEqual([
      12,
      0.5,
      false,
      "gelu",
    ]);
    expect([all.size("none", 7), all.boolean("none", true), all.string("gone", "x")]).toEqual([
      7,
      true,
      "x",
    ]);
    expect(all.raw("none")).toBeUndefined();
  });

  test.each<[string, (c: ModelConfig) => unknown, string]>([
    ["size 0", (c) => c.size("zero"), 'expected a positive integer for "zero" but found 0'],
    ["size of half", (c) => c.size("half"), "but found 0.5"],
    ["size as text", (c) => c.size("text"), 'but found "12"'],
    ["a number as text", (c) => c.number("text"), 'expected a number for "text"'],
    ["a boolean as a number", (c) => c.boolean("zero", true), "expected true or false"],
    ["text as a number", (c) => c.string("zero"), 'expected text for "zero"'],
    ["nothing", (c) => c.size("gone"), '"gone" is missing; expected a positive integer'],
  ])("is refused: %s", (_, read, message) => {
    const fields = config({ zero: 0, half: 0.5, text: "12" });
    expect(() => read(fields)).toThrow(message);
    expect(() => read(fields)).toThrow("config.json");
  });

  test("that changes the arithmetic is refused unless it has the value that is implemented", () => {
    const all = config({ scale: true, bias: null });
    expect(() => all.only("scale", true)).not.toThrow();
    expect(() => all.only("bias", false)).not.toThrow();
    expect(() => all.only("gone", 1)).not.toThrow();
    expect(() => all.only("scale", false)).toThrow(
      'config.json: "scale" is true, but only false is implemented.',
    );
    expect(() => all.only("scale", false)).toThrow(
      expect.objectContaining({ code: "model/unsupported" }),
    );
  });

  test("is shown by its beginning when it is long", () => {
    const { message } = config({ x: "y".repeat(500) }).unsupported("x", "no");
    expect(message.length).toBeLessThan(200);
  });
});

test("a hook's meaning is the same in every block, and none is made up", () => {
  expect(hookMeaning("blocks.11.hook_resid_pre")).toBe("residual stream entering the block");
  expect(hookMeaning("blocks.0.hook_resid_pre")).toBe(hookMeaning("blocks.7.hook_resid_pre"));
  expect(hookMeaning("hook_embed")).toBe("row of the token embedding; of Gemma, times √d_model");
  for (const name of ["blocks.x.hook_resid_pre", "constructor", "", "blocks.0."])
    expect(hookMeaning(name)).toBe("");
});
