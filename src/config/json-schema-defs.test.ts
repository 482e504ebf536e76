import { expect, test } from "vitest";
import { withDefs } from "./json-schema-defs.ts";

const size = {
  type: "object",
  properties: { width: { type: "integer", minimum: 1, maximum: 4096 } },
};

test("a shape that stands twice stands once, under the name of its first key", () => {
  const schema = {
    type: "object",
    properties: {
      window: { description: "of a window", ...size },
      page: { description: "of a page", default: {}, ...size },
      seed: { type: "integer" },
      start: { type: "integer" },
    },
  };
  expect(withDefs(schema)).toEqual({
    type: "object",
    properties: {
      window: { description: "of a window", $ref: "#/$defs/window" },
      page: { description: "of a page", default: {}, $ref: "#/$defs/window" },
      seed: { type: "integer" },
      start: { type: "integer" },
    },
    $defs: { window: size },
  });
});

test("numbers and lists of them are named by what they are, other shapes of one key are counted", () => {
  const number = { type: "number", exclusiveMinimum: 0, maximum: 1 };
  const grid = { anyOf: [number, { type: "array", minItems: 1, items: number }] };
  const named = {
    type: "object",
    properties: { a: { enum: ["one", "two", "three", "four", "five"] } },
  };
  const other = { ...named, required: ["a"] };
  const { $defs } = withDefs({
    properties: {
      decay: grid,
      momentum: grid,
      part: named,
      inner: { properties: { part: other, first: named } },
      outer: { properties: { part: other } },
    },
  });
  expect(Object.keys($defs!)).toEqual(["number_above_0_to_1_or_list", "part", "part_2"]);
});
