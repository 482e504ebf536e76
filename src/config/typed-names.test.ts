import { expect, test } from "vitest";
import { withTypedNames } from "./typed-names.ts";

const flags = new Map([["dIn", "--d-in"]]);

test.each([
  [
    "Expected a positive integer for heldOutRows.",
    "Expected a positive integer for held_out_rows.",
  ],
  ["it needs dtype and dIn.", "it needs dtype and --d-in."],
  ["source.bufferBytes is too small", "source.buffer_bytes is too small"],
  ["Expected source.heldOutRows, of 5", "Expected source.held_out_rows, of 5"],
  ["contextLength is 7", "context is 7"],
  // Not options, or not named as such.
  ["/data/heldOutRows.npy is missing", "/data/heldOutRows.npy is missing"],
  ['the tensor "heldOutRows"', 'the tensor "heldOutRows"'],
  ["call readDigital() of 5 mV at 3 kHz", "call readDigital() of 5 mV at 3 kHz"],
])("%s", (text, typed) => {
  expect(withTypedNames(text, flags)).toBe(typed);
});
