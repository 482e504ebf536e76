/** @file concord study: runs that answer one question, from their declaration to a page. */

import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Config } from "../../config/schema.ts";
import { ConcordError } from "../../errors.ts";
import { domainOfConfig } from "../../experiments/open-source.ts";
import type { RunContext } from "../../experiments/run-context.ts";
import { chosenArms } from "../../experiments/study/chosen-arms.ts";
import {
  findStudyFile,
  type LoadedStudy,
  listStudies,
  loadStudy,
} from "../../experiments/study/load-study.ts";
import { planStudy } from "../../experiments/study/plan-study.ts";
import { quickStudy } from "../../experiments/study/quick-study.ts";
import { outdatedFiles, writeStudyPage } from "../../experiments/study/render-study.ts";
import { runStudy } from "../../experiments/study/run-study.ts";
import { isBenchmark, LINES_FILE, NUMBERS_FILE } from "../../experiments/study/study.ts";
import {
  backendFor,
  cacheDir,
  catalogueOptions,
  interruptSignal,
  processFacts,
} from "../environment.ts";
import type { JobOptions } from "../fan-out.ts";
import { CollectLine, table } from "../output.ts";
import { print, say, warn } from "../print.ts";
import { runWatcher } from "../run-watcher.ts";
import { studyElsewhere } from "../study-elsewhere.ts";
import { reportRun } from "../write-reports.ts";

interface Options {
  readonly studies: string;
  readonly json?: boolean;
}

interface RunOptions extends Options, JobOptions {
  readonly runs: string;
  readonly input: Readonly<Record<string, string>>;
  readonly quick?: boolean;
  readonly arms?: readonly string[];
}

async function open(name: string, { studies }: Options): Promise<LoadedStudy> {
  return await loadStudy(findStudyFile(name, studies));
}

/** What runs of a study need of this machine. */
function machine(
  config: Config | undefined,
  offline: boolean | undefined,
): Omit<RunContext, "baseFolder"> & { readonly signal: AbortSignal } {
  const signal = interruptSignal();
  const { backend, fallbackReason } = backendFor(config?.backend);
  const unit = config ? domainOfConfig(config).unit : "activations";
  if (fallbackReason) warn(`running on the slow reference backend: ${fallbackReason}`);
  const clock = () => performance.now();
  const collecting = new CollectLine(process.stderr, clock);
  return {
    ...processFacts(),
    backend,
    cacheDir: cacheDir(),
    signal,
    catalogue: catalogueOptions(offline, collecting.download, signal),
    onProgress: collecting.progress,
    onEvent: runWatcher(unit, process.stderr, clock),
  };
}

/** The runs of a study, and which of them have finished. */
async function plannedRuns(loaded: LoadedStudy, options: RunOptions) {
  const { study } = loaded;
  if (isBenchmark(study) || study.compute !== undefined) return [];
  const chosen = options.arms ? chosenArms(study, options.arms) : study;
  return await planStudy({ ...loaded, study: chosen }, placeOf(options));
}

const placeOf = ({ runs, input }: RunOptions) => ({ runs: resolve(runs), inputs: input });

async function listRuns(loaded: LoadedStudy, options: RunOptions): Promise<void> {
  const planned = await plannedRuns(loaded, options);
  const rows: string[][] = [];
  for (const { arm, seed, folder } of planned) {
    const status = folder.exists ? (await folder.readRecord()).status : "missing";
    rows.push([arm, String(seed), status, relative("", folder.path)]);
  }
  const keys = ["arm", "seed", "status", "folder"];
  if (options.json) {
    const all = rows.map((row) => Object.fromEntries(row.map((cell, i) => [keys[i], cell])));
    return void print(`${JSON.stringify(all)}\n`);
  }
  print(`${table(keys, rows)}\n`);
}

export async function run(name: string, options: RunOptions): Promise<void> {
  const whole = await open(name, options);
  const loaded = options.quick ? quickStudy(whole, resolve(options.runs)) : whole;
  const { on } = options;
  if (options.dryRun && !on) return await listRuns(loaded, options);
  const known = await plannedRuns(loaded, options);
  const context = machine(known[0]?.planned.config, options.offline);
  const { backend, signal } = context;
  const jobs = on && studyElsewhere({ loaded, name, options: { ...options, on }, backend, signal });
  if (options.dryRun) return await jobs!.preview(known);
  await runStudy(loaded, {
    ...placeOf(options),
    arms: options.arms,
    context,
    elsewhere: jobs,
    onRun: ({ arm, seed }, index, total) => {
      if (!on) say(`run ${index + 1} of ${total}: ${arm}, seed ${seed}\n`);
    },
    onTrained: async ({ folder }) => void (await reportRun(folder)),
    told: (what) => say(`${what}\n`),
  });
  const written = [join(loaded.folder, NUMBERS_FILE), ...(await writeStudyPage(loaded))];
  printPaths(written, options);
}

function printPaths(paths: readonly string[], { json }: Options): void {
  const shown = paths.map((path) => relative("", path));
  print(json ? `${JSON.stringify(shown)}\n` : `${shown.join("\n")}\n`);
}

export async function render(
  name: string,
  options: Options & { readonly check?: boolean },
): Promise<void> {
  const loaded = await open(name, options);
  if (!options.check) return printPaths(await writeStudyPage(loaded), options);
  const [first, ...others] = await outdatedFiles(loaded);
  if (first !== undefined)
    throw new ConcordError(
      "format/invalid",
      `${relative("", join(loaded.folder, first))} is not what its study renders${others.length > 0 ? `, and ${others.length} more` : ""}.`,
      { hint: `concord study render ${name}` },
    );
  if (options.json) print("[]\n");
}

/** The numbers of a study, if it has any. */
function stateOf({ folder, study }: LoadedStudy): string {
  const file = isBenchmark(study) ? LINES_FILE : NUMBERS_FILE;
  return existsSync(join(folder, file)) ? "measured" : "not run";
}

export async function list(folder: string, options: { readonly json?: boolean }): Promise<void> {
  const studies = await listStudies(folder);
  const all = studies.map((loaded) => ({
    name: loaded.name,
    kind: loaded.study.kind ?? "experiment",
    state: stateOf(loaded),
    question: loaded.study.question,
    folder: loaded.folder,
  }));
  if (options.json) return void print(`${JSON.stringify(all)}\n`);
  if (all.length === 0)
    throw new ConcordError("file/missing", `There are no studies in ${folder}.`, {
      hint: "A study is a folder with a study.ts: see docs/studies.md.",
    });
  const rows = all.map(({ name, kind, state, question }) => [name, kind, state, question]);
  print(`${table(["study", "kind", "state", "question"], rows)}\n`);
}
