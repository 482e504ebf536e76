/** @file concord run: a config, or the sweep it describes, from source to report. */

import { dirname } from "node:path";
import type { Command } from "commander";
import { loadConfig, type PlannedRun } from "../../config/load-config.ts";
import { ConfigError } from "../../errors.ts";
import {
  type RunContext,
  type RunEvent,
  type RunSummary,
  runFolder,
  trainRun,
} from "../../experiments/train-run.ts";
import {
  backendFor,
  cacheDir,
  catalogueOptions,
  interruptSignal,
  processFacts,
} from "../environment.ts";
import { CollectLine, duration, ProgressLine, short, table } from "../output.ts";
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

/** Shows a run's events: a progress line on a terminal, plain lines elsewhere. */
function watcher(quiet: boolean): (event: RunEvent) => void {
  const clock = () => performance.now();
  const line = new ProgressLine(process.stderr, clock);
  let first: { at: number; step: number } | undefined;
  return (event) => {
    if (quiet) return;
    if (event.kind === "opened") {
      first = undefined;
      const from = event.fromStep > 0 ? `, going on from step ${event.fromStep}` : "";
      process.stderr.write(`${event.folder}: ${event.totalSteps} steps${from}\n`);
    } else if (event.kind === "step") {
      const { step, totalSteps, batch } = event;
      first ??= { at: clock() - step.timing.total, step: step.step };
      const { at, step: firstStep } = first;
      line.update(() => {
        const taken = step.step + 1;
        const perStep = (clock() - at) / (taken - firstStep);
        const [member] = step.members;
        return [
          `step ${taken}/${totalSteps}`,
          `loss ${short(member!.loss)}`,
          `L0 ${short(member!.l0)}`,
          `${short((batch * 1000) / perStep)} activations/s`,
          `ETA ${duration(((totalSteps - taken) * perStep) / 1000)}`,
        ].join("  ");
      });
    } else if (event.kind === "warning") {
      line.clear();
      process.stderr.write(`warning: ${event.message}\n`);
    } else if (event.kind === "notice") {
      process.stderr.write(`source: ${event.message}\n`);
    } else if (event.kind === "evaluating") {
      line.clear();
      process.stderr.write("evaluating on held-out activations\n");
    }
  };
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

function withName(planned: readonly PlannedRun[], name: string | undefined): PlannedRun[] {
  if (name === undefined) return [...planned];
  return planned.map(({ config, axes }) => {
    const slash = config.name.indexOf("/");
    const rest = planned.length > 1 && slash >= 0 ? config.name.slice(slash) : "";
    return { config: { ...config, name: `${name}${rest}` }, axes };
  });
}

async function run(path: string | undefined, options: Options): Promise<void> {
  const file = path ?? options.config;
  if (!file) throw new ConfigError("Expected a config file: concord run <config.yaml>.");
  const planned = withName(await loadConfig(file, options.set), options.name);
  const signal = interruptSignal();
  const { backend, fallbackReason } = backendFor(planned[0]!.config.backend);
  if (fallbackReason)
    process.stderr.write(`warning: running on the slow reference backend: ${fallbackReason}\n`);
  const collecting = new CollectLine(process.stderr, () => performance.now());
  const context: RunContext = {
    ...processFacts(),
    ...{ backend, baseFolder: dirname(file), cacheDir: cacheDir(), signal },
    catalogue: catalogueOptions(options.offline, collecting.download, signal),
    onTokens: collecting.tokens,
    onCollect: collecting.rows,
    onRecording: collecting.recordings,
    onEvent: watcher(options.json === true),
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
