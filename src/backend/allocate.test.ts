import { describe, expect, test } from "vitest";
import { backendNames, openNamed } from "../../test/support/backends.ts";

describe.each(backendNames)("on %s", (name) => {
  test("more numbers than there is memory for are refused with what to do", () => {
    const backend = openNamed(name);
    for (const kind of ["float32", "int32"] as const)
      expect(() => backend[kind](2 ** 50)).toThrow(
        expect.objectContaining({
          code: "backend/failed",
          message: "There is no memory for an array of 4190000 GiB.",
          hint: expect.stringContaining("concord plan"),
        }),
      );
  });
});

test.runIf(backendNames.length > 1)("a shape that the core refuses is an error on purpose", () => {
  const shape = { dIn: 32, dSae: 1e12, k: 4 };
  expect(() => openNamed(backendNames.at(-1)!).encoderPacking(shape)).toThrow(
    expect.objectContaining({ name: "ConcordError", code: "shape/mismatch" }),
  );
});
