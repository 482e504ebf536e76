/** @file A job as a process of this machine. */

import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { isRunning, startOf } from "../../formats/processes.ts";
import { logsFolder } from "../batch.ts";
import type { JobStatus } from "../job-status.ts";
import type { BatchPlace, Handout, LauncherMachine } from "../launcher.ts";

/** How long a process has to write its checkpoint, and between two looks at whether it has. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 50;

/** A process that works on a job. */
export interface JobProcess {
  readonly submission: number;
  readonly pid: number;
  /** The place that it has; undefined for one that an earlier watcher started. */
  readonly place: number | undefined;
  /** Set once it has ended. Of one that an earlier watcher started nobody knows the code. */
  end?: { readonly code: number | null; readonly signal: string | null } | undefined;
}

/** Starts a job on some processors. It goes on when this process is killed. */
export function startJob(
  { command, env }: Pick<LauncherMachine, "command" | "env">,
  { folder }: BatchPlace,
  { job, file, submission }: Handout,
  {
    place,
    processors,
    taskset,
  }: {
    readonly place: number;
    readonly processors: readonly number[];
    readonly taskset: string | undefined;
  },
): JobProcess {
  const pinned = taskset ? [taskset, "-c", processors.join(",")] : [];
  const work = ["jobs", "work", file, "--submission", String(submission)];
  const [program, ...args] = [...pinned, ...command, ...work];
  const log = openSync(join(logsFolder(folder), `${job.id}.txt`), "a");
  // A group of its own: Ctrl-C is for the watcher, which tells its jobs once.
  const child = spawn(program!, args, {
    env: { ...env, CONCORD_THREADS: env["CONCORD_THREADS"] ?? String(processors.length) },
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  const started: JobProcess = { submission, pid: child.pid ?? 0, place };
  child.on("error", () => {
    started.end = { code: null, signal: null };
  });
  child.on("exit", (code, signal) => {
    started.end = { code, signal };
  });
  // Nobody waits for it but who polls.
  child.unref();
  return started;
}

/** The process that said `status`, when it still runs on this machine. */
export function adopted(status: JobStatus, host: string): JobProcess | undefined {
  const { pid, started, submission } = status;
  if (status.state !== "running" || status.host !== host || !isRunning(pid)) return undefined;
  return startOf(pid) === started ? { submission, pid, place: undefined } : undefined;
}

/** Whether a process still works. */
export function isWorking({ end, pid, place }: JobProcess): boolean {
  return end === undefined && (place !== undefined || isRunning(pid));
}

/** Asks processes to write checkpoints and end; kills those that do not. */
export async function endAll(
  processes: readonly JobProcess[],
  { sleep, clock }: Pick<LauncherMachine, "sleep" | "clock">,
): Promise<void> {
  const signal = (name: "SIGTERM" | "SIGKILL") => {
    for (const { pid } of processes.filter(isWorking))
      try {
        if (pid > 0) process.kill(pid, name);
      } catch {
        // It has ended meanwhile.
      }
  };
  signal("SIGTERM");
  const until = clock() + PATIENCE_MS;
  while (processes.some(isWorking) && clock() < until) await sleep(LOOK_MS);
  signal("SIGKILL");
}
