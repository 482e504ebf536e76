/**
 * @file Finds the runs behind a name on the command line: a run, the runs of a sweep, or those
 *   whose names begin with it.
 */

import { existsSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { findRun, listRuns, RunFolder } from "./run-folder.ts";

/** A folder with runs in it. */
export interface SweepFolder {
  readonly path: string;
  readonly runs: readonly RunFolder[];
}

/** A run, or several under one name. */
export type FoundRuns = { readonly run: RunFolder } | { readonly sweep: SweepFolder };

/**
 * The folder of a sweep by name below `root`, or by path. Undefined where there is no such folder
 * with runs, or it is itself a run.
 */
export async function findSweep(root: string, name: string): Promise<SweepFolder | undefined> {
  for (const path of [join(root, name), name]) {
    if (new RunFolder(path).exists) return undefined;
    // A file holds no runs, and what it is others may know.
    const isFile = existsSync(path) && statSync(path).isFile();
    const runs = isFile ? [] : await listRuns(path);
    if (runs.length > 0) return { path, runs };
  }
  return undefined;
}

/**
 * The run or the sweep of a name below `root` or of a path, or else all runs whose names begin with
 * it. One such run is that run.
 *
 * @throws {ConcordError} naming the runs there are, when there is nothing of that name.
 */
export async function findRuns(root: string, name: string): Promise<FoundRuns> {
  const sweep = await findSweep(root, name);
  if (sweep) return { sweep };
  const isRun = [join(root, name), name].some((path) => new RunFolder(path).exists);
  if (isRun) return { run: await findRun(root, name) };
  const runs = (await listRuns(root)).filter((run) =>
    relative(root, run.path).split(sep).join("/").startsWith(name),
  );
  const [first, ...others] = runs;
  // Without any, this says which runs there are.
  if (!first) return { run: await findRun(root, name) };
  return others.length === 0 ? { run: first } : { sweep: { path: root, runs } };
}
