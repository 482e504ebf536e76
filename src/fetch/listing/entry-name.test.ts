import { expect, test } from "vitest";
import { entryName, nameProblem } from "./entry-name.ts";

test("a name is what its percent-encoding says", () => {
  expect(entryName("a%20b%26.edf")).toEqual({ name: "a b&.edf" });
  expect(entryName("%C3%A9t%C3%A9.edf")).toEqual({ name: "été.edf" });
});

test.each([
  ["", "not one of a file"],
  [".", "not one of a file"],
  ["..", "not one of a file"],
  ["a/b", "leads out"],
  ["a\\b", "leads out"],
  ["a\u0007", "control characters"],
  ["a\u202eb", "control characters"],
  ["a\u2028b", "control characters"],
  ["x".repeat(246), "too long"],
  ["é".repeat(123), "too long"],
  ["writer.lock", "use here"],
  ["concord-dataset.jsonl", "use here"],
  ["a.part", "use here"],
  ["a.part.json", "use here"],
  ["a.part.json.tmp-12-3", "use here"],
])("%j cannot be a file here", (name, problem) => {
  expect(nameProblem(name)).toContain(problem);
});

test.each([
  "...",
  ".hidden",
  "x".repeat(245),
  "a.partial",
  "part",
  "a.part.edf",
  "writer.lock.edf",
])("%j can", (name) => {
  expect(nameProblem(name)).toBeUndefined();
});

test("what is not UTF-8 is not a name", () => {
  expect(entryName("%ff")).toEqual({ problem: "the name is not UTF-8" });
  expect(entryName("%2e%2e")).toEqual({ problem: "the name is not one of a file" });
});
