import { constants, PerformanceObserver } from "node:perf_hooks";
import { expect, test } from "vitest";
import {
  collectGarbage,
  forgetPeak,
  memoryLimits,
  peakMemory,
  residentMemory,
} from "./process-memory.ts";

const MIB = 2 ** 20;

/** Takes memory and fills it, so that it is resident; nothing refers to it afterwards. */
function take(bytes: number): void {
  new Uint8Array(bytes).fill(1);
}

test("the limits are sizes that a process can have", () => {
  const { machine, heap } = memoryLimits();
  expect(machine).toBeGreaterThan(100 * MIB);
  expect(heap).toBeGreaterThan(100 * MIB);
  expect(residentMemory()).toBeLessThan(machine);
});

test("the peak keeps what was taken and given back", () => {
  const before = residentMemory();
  take(128 * MIB);
  collectGarbage();
  expect(peakMemory()).toBeGreaterThanOrEqual(before + 100 * MIB);
});

test.runIf(process.platform === "linux")("a peak is forgotten", () => {
  take(256 * MIB);
  collectGarbage();
  const peak = peakMemory();
  forgetPeak();
  expect(peakMemory()).toBeLessThan(peak - 100 * MIB);
});

test("collecting frees what nothing refers to", async () => {
  let collected = 0;
  const registry = new FinalizationRegistry(() => collected++);
  for (let i = 0; i < 20; i++) registry.register({ i }, i);
  // So that there is enough to collect.
  take(16 * MIB);
  collectGarbage();
  await new Promise((resolve) => setTimeout(resolve, 50));
  // The last ones may still be on the stack.
  expect(collected).toBeGreaterThan(15);
});

test("where little can be free, nothing is collected", async () => {
  let times = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries() as { detail?: { flags?: number } }[])
      if ((detail?.flags ?? 0) & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) times++;
  });
  observer.observe({ entryTypes: ["gc"] });
  const timesSoFar = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return times;
  };
  take(16 * MIB);
  collectGarbage();
  const once = await timesSoFar();
  expect(once).toBeGreaterThan(0);
  collectGarbage();
  expect(await timesSoFar()).toBe(once);
  observer.disconnect();
});
