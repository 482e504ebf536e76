/** @file What zod found wrong with a value, in the words of a person who writes YAML or JSON. */

import type { z } from "zod";
import { cutTo } from "./show-name.ts";

const KINDS: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "text",
  boolean: "true or false",
  array: "a list",
  object: "a mapping of keys to values",
  record: "a mapping of keys to values",
  null: "null",
};

const shown = (value: unknown) => JSON.stringify(value) ?? "nothing";

/** `from 1 up`, `above 0`: a limit, in words. */
function limit(side: "least" | "most", value: unknown, inclusive: boolean | undefined): string {
  if (inclusive === false) return side === "least" ? `above ${value}` : `below ${value}`;
  return side === "least" ? `of at least ${value}` : `of at most ${value}`;
}

function sized(origin: string, text: string): string {
  if (origin === "array") return `a list ${text.replace(/\d+/, (n) => `${n} values`)}`;
  if (origin === "string") return `text ${text.replace(/\d+/, (n) => `${n} characters`)}`;
  return `a number ${text}`;
}

/** What was expected, in words; undefined where only zod's own words say it. */
export function expectation(issue: z.core.$ZodRawIssue | z.core.$ZodIssue): string | undefined {
  const one = issue as z.core.$ZodIssue;
  switch (one.code) {
    case "invalid_type":
      return KINDS[one.expected] ?? one.expected;
    case "invalid_value":
      return one.values.length === 1
        ? shown(one.values[0])
        : `one of ${one.values.map(String).join(", ")}`;
    case "too_small":
      return sized(one.origin, limit("least", one.minimum, one.inclusive));
    case "too_big":
      return sized(one.origin, limit("most", one.maximum, one.inclusive));
    case "not_multiple_of":
      return `a multiple of ${one.divisor}`;
    default:
      return undefined;
  }
}

/** `, but received 0.5`: the value, shortened; `, but it is missing` without a value. */
export function receivedText(value: unknown): string {
  if (value === undefined) return ", but it is missing";
  const text = shown(value);
  return `, but received ${text.length > 60 ? `${cutTo(text, 60)}…` : text}`;
}

/** The message of an issue, for zod's `error` option. */
export function issueText(issue: z.core.$ZodRawIssue): string | undefined {
  const expected = expectation(issue);
  return expected === undefined ? undefined : `expected ${expected}${receivedText(issue.input)}`;
}
