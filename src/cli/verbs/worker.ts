/** @file The command line of `concord worker`: options and examples. */

import type { Command } from "commander";
import { addVerb, lazily, positiveInteger } from "../verb.ts";

/** Jobs of a worker that is silent for so long are given to others. */
const LOCK_SECONDS = 30;

export function addWorker(program: Command): void {
  addVerb(program, "worker", {
    group: "runs",
    library: "workQueue",
    summary: "do the jobs that run and study --on queue hand out, until Ctrl-C",
    examples: [
      ["worker --redis redis://lab1:6379", "one job at a time, on this machine"],
      ["worker --redis redis://lab1:6379 --jobs 4", "four at a time"],
    ],
  })
    .option("--redis <url>", "address of the Redis server. Default: CONCORD_REDIS")
    .option("--queue <name>", "name of the queue", "concord")
    .option("--jobs <n>", "jobs at a time", positiveInteger, 1)
    .option(
      "--lock <seconds>",
      "a worker that Redis has not heard of for so long loses its jobs to others",
      positiveInteger,
      LOCK_SECONDS,
    )
    .option(
      "--folder <path>",
      "for jobs of an object store: where runs and activations are kept. Default: worker/ in the cache",
    )
    .action(lazily(async () => (await import("../commands/worker.ts")).worker));
}
