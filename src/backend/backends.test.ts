import { describe, expect, test } from "vitest";
import { backendNames, openNamed } from "../../test/support/backends.ts";
import { type Addon, loadAddon } from "./native/load-addon.ts";
import { nativeBackend } from "./native/native-backend.ts";

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

test.runIf(backendNames.length > 1)("an addon of older sources is one to build again", () => {
  const { addon } = loadAddon();
  const older = { ...addon!, encodeTopK: undefined } as unknown as Addon;
  expect(() => nativeBackend(older, { threads: 1 })).toThrow(
    expect.objectContaining({
      code: "backend/unavailable",
      hint: expect.stringMatching(/^Build it again: npm --prefix \S+ run build:native$/),
    }),
  );
});

test.runIf(backendNames.length > 1)("a shape that the core refuses is an error on purpose", () => {
  const shape = { dIn: 32, dSae: 1e12, k: 4 };
  expect(() => openNamed(backendNames.at(-1)!).encoderPacking(shape)).toThrow(
    expect.objectContaining({ name: "ConcordError", code: "shape/mismatch" }),
  );
});
