/** @file concord run: a config, or the sweep it describes, from source to report. */

import { dirname } from "node:path";
import type { Command } from "commander";
import { loadConfig } from "../../config/load-config.ts";
import { ConfigError } from "../../errors.ts";
import { runFolder } from "../../experiments/open-run.ts";
import { type RunContext, type RunSummary, trainRun } from "../../experiments/train-run.ts";
import {
  backendFor,
  cacheDir,
  catalogueOptions,
  interruptSignal,
  processFacts,
} from "../environment.ts";
import { CollectLine, short, table } from "../output.ts";
import { runWatcher } from "../run-watcher.ts";
import { addVerb } from "../verb.ts";
import { reportFailure, reportRun, reportSweep } from "../write-reports.ts";

interface Options {
  readonly config?: string;
  readonly set: string[];
  readonly resume?: boolean;
  readonly name?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

/** The end of a run as a table. */
export function summaryTable({ results }: Pick<RunSummary, "results">): string {
  const { evaluation, consistency } = results;
  const truth = new Map(consistency.ground_truth?.map((g) => [g.member, g]));
  const header = [
    "member",
    "architecture",
    "FVU",
    "L0",
    "dead",
    ...(truth.size > 0 ? ["GT-MCC", "null"] : []),
  ];
  const rows = evaluation.members.map((m) => {
    const g = truth.get(m.name);
    return [
      ...[
        m.name,
        m.architecture,
        short(m.metrics["fvu"]!),
        short(m.metrics["l0"]!),
        short(m.metrics["dead_fraction"]!),
      ],
      ...(g ? [short(g.mcc), short(g.mcc_null)] : []),
    ];
  });
  const lines = [table(header, rows)];
  const pw = consistency.pw_mcc;
  if (pw) lines.push(`PW-MCC ${short(pw.mean)} (null ${short(pw.null)})`);
  const independent = consistency.independent;
  if (independent) {
    const mean = independent.reduce((sum, i) => sum + i.mcc, 0) / independent.length;
    lines.push(
      `MCC with independent members ${short(mean)} (null ${short(independent[0]!.mcc_null)})`,
    );
  }
  if (evaluation.substitute) lines.push(`The data is a substitute: ${evaluation.substitute}`);
  return lines.join("\n");
}

async function run(path: string | undefined, options: Options): Promise<void> {
  const file = path ?? options.config;
  if (!file) throw new ConfigError("Expected a config file: concord run <config.yaml>.");
  const planned = await loadConfig(file, options.set, options.name);
  const signal = interruptSignal();
  const { backend, fallbackReason } = backendFor(planned[0]!.config.backend);
  if (fallbackReason)
    process.stderr.write(`warning: running on the slow reference backend: ${fallbackReason}\n`);
  const clock = () => performance.now();
  const collecting = new CollectLine(process.stderr, clock);
  const { kind } = planned[0]!.config.source;
  const unit = kind === "language_model" ? "tokens" : "activations";
  const context: RunContext = {
    ...processFacts(),
    ...{ backend, baseFolder: dirname(file), cacheDir: cacheDir(), signal },
    catalogue: catalogueOptions(options.offline, collecting.download, signal),
    onTokens: collecting.tokens,
    onCollect: collecting.rows,
    onRecording: collecting.recordings,
    onEvent: runWatcher(unit, process.stderr, clock),
  };
  const summaries: (RunSummary & { report: string | undefined })[] = [];
  const say = (text: string) => void (options.json || process.stdout.write(`${text}\n`));
  for (const one of planned) {
    collecting.clear();
    const folder = runFolder(one.config);
    let summary: RunSummary;
    try {
      summary = await trainRun(one, context, options.resume === true);
    } catch (error) {
      await reportFailure(folder, error);
      if (planned.length > 1 && summaries.length > 0) await reportSweep(dirname(folder.path));
      throw error;
    }
    collecting.clear();
    const report = await reportRun(folder);
    summaries.push({ ...summary, report });
    say(`\n${summaryTable(summary)}\n${report ?? folder.path}`);
  }
  if (planned.length > 1) {
    const report = await reportSweep(dirname(summaries[0]!.folder.path));
    if (report) say(`\n${report}`);
  }
  if (options.json) {
    const all = summaries.map(({ folder, results, record, report }) => ({
      ...{ run: folder.path, report, evaluation: results.evaluation },
      ...{ consistency: results.consistency, measured: record.measured },
    }));
    process.stdout.write(`${JSON.stringify(all.length === 1 ? all[0] : all)}\n`);
  }
}

export function addRun(program: Command): void {
  addVerb(program, "run", {
    group: "runs",
    library: "trainRun",
    summary: "train and evaluate what a config describes; lists in it make a sweep",
    examples: [
      ["run configs/quickstart.yaml", "a population on synthetic data"],
      ["run mine.yaml --set 'coupling.weight=[0, 1, 3]' --resume", "a sweep, continued if need be"],
    ],
  })
    .argument("[config]", "YAML file")
    .option("--config <file>", "the same, as the founding code spells it")
    .option(
      "--set <key=value>",
      "override a key of the config; repeatable",
      (v: string, all: string[]) => [...all, v],
      [],
    )
    .option(
      "--resume",
      "continue the run where it stopped; the result is the same bytes as without the stop",
    )
    .option("--name <name>", "name of the run, instead of the config's")
    .option("--offline", "never touch the network")
    .option("--json", "print the results as JSON, and nothing else")
    .action(run);
}
