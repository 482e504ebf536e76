/** @file What the system says of other processes: whether they live, and when they began. */

import { readFileSync } from "node:fs";

/** Linux: dead, and waiting for its parent to ask how it ended; or dead for good. */
const GONE = new Set(["Z", "X", "x"]);

/**
 * Fields of Linux's `/proc/<pid>/stat` from the third, the state, on; undefined for no such
 * process, and on other systems.
 *
 * The second field is the program's name in brackets. It may itself hold brackets and blanks; the
 * fields after it do not.
 */
function statFields(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

/**
 * Whether a process of this machine lives. A zombie does not: it holds nothing, however long its
 * parent leaves it in the table.
 */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    if ((error as { code?: string }).code !== "EPERM") return false;
  }
  const state = statFields(pid)?.[0];
  return state === undefined || !GONE.has(state);
}

/**
 * When a living process began: clock ticks since boot, the 22nd field of its `stat`; undefined
 * where the system does not say.
 */
export function startOf(pid: number): string | undefined {
  return statFields(pid)?.[19];
}
