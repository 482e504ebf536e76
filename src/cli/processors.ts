/** @file The processors that this process may use, by their numbers. */

import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** The numbers of a list as Linux writes it: `0-3,8`. */
function processorList(text: string): number[] {
  return text.split(",").flatMap((part) => {
    const [first, last = first] = part.trim().split("-").map(Number);
    if (first === undefined || last === undefined || !(last >= first)) return [];
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** Those that the system allows; 0 and on where it does not say. */
export function allowedProcessors(): number[] {
  const count = availableParallelism();
  let list: string | undefined;
  try {
    list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  } catch {
    // Another system.
  }
  const known = list === undefined ? [] : processorList(list);
  return known.length > 0 ? known : Array.from({ length: count }, (_, i) => i);
}
