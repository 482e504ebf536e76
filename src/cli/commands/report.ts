/** @file concord report: the page of a run, or of a sweep and its runs, written again. */

import { writeRunReport } from "../../report/run-report.ts";
import { writeSweepReport } from "../../report/sweep-report.ts";
import { findSweep } from "../../runs/find-runs.ts";
import { findRun } from "../../runs/run-folder.ts";
import { print } from "../print.ts";

interface Options {
  readonly root: string;
  readonly json?: boolean;
}

export async function report(name: string, { root, json }: Options): Promise<void> {
  const sweep = await findSweep(root, name);
  const folders = sweep?.runs ?? [await findRun(root, name)];
  const written: string[] = [];
  for (const folder of folders) written.push(await writeRunReport(folder));
  if (sweep) written.push(await writeSweepReport(sweep.path));
  print(json ? `${JSON.stringify(written)}\n` : `${written.join("\n")}\n`);
}
