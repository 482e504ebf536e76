/** @file The command line of `concord jobs`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily, positiveInteger } from "../verb.ts";

const ROOT = ["--root <folder>", "folder that contains the runs", "runs"] as const;

export function addJobs(program: Command): void {
  const jobs = addVerb(program, "jobs", {
    group: "runs",
    summary: "list the runs that --on handed to other processes; go on watching them, or end them",
    examples: [
      ["jobs list", "sweeps and studies that were run with --on, and how far they are"],
      ["jobs watch grid", "go on where a watcher stopped: hand out the rest, gather results"],
      ["jobs cancel grid", "end what waits and what runs"],
    ],
  });
  addVerb(jobs, "list", {
    group: "runs",
    library: "listBatches",
    summary: "list the sweeps and studies that were run with --on",
    examples: [["jobs list --json", "for scripts"]],
  })
    .option(...ROOT)
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/jobs.ts")).list));
  addVerb(jobs, "watch", {
    group: "runs",
    library: "watchBatch",
    summary: "go on with the jobs of a sweep or study, and gather its results in the end",
    examples: [["jobs watch grid", "by the name that concord jobs list shows"]],
  })
    .argument("<name>", "name of the sweep or study")
    .option(...ROOT)
    .option("--json", "print only the results, as JSON")
    .action(lazily(async () => (await import("../commands/jobs.ts")).watch));
  addVerb(jobs, "cancel", {
    group: "runs",
    library: "requestCancel",
    summary: "end all jobs of a sweep or study; what they did stays in checkpoints",
    examples: [["jobs cancel grid", "by the name that concord jobs list shows"]],
  })
    .argument("<name>", "name of the sweep or study")
    .option(...ROOT)
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/jobs.ts")).cancel));
  addVerb(jobs, "work", {
    group: "runs",
    library: "workOn",
    summary: "do one job; launchers call it on the machine that the job runs on",
    examples: [["jobs work runs/.jobs/grid/jobs/0001.json", "the first run of a sweep"]],
  })
    .argument("<file>", "the job's file")
    .option("--submission <n>", "how often the job was handed out", positiveInteger, 1)
    .option("--status <file>", "where to say how far it is. Default: ../status beside the file")
    .option("--store <s3://…>", "object store that holds activations which the cache lacks")
    .action(lazily(async () => (await import("../commands/jobs-work.ts")).work));
}
