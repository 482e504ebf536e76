import { describe, expect, test } from "vitest";
import { nativeIsas, reference } from "../../test/support/backends.ts";
import { countingBackend } from "./counting-backend.ts";
import { measureBackend } from "./measure-backend.ts";
import { typedPath } from "./native/package-root.ts";
import { openBackend } from "./open-backend.ts";

const hasNative = nativeIsas.length > 0;

describe("the backend", () => {
  test("is the reference where it is asked for, and that needs no reason", () => {
    const { backend, fallbackReason, notices, availableIsas } = openBackend({ kind: "reference" });
    expect([backend.name, backend.isa, fallbackReason]).toEqual([
      "reference",
      "typescript",
      undefined,
    ]);
    expect([notices, availableIsas]).toEqual([[], []]);
  });

  test.runIf(hasNative)("is the native core where there is one", () => {
    const { backend, fallbackReason, availableIsas } = openBackend({ threads: 1 });
    expect([backend.name, backend.threads, fallbackReason]).toEqual(["native", 1, undefined]);
    expect(availableIsas[0]).toBe(backend.isa);
  });

  test.runIf(hasNative)("is refused on an instruction set that this machine does not have", () => {
    expect(() => openBackend({ isa: "mmx", threads: 1 })).toThrow(
      `Expected an instruction set of this machine (${nativeIsas.join(", ")}) but received "mmx".`,
    );
  });

  test.runIf(hasNative)("starts no more threads than there is a use for, and says so", () => {
    const { backend, notices } = openBackend({ threads: 100_000 });
    expect(backend.threads).toBeLessThan(100_000);
    expect(notices[0]).toMatch(/^100000 threads are more than this machine has a use for: \d+ are/);
    expect(openBackend({ threads: 2 }).notices).not.toContainEqual(
      expect.stringContaining("threads"),
    );
  });
});

describe("a backend that counts", () => {
  test("adds allocations up and makes none", () => {
    const counter = countingBackend(reference);
    const array = counter.backend.float32(2 ** 40);
    counter.backend.int32(10);
    counter.backend.bytes(3);
    expect(counter.bytes).toBe(4 * 2 ** 40 + 40 + 3);
    expect(array).toBeInstanceOf(Float32Array);
    expect(array.length).toBe(2 ** 40);
  });

  test("has the packings of the real one, and packs nothing", async () => {
    const { backend } = countingBackend(reference);
    const shape = { dIn: 4, dSae: 8, k: 2 };
    expect(backend.encoderPacking(shape)).toEqual(reference.encoderPacking(shape));
    const W = backend.float32(32);
    await expect(
      backend.packEncoder({ ...shape, W, packed: backend.bytes(1) }),
    ).resolves.toBeUndefined();
  });
});

test("rates are operations and bytes over the shortest time", async () => {
  // Every kernel takes half a millisecond by this clock.
  let now = 0;
  const rates = await measureBackend(reference, () => now++ * 0.5);
  const { gemm, encode, read } = rates;
  expect(gemm.gflops).toBeCloseTo((2 * gemm.m * gemm.n * gemm.k) / 0.5 / 1e6, 6);
  expect(encode.tflops).toBeCloseTo((2 * encode.batch * encode.dIn * encode.dSae) / 0.5 / 1e9, 6);
  expect(read.gigabytesPerSecond).toBeCloseTo(read.bytes / 0.5 / 1e6, 6);
});

test("a path is quoted where a shell would take it apart", () => {
  expect(typedPath("/home/a/concord")).toBe("/home/a/concord");
  expect(typedPath("C:\\a\\b")).toBe("C:\\a\\b");
  expect(typedPath("/home/my files/x")).toBe('"/home/my files/x"');
  expect(typedPath("/a&b")).toBe('"/a&b"');
});
