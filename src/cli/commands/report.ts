/** @file concord report: the page of a run, or of a sweep and its runs, written again. */

import type { Command } from "commander";
import { writeRunReport } from "../../report/run-report.ts";
import { writeSweepReport } from "../../report/sweep-report.ts";
import { findSweep } from "../../runs/find-runs.ts";
import { findRun } from "../../runs/run-folder.ts";
import { addVerb } from "../verb.ts";

interface Options {
  readonly root: string;
  readonly json?: boolean;
}

async function report(name: string, { root, json }: Options): Promise<void> {
  const sweep = await findSweep(root, name);
  const folders = sweep?.runs ?? [await findRun(root, name)];
  const written: string[] = [];
  for (const folder of folders) written.push(await writeRunReport(folder));
  if (sweep) written.push(await writeSweepReport(sweep.path));
  process.stdout.write(json ? `${JSON.stringify(written)}\n` : `${written.join("\n")}\n`);
}

export function addReport(program: Command): void {
  addVerb(program, "report", {
    group: "runs",
    library: "writeRunReport",
    summary: "write report.html of a run; of a sweep, with its summary.json and all its runs",
    examples: [
      ["report quickstart", "a run of ./runs"],
      ["report mine", "a sweep: the folder that its runs are in"],
    ],
  })
    .argument("<run>", "run or sweep: name below the folder of runs, or path")
    .option("--root <folder>", "folder of the runs", "runs")
    .option("--json", "print the paths as JSON, and nothing else")
    .action(report);
}
