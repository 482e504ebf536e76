import fc from "fast-check";
import { expect, test } from "vitest";
import { camelKeys, snakeCase, snakeKeys } from "./key-case.ts";

test("keys are renamed at any depth, in lists too", () => {
  const value = { heldOutRows: 1, inner: { aB: [{ logEvery: null }, 2, "cD"] } };
  const stored = { held_out_rows: 1, inner: { a_b: [{ log_every: null }, 2, "cD"] } };
  expect(snakeKeys(value)).toEqual(stored);
  expect(camelKeys(stored)).toEqual(value);
});

test("keys that are names stay as they are", () => {
  for (const key of ["Fp1", "member-0", "a.b", "W_dec", "x__y", "_x", "1_2", "FVU"]) {
    expect(snakeKeys({ [key]: 1 })).toEqual({ [key]: 1 });
    expect(camelKeys({ [key]: 1 })).toEqual({ [key]: 1 });
  }
});

test("what is not an object is itself", () => {
  for (const value of [null, undefined, 3, "heldOut", true]) {
    expect(snakeKeys(value)).toBe(value);
    expect(camelKeys(value)).toBe(value);
  }
  expect(snakeCase("dSae")).toBe("d_sae");
});

test("names of files come back from TypeScript's, and the other way round", () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
      const name = words.join("_");
      expect(snakeKeys(camelKeys({ [name]: 1 }))).toEqual({ [name]: 1 });
    }),
  );
});
