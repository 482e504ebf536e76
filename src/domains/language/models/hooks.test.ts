import { expect, test } from "vitest";
import { editDistance, findHook, type HookTable, nearestNames } from "./hooks.ts";

const table: HookTable = {
  points: new Map([
    ["blocks.0.hook_resid_pre", { tensor: "a", width: 4 }],
    ["blocks.0.hook_resid_post", { tensor: "b", width: 4 }],
    ["blocks.1.hook_resid_pre", { tensor: "b", width: 4 }],
  ]),
  aliases: new Map([["transformer.h.0", { tensor: "b", width: 4 }]]),
  absent: new Map([["blocks.0.hook_resid_mid", "it runs in parallel"]]),
};

test("edit distance counts insertions, deletions and substitutions", () => {
  expect(editDistance("kitten", "sitting")).toBe(3);
  expect(editDistance("", "abc")).toBe(3);
  expect(editDistance("same", "same")).toBe(0);
});

test("nearest names come nearest first and ties in name order", () => {
  expect(nearestNames("ab", ["zz", "ac", "aa", "ab"], 3)).toEqual(["ab", "aa", "ac"]);
});

test("canonical names, module names and bracketed module names find the same tensor", () => {
  for (const name of ["blocks.0.hook_resid_post", "transformer.h.0", "transformer.h[0]"])
    expect(findHook(table, name).tensor).toBe("b");
});

test("a misspelt hook names its neighbours", () => {
  expect(() => findHook(table, "blocks.0.resid_pre")).toThrow(
    /There is no hook "blocks.0.resid_pre"/,
  );
  try {
    findHook(table, "blocks.0.resid_pre");
  } catch (error) {
    expect(error).toMatchObject({ code: "hook/missing" });
    expect((error as { hint: string }).hint).toMatch(/^nearest names: blocks\.0\.hook_resid_pre,/);
  }
});

test("a hook that the architecture lacks says why", () => {
  expect(() => findHook(table, "blocks.0.hook_resid_mid")).toThrow(/it runs in parallel/);
});
