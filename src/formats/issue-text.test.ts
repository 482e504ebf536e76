import { expect, test } from "vitest";
import { z } from "zod";
import { issueText, receivedText } from "./issue-text.ts";

/** What is said of a value that a schema refuses. */
function said(schema: z.ZodType, value: unknown): string {
  return z.safeParse(schema, value, { error: issueText }).error!.issues[0]!.message;
}

test.each([
  [z.number(), "3", 'expected a number, but received "3"'],
  [z.number(), undefined, "expected a number, but it is missing"],
  [z.int(), 0.5, "expected a whole number, but received 0.5"],
  [z.string(), null, "expected text, but received null"],
  [z.boolean(), 1, "expected true or false, but received 1"],
  [z.array(z.number()), {}, "expected a list, but received {}"],
  [z.object({}), [], "expected a mapping of keys to values, but received []"],
  [z.literal("zip"), "tar", 'expected "zip", but received "tar"'],
  [z.enum(["relu", "topk"]), "tok", 'expected one of relu, topk, but received "tok"'],
  [z.number().min(1), 0, "expected a number of at least 1, but received 0"],
  [z.number().positive(), 0, "expected a number above 0, but received 0"],
  [z.number().lt(1), 1, "expected a number below 1, but received 1"],
  [z.number().max(9), 10, "expected a number of at most 9, but received 10"],
  [z.array(z.any()).min(2), [1], "expected a list of at least 2 values, but received [1]"],
  [z.string().max(3), "abcd", 'expected text of at most 3 characters, but received "abcd"'],
  [z.number().multipleOf(4), 6, "expected a multiple of 4, but received 6"],
])("%#: zod's findings are in the words of who writes YAML", (schema, value, words) => {
  expect(said(schema, value)).toBe(words);
});

test("a long value is shown by its beginning", () => {
  const text = receivedText("x".repeat(500));
  expect(text).toBe(`, but received "${"x".repeat(59)}…`);
  expect(receivedText(`${"x".repeat(58)}😀`)).toBe(`, but received "${"x".repeat(58)}…`);
  expect(receivedText("x".repeat(58))).toBe(`, but received "${"x".repeat(58)}"`);
});

test("what Concord has no words for is left to zod", () => {
  expect(said(z.string().regex(/^a/), "b")).toContain("Invalid string");
});
