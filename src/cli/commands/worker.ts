/** @file concord worker: does the jobs of a queue. */

import { join, resolve } from "node:path";
import { workQueue } from "../../jobs/queue/worker.ts";
import { cacheDir, interruptSignal, processFacts, timing } from "../environment.ts";
import { say } from "../print.ts";
import { processEnvironment, variable } from "../variables.ts";

interface Options {
  readonly redis?: string;
  readonly queue: string;
  readonly jobs: number;
  readonly lock: number;
  readonly folder?: string;
}

export async function worker({ redis, queue, jobs, lock, folder }: Options): Promise<void> {
  const { host, pid, versions } = processFacts();
  await workQueue({
    redis: redis ?? variable("CONCORD_REDIS"),
    queue,
    jobs,
    lockMs: lock * 1000,
    version: versions["concord"]!,
    host,
    pid,
    command: [process.execPath, ...process.execArgv, process.argv[1]!],
    env: processEnvironment(),
    timing: timing(),
    folder: resolve(folder ?? join(cacheDir(), "worker")),
    signal: interruptSignal(),
    say: (text) => say(`${text}\n`),
  });
}
