/**
 * @file Work that is broken off after a time. Files of models hold regular expressions, and some
 *   take longer than anybody waits. What runs in one thread can be stopped only by V8 itself.
 *   `node:vm` asks it to do so, within a regular expression too.
 */

import { createContext, Script } from "node:vm";

const context = createContext({ work: undefined as (() => void) | undefined });
const script = new Script("work()");

/** Thrown by {@link withinTime}. */
export class TimeIsUp extends Error {}

/**
 * Runs `work`, which must not wait for anything.
 *
 * @param milliseconds A positive integer.
 * @returns What `work` returns. What it throws passes through.
 * @throws {TimeIsUp} when it takes longer. What it changed until then stays changed.
 */
export function withinTime<T>(milliseconds: number, work: () => T): T {
  // Work within work shares the limit of the outer one.
  if (context["work"] !== undefined) return work();
  let result: { value: T } | undefined;
  context["work"] = () => {
    result = { value: work() };
  };
  try {
    script.runInContext(context, { timeout: milliseconds });
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT")
      throw new TimeIsUp(`it took longer than ${milliseconds / 1000} s`, { cause: error });
    throw error;
  } finally {
    context["work"] = undefined;
  }
  return result!.value;
}
