/** @file concord run: a config, or the sweep it describes, from source to report. */

import { dirname, resolve } from "node:path";
import { loadConfig } from "../../config/load-config.ts";
import { ConcordError, ConfigError } from "../../errors.ts";
import { runFolder } from "../../experiments/open-run.ts";
import { domainOfConfig } from "../../experiments/open-source.ts";
import type { RunContext, RunSummary } from "../../experiments/run-context.ts";
import { trainRun } from "../../experiments/train-run.ts";
import type { RunFolder } from "../../runs/run-folder.ts";
import { analysisTables } from "../analysis-tables.ts";
import {
  backendFor,
  cacheDir,
  catalogueOptions,
  interruptSignal,
  processFacts,
} from "../environment.ts";
import type { JobOptions } from "../fan-out.ts";
import { CollectLine } from "../output.ts";
import { print, say, warn } from "../print.ts";
import { noteLines, runSummary, type SweptRun, sweepSummary } from "../run-summary.ts";
import { runWatcher } from "../run-watcher.ts";
import { previewRuns, type RunsElsewhere, runElsewhere } from "../runs-elsewhere.ts";
import { reportFailure, reportRun, reportSweep } from "../write-reports.ts";

interface Options extends JobOptions {
  readonly config?: string;
  readonly set: string[];
  readonly resume?: boolean;
  readonly name?: string;
  readonly json?: boolean;
}

/** A sweep of more runs than this shows no tables of single ones; their reports have them. */
const MOST_TABLES = 4;

/** What a config had to ask for is what its run ends with. */
const askedTables = (folder: RunFolder) =>
  analysisTables(folder, ({ ownKey, onRequest, unasked }) =>
    Boolean(ownKey || onRequest || unasked),
  );

export async function run(path: string | undefined, options: Options): Promise<void> {
  if (path !== undefined && options.config !== undefined)
    throw new ConfigError(`Expected one config file but received ${path} and ${options.config}.`, {
      hint: "Leave --config out, or the file in front of it.",
    });
  const file = path ?? options.config;
  if (!file) throw new ConfigError("Expected a config file: concord run <config.yaml>.");
  const planned = await loadConfig(file, options.set, options.name);
  const isSweep = planned.length > 1;
  const signal = interruptSignal();
  const { backend, fallbackReason } = backendFor(planned[0]!.config.backend);
  if (fallbackReason) warn(`running on the slow reference backend: ${fallbackReason}`);
  const clock = () => performance.now();
  const collecting = new CollectLine(process.stderr, clock);
  const { unit } = domainOfConfig(planned[0]!.config);
  const context: RunContext = {
    ...processFacts(),
    backend,
    baseFolder: dirname(file),
    cacheDir: cacheDir(),
    signal,
    catalogue: catalogueOptions(options.offline, collecting.download, signal),
    onProgress: collecting.progress,
    ...(options.on ? {} : { onEvent: runWatcher(unit, process.stderr, clock) }),
  };
  const baseFolder = dirname(resolve(file));
  const { on } = options;
  const work: RunsElsewhere = {
    runs: planned.map((one) => ({ planned: one, baseFolder })),
    // The runs of a sweep lie below its name.
    name: isSweep ? dirname(planned[0]!.config.name) : planned[0]!.config.name,
    runsFolder: resolve(planned[0]!.config.runsFolder),
    command: { verb: "run", argument: file, options },
    resume: options.resume === true,
    backend,
    signal,
  };
  if (options.dryRun && !on)
    throw new ConfigError("--dry-run shows what --on would hand out.", {
      hint: "Add --on, or use concord plan.",
    });
  if (on && options.dryRun) return await previewRuns(work, { ...options, on });
  const elsewhere = on ? await runElsewhere(work, { ...options, on }) : undefined;
  const summaries: (RunSummary & SweptRun & { name: string; report: string | undefined })[] = [];
  const failures: string[] = [];
  const tell = (text: string) => void (options.json || print(`${text}\n`));
  for (const one of planned) {
    collecting.clear();
    const folder = runFolder(one.config);
    let summary: RunSummary;
    try {
      elsewhere?.requireFinished(one.config.name);
      summary = await trainRun(one, context, elsewhere !== undefined || options.resume === true);
    } catch (error) {
      if (!elsewhere) await reportFailure(folder, error);
      // One run of a sweep that diverges says nothing of the others.
      const code = error instanceof ConcordError ? error.code : undefined;
      if (isSweep && (code === "numeric/not-finite" || code === "job/failed")) {
        failures.push(`${one.config.name}: ${(error as ConcordError).message}`);
        // A batch that was cancelled has many of these; the last line counts them.
        if (code !== "job/failed") say(`error: ${failures.at(-1)}\n`);
        continue;
      }
      if (isSweep && summaries.length > 0) await reportSweep(dirname(folder.path));
      throw error;
    }
    collecting.clear();
    const report = elsewhere ? elsewhere.reportOf(folder) : await reportRun(folder);
    summaries.push({
      ...summary,
      axes: one.axes,
      config: one.config,
      name: one.config.name,
      report,
    });
    tell(
      isSweep
        ? (report ?? folder.path)
        : [
            "",
            runSummary(summary.results, one.config),
            ...(await askedTables(folder)),
            report ?? folder.path,
          ].join("\n"),
    );
  }
  if (isSweep) {
    const report = await reportSweep(dirname(runFolder(planned[0]!.config).path));
    if (summaries.length > 0) tell(`\n${sweepSummary(summaries)}`);
    if (summaries.length <= MOST_TABLES)
      for (const { folder, name } of summaries) {
        const [, ...tables] = await askedTables(folder);
        if (tables.length > 0) tell(`\n${[`${name}:`, ...tables].join("\n")}`);
      }
    if (report) tell(report);
  }
  for (const note of noteLines(summaries.map(({ results }) => results))) warn(`${note}`);
  if (options.json) {
    const all = summaries.map(({ folder, results, record, report }) => ({
      run: folder.path,
      report,
      evaluation: results.evaluation,
      consistency: results.consistency,
      measured: record.measured,
    }));
    print(`${JSON.stringify(isSweep ? all : all[0])}\n`);
  }
  if (failures.length > 0)
    throw new ConcordError(
      "numeric/not-finite",
      `${failures.length} of ${planned.length} runs failed; the first was ${failures[0]}`,
      {
        hint:
          summaries.length > 0
            ? "The others are finished; their numbers are above."
            : "The same command with --resume goes on with them.",
      },
    );
}
