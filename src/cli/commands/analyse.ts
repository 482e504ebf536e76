/** @file concord analyse: analyses of a run that has finished. */

import { analyseRun } from "../../experiments/analyse-run.ts";
import { findRun } from "../../runs/run-folder.ts";
import { analysisTables } from "../analysis-tables.ts";
import {
  backendFor,
  cacheDir,
  catalogueOptions,
  interruptSignal,
  processFacts,
} from "../environment.ts";
import { CollectLine } from "../output.ts";
import { print, warn } from "../print.ts";
import { reportRun } from "../write-reports.ts";

interface Options {
  readonly root: string;
  readonly base: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

export async function analyse(
  name: string,
  analyses: readonly string[],
  { root, base, offline, json }: Options,
): Promise<void> {
  const folder = await findRun(root, name);
  const { backend } = backendFor();
  const signal = interruptSignal();
  const line = new CollectLine(process.stderr, () => performance.now());
  const found = await analyseRun(folder, analyses, {
    backend,
    baseFolder: base,
    cacheDir: cacheDir(),
    signal,
    catalogue: catalogueOptions(offline, line.download, signal),
    onProgress: line.progress,
    onCompared: (done, total) =>
      line.progress({ what: "comparing dictionaries", done, total, unit: "pairs", resumed: 0 }),
    onLooked: (done, total) =>
      line.progress({ what: "looking at rows", done, total, unit: "rows", resumed: 0 }),
    collectGarbage: processFacts().collectGarbage,
  }).finally(() => line.clear());
  const done = found.map(({ analysis }) => analysis.name);
  for (const idle of analyses.filter((one) => !done.includes(one)))
    warn(`${idle} has nothing to look at in the rows of ${folder.path}.`);
  const report = await reportRun(folder);
  const results = found.map(({ analysis, found: what }) => analysis.results(what).json ?? {});
  if (json) {
    const all = {
      run: folder.path,
      report,
      analyses: done,
      results: Object.assign({}, ...results),
    };
    return void print(`${JSON.stringify(all)}\n`);
  }
  const tables = await analysisTables(folder, ({ name: one }) => done.includes(one));
  const lines = [...done.map((one) => `${folder.path}: ${one}`), ...tables, report ?? ""];
  print(`${lines.join("\n").trimEnd()}\n`);
}
