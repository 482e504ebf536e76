/** @file concord report: the page of a run, or of a sweep and its runs, written again. */

import { join } from "node:path";
import { writeRunReport } from "../../report/run-report.ts";
import { writeSweepReport } from "../../report/sweep-report.ts";
import { findRun, listRuns, RunFolder } from "../../runs/run-folder.ts";

interface Options {
  readonly root: string;
  readonly json?: boolean;
}

/** The folder of a sweep by name below `root` or by path, with its runs; undefined when there is none. */
async function findSweep(root: string, name: string) {
  for (const path of [join(root, name), name]) {
    if (new RunFolder(path).exists) return undefined;
    const runs = await listRuns(path);
    if (runs.length > 0) return { path, runs };
  }
  return undefined;
}

export async function report(name: string, { root, json }: Options): Promise<void> {
  const sweep = await findSweep(root, name);
  const folders = sweep?.runs ?? [await findRun(root, name)];
  const written: string[] = [];
  for (const folder of folders) written.push(await writeRunReport(folder));
  if (sweep) written.push(await writeSweepReport(sweep.path));
  process.stdout.write(json ? `${JSON.stringify(written)}\n` : `${written.join("\n")}\n`);
}
