/**
 * @file The process that does a job for a worker. The worker's own event loop stays free to renew
 *   its lock. When the worker is killed, the process notices and writes a checkpoint.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";

/** How a process ended. */
export interface TaskEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A job that is being done. */
export interface TaskProcess {
  readonly ended: Promise<TaskEnd>;
  /** Asks it to write a checkpoint and to end; kills it when it does not for long. */
  stop(): void;
}

/** A checkpoint of a large population takes a while to write. */
const PATIENCE_MS = 120_000;

/**
 * Starts `concord jobs work`.
 *
 * @param command How Concord is started on this machine.
 * @param args    What follows `jobs work`.
 * @param log     The file that its output is appended to.
 */
export function startTask(
  command: readonly string[],
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  log: string,
): TaskProcess {
  const output = openSync(log, "a");
  const [program, ...rest] = [...command, "jobs", "work", ...args];
  // A group of its own: Ctrl-C is for the worker, which tells its jobs once. The channel is how the
  // process hears of the worker's end.
  const child: ChildProcess = spawn(program!, rest, {
    env: { ...env },
    stdio: ["ignore", output, output, "ipc"],
    detached: true,
  });
  closeSync(output);
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<TaskEnd>((resolve) => {
    child.on("error", () => resolve({ code: null, signal: null }));
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal });
    });
  });
  return {
    ended,
    stop() {
      if (timer !== undefined) return;
      child.kill("SIGTERM");
      timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
      timer.unref();
    },
  };
}
