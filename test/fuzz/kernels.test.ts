/**
 * Wrong calls of the native core's kernels: each is answered or refused, and nothing outside its
 * arrays is written.
 */
import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import type { EncodeTopK } from "../../src/backend/backend.ts";
import { type Addon, loadAddon } from "../../src/backend/native/load-addon.ts";
import { openBackend } from "../../src/backend/open-backend.ts";
import { nativeIsas, openNative } from "../support/backends.ts";
import { fuzzKernels } from "./fuzz-kernels.ts";
import { kernelCalls } from "./kernel-calls.ts";

const { addon } = loadAddon() as { addon: Addon };

/** Calls `name` with its good arguments and `changes`. */
function call(name: string, changes: Record<string, unknown>): Promise<unknown> {
  const run = addon[name as keyof Addon] as (args: unknown) => Promise<unknown>;
  return Promise.resolve().then(() => run({ ...kernelCalls(addon)[name]!(), ...changes }));
}

/** The good arguments' array `name`, to be used for another argument too. */
const array = (kernel: string, name: string) => kernelCalls(addon)[kernel]!()[name] as Float32Array;

describe.each(nativeIsas)("on %s", (isa) => {
  test("good calls are answered, and there is one for every kernel", async () => {
    openNative(isa);
    const calls = kernelCalls(addon);
    const others = ["configure", "addressOf", "preferLargePages", "kernelInterface"];
    expect(Object.keys(calls).sort()).toEqual(
      Object.keys(addon)
        .filter((name) => !others.includes(name))
        .sort(),
    );
    for (const name of Object.keys(calls)) await call(name, {});
  });

  test("wrong calls are answered or refused", { timeout: 300_000 }, async () => {
    openNative(isa);
    const { refused, answered } = await fuzzKernels(addon, 1, 3000);
    expect(refused).toBeGreaterThan(1000);
    expect(answered).toBeGreaterThan(300);
  });

  test.each([
    ["encodeTopK", { dIn: 0 }, /dIn/],
    ["encodePositive", { dIn: 0 }, /dIn/],
    ["bestMatches", { d: 0 }, /integer from 1 .* for d /],
    ["bestMatches", { m: 0 }, /for m /],
    ["pullRows", { dIn: 0 }, /dIn/],
    ["drawSupports", { active: 81 }, /active/],
    ["fillRandom", { start: -1 }, /start/],
    ["fillRandom", { out: [1, 2] }, /typed array for out/],
    ["syntheticRows", { key: { k0: 2 ** 32, k1: 0 } }, /k0/],
    ["update", { sources: 7 }, /sources/],
    ["searchTopK", { d: 0 }, /for d /],
    ["searchTopK", { k: 561 }, /k from 1 to 560/],
    ["searchTopK", { floor: undefined }, /need a floor/],
    ["packColumns", { order: new Int32Array(560) }, /0 twice/],
    ["encodeTopK", { margin: 2 ** 31 }, /margin/],
  ] as const)("%s refuses %j", async (name, changes, message) => {
    openNative(isa);
    await expect(call(name, changes)).rejects.toThrow(message);
  });

  test("arrays that are written share no memory with others", async () => {
    openNative(isa);
    const u = new Float64Array(17);
    await expect(call("assign", { u, v: u })).rejects.toThrow(/u and v|v and u/);
    const rows = new Int32Array(560);
    await expect(call("transpose", { rows, activeRows: rows })).rejects.toThrow(/share no memory/);
    const both = new Float32Array(array("center", "x").length + 1);
    const [x, out] = [both.subarray(0, -1), both.subarray(1)];
    await expect(call("center", { x, out })).rejects.toThrow(/x and out/);
    // Where a kernel works in place, one array may be both.
    await call("normalizeRows", { rows: x, unit: x });
  });

  test("a margin beyond all latents changes nothing", async () => {
    openNative(isa);
    const codes = [];
    for (const margin of [8, 2 ** 29]) {
      const args = kernelCalls(addon)["encodeTopK"]!() as unknown as EncodeTopK;
      await addon.packEncoder(args);
      await addon.encodeTopK({ ...args, margin });
      codes.push([args.indices, args.values]);
    }
    expect(codes[0]).toEqual(codes[1]);
  });
});

test("more threads than there is a use for are not started, and that is said", () => {
  const { backend, notices } = openBackend({ threads: 50_000 });
  if (backend.name !== "native") return;
  expect(backend.threads).toBeLessThanOrEqual(Math.max(16, 4 * availableParallelism()));
  expect(notices[0]).toMatch(/^50000 threads are more .*: \d+ are started/);
});
