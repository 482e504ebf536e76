/**
 * @file The memory of this process: what of it is resident now, the most that was, and how to let
 *   go of what is not needed.
 *
 * The peak is the kernel's own high-water mark, so nothing is missed between two looks. On Linux it
 * is VmHWM of /proc, which can be set back. Elsewhere there is only `getrusage`, which counts from
 * the start of the process. On Linux it would count what started the process as well: a child
 * begins with the peak of its parent.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { totalmem } from "node:os";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { SMALL_GARBAGE_BYTES } from "../experiments/garbage.ts";

/**
 * What a process may take: the machine's memory, or the container's when that has less, and V8's
 * limit for objects.
 */
export function memoryLimits(): { readonly machine: number; readonly heap: number } {
  const [limit, machine] = [process.constrainedMemory(), totalmem()];
  return {
    machine: limit > 0 && limit < machine ? limit : machine,
    heap: getHeapStatistics().heap_size_limit,
  };
}

/** Bytes that are resident now. */
export function residentMemory(): number {
  return process.memoryUsage.rss();
}

/**
 * The most bytes that were resident since `forgetPeak`; since the process started where the system
 * cannot forget a peak.
 */
export function peakMemory(): number {
  const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(textOf("/proc/self/status"))?.[1];
  return 1024 * Number(kibibytes ?? process.resourceUsage().maxRSS);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Forgets the peak so far, where the system can. */
export function forgetPeak(): void {
  try {
    // 5 sets the high-water mark back to what is resident now; the other numbers do other things.
    // See proc(5).
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Another system, or one that does not allow it.
  }
}

type Collect = (options?: { readonly type: "minor" }) => void;

let collect: Collect | undefined;
/** Bytes of objects that the last collection left, and of arrays that any left at least. */
let left = { objects: 0, arrays: 0 };

/**
 * Frees what nothing refers to any more. V8 does so when it must, which is when arrays of 64 MiB
 * are uncollected or the heap has grown by half; this takes some ten milliseconds. Nothing is done
 * where little can be free: few arrays, and few objects since the last time.
 */
export function collectGarbage(): void {
  if (mayBeFree() < SMALL_GARBAGE_BYTES) return;
  if (!collect) {
    // V8 hands the function to contexts that are made while the flag is set.
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("globalThis.gc") as Collect | undefined;
    setFlagsFromString("--no-expose-gc");
  }
  collect?.();
  // Arrays are freed on another thread after a collection. The next one waits for it, even one of
  // young objects alone, which takes a tenth of the time.
  collect?.({ type: "minor" });
  const { used_heap_size: objects, external_memory: arrays } = getHeapStatistics();
  left = { objects, arrays: left.objects > 0 ? Math.min(left.arrays, arrays) : arrays };
}

function mayBeFree(): number {
  const { used_heap_size: objects, external_memory: arrays } = getHeapStatistics();
  return Math.max(0, objects - left.objects) + Math.max(0, arrays - left.arrays);
}
