/** @file concord show: one run in full, or the settings of a sweep. */

import { RECONSTRUCTION_METRICS } from "../../metrics/registry.ts";
import { runSettings } from "../../report/run-settings.ts";
import { readSweep } from "../../report/sweep-data.ts";
import { sweepSummary } from "../../report/sweep-summary.ts";
import { findRuns, type SweepFolder } from "../../runs/find-runs.ts";
import { type RunDetails, runDetails, runOverviews } from "../../runs/overview.ts";
import type { SimilarityNumbers } from "../../runs/results.ts";
import { RunFolder } from "../../runs/run-folder.ts";
import { recordFile } from "../../runs/run-record.ts";
import { analysisTables } from "../analysis-tables.ts";
import { isProcessAlive } from "../environment.ts";
import { bytes, duration, moment, short, table } from "../output.ts";
import { print } from "../print.ts";
import { agreementLines, noteLines, settingColumns } from "../run-summary.ts";
import { runTable, stepsText } from "../run-table.ts";
import { settingTable } from "../setting-table.ts";
import { runJson } from "./runs.ts";

/** `kind synthetic, d_in 64, k [4, 8]`: the keys that say something, in the order of the config. */
function words(section: unknown): string {
  if (typeof section !== "object" || section === null) return String(section);
  return Object.entries(section)
    .filter(([, value]) => value !== false && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => `${key} ${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(", ");
}

function head({ overview, record, config, stepMilliseconds }: RunDetails): string[] {
  const { backend, attempts, measured, planned } = record;
  const facts: [string, string][] = [
    ["status", `${overview.state}, ${stepsText(overview)} steps, ${moment(overview.changedAt)}`],
    ...(["source", "population", "coupling", "reinitialise", "training"] as const)
      .filter((key) => config[key] !== undefined && config[key] !== false)
      .map((key): [string, string] => [key, words(config[key])]),
    ["seed", String(config["seed"])],
    [
      "backend",
      `${backend.name} ${backend.isa}, ${backend.threads} threads, attempt ${attempts.length}`,
    ],
  ];
  if (overview.problem !== undefined) facts.push(["problem", overview.problem]);
  if (stepMilliseconds) {
    const { total, source, coupling, members } = stepMilliseconds;
    facts.push([
      "a step",
      `${short(total)} ms: source ${short(source)}, coupling ${short(coupling)}, members ${short(members)}`,
    ]);
  }
  const peak = measured?.["peak_memory_bytes"];
  const seconds = measured?.["training_seconds"];
  if (seconds !== undefined) facts.push(["training", duration(seconds)]);
  if (peak !== undefined) {
    const plan = planned?.["peak_memory_bytes"];
    facts.push([
      "peak memory",
      `${bytes(peak)}${plan === undefined ? "" : ` (planned ${bytes(plan)})`}`,
    ]);
  }
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, text]) => `${name.padEnd(width)}  ${text}`);
}

function memberTable({ evaluation, overview }: RunDetails): string[] {
  if (!evaluation) return [];
  const settings = settingColumns(evaluation.members);
  const header = [
    "member",
    "architecture",
    ...settings.names,
    "seed",
    ...RECONSTRUCTION_METRICS.map((m) => m.label),
  ];
  const rows = evaluation.members.map((m) => [
    m.name,
    m.architecture,
    ...settings.cells(m),
    String(m.seed),
    ...RECONSTRUCTION_METRICS.map(({ name }) => short(m.metrics[name] ?? Number.NaN)),
  ]);
  const doubts = (evaluation.warnings ?? []).map(({ message }) => `warning: ${message}`);
  // A run that is being extended still has the results of fewer steps.
  const after = evaluation.steps === overview.steps ? "" : ` after ${evaluation.steps} steps`;
  const title = `On ${evaluation.rows} held-out activations${evaluation.steps === undefined ? "" : after}:`;
  return ["", title, table(header, rows), ...doubts];
}

/** More comparisons than this are left to the file. */
const MOST_ROWS = 200;

function similarityTable({ consistency, evaluation, config }: RunDetails): string[] {
  if (!consistency || !evaluation) return [];
  const row = (a: string, b: string, s: SimilarityNumbers) => [
    a,
    b,
    short(s.mcc),
    short(s.mcc_null),
    short(s.mean_max[0]),
    short(s.mean_max_null[0]),
    short(s.mean_max[1]),
    short(s.mean_max_null[1]),
    short(s.shared),
    short(s.shared_null ?? Number.NaN),
    ...(consistency.group === undefined
      ? []
      : [short(s.mcc_modulo ?? Number.NaN), short(s.mcc_modulo_null ?? Number.NaN)]),
  ];
  const rows = [
    ...consistency.pairs.map((p) => row(p.a, p.b, p)),
    ...(consistency.independent ?? []).map((p) => row(p.member, p.independent, p)),
    ...(consistency.ground_truth ?? []).map((p) => row(p.member, "(truth)", p)),
  ];
  const below = [
    ...agreementLines({ evaluation, consistency }, config),
    ...noteLines([{ evaluation, consistency }]),
  ];
  if (rows.length === 0) return below;
  const header = ["a", "b", "MCC", "null", "a→b", "null", "b→a", "null", "≥ 0.7", "null"];
  if (consistency.group !== undefined) header.push(`MCC mod ${consistency.group}`, "null");
  const more = rows.length - MOST_ROWS;
  return [
    "",
    "Similarity of dictionaries, each next to that of random ones:",
    table(header, rows.slice(0, MOST_ROWS)),
    ...(more > 0 ? [`… and ${more} more in results/consistency.json`] : []),
    ...below,
  ];
}

/** The runs of a sweep: its settings, then every run. */
async function showSweep({ path, runs }: SweepFolder, json: boolean): Promise<void> {
  const folders = new Set(runs.map((run) => run.path));
  const overviews = (await runOverviews(path, isProcessAlive)).filter((o) => folders.has(o.folder));
  const read = await readSweep(
    path,
    runs.map((folder) => ({ folder })),
    false,
  );
  const summary = sweepSummary(read);
  if (json) {
    const all = { folder: path, summary, runs: overviews.map(runJson) };
    return void print(`${JSON.stringify(all)}\n`);
  }
  const finished = overviews.filter((o) => o.state === "finished").length;
  const lines = [
    path,
    `${finished} of ${runs.length} runs finished`,
    "",
    ...settingTable(summary),
    ...summary.substitutes.map((text) => `The data is a substitute: ${text}`),
    ...noteLines(read),
    "",
    runTable(overviews),
  ];
  print(`${lines.join("\n")}\n`);
}

export async function show(
  name: string,
  { root, json = false }: { root: string; json?: boolean },
): Promise<void> {
  const found = await findRuns(root, name);
  if ("sweep" in found) return await showSweep(found.sweep, json);
  const details = await runDetails(found.run, isProcessAlive);
  const { overview, record, config, evaluation, consistency, files } = details;
  if (json) {
    const all = {
      name: overview.name,
      folder: overview.folder,
      state: overview.state,
      steps: overview.steps,
      total_steps: overview.totalSteps,
      record: recordFile(record),
      config,
      settings: runSettings(details)?.cells,
      evaluation,
      consistency,
      step_milliseconds: details.stepMilliseconds,
      files,
    };
    return void print(`${JSON.stringify(all)}\n`);
  }
  const sizes = files.map((file) => [file.name, bytes(file.bytes)]);
  const lines = [
    overview.folder,
    ...head(details),
    ...memberTable(details),
    ...(await analysisTables(new RunFolder(overview.folder))),
    ...similarityTable(details),
    "",
    table(["file", "size"], sizes),
  ];
  print(`${lines.join("\n")}\n`);
}
