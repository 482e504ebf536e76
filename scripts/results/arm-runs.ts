/**
 * @file The runs behind a page of results: one for every arm and seed, trained by `concord run`
 *   when it is missing, read when it is there, refused when it was made with other settings than
 *   the page states.
 */

import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { loadConfig } from "../../src/config/load-config.ts";
import type { Config } from "../../src/config/schema.ts";
import { ConcordError } from "../../src/errors.ts";
import { type RunData, readRunData } from "../../src/report/run-data.ts";
import { RunFolder } from "../../src/runs/run-folder.ts";
import { type LogLine, logLines } from "../../src/runs/run-log.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** Under three seeds nothing is claimed. */
export const SEEDS: readonly number[] = [10, 20, 30];

/** A setting under comparison. */
export interface Arm {
  /** Names its folder. */
  readonly name: string;
  /** Names it on the page. */
  readonly title: string;
  /** `key=value`, as for `concord run --set`. */
  readonly settings: readonly string[];
  /** Default: `SEEDS`. */
  readonly seeds?: readonly number[];
}

export interface Experiment {
  /** Config file below `configs/`, without its ending. */
  readonly config: string;
  /** Folder of the runs, below the runs folder. */
  readonly name: string;
  /** Settings that all arms have in common. */
  readonly settings: readonly string[];
}

/** One finished run. */
export interface ArmRun {
  readonly arm: Arm;
  readonly seed: number;
  readonly folder: RunFolder;
  readonly data: RunData;
  /** Every line of every log. */
  readonly logs: Logs;
}

type Logs = Readonly<Record<"metrics" | "timings" | "events", readonly LogLine[]>>;

/** What the command line of a results script says. */
export interface Options {
  /** Folder of all runs. */
  readonly runs: string;
  /** Whether missing runs are trained, or left out of the page. */
  readonly train: boolean;
}

/** `[--runs folder] [--no-train]`, exiting with 2 for anything else. */
export function readOptions(args: readonly string[]): Options {
  const at = args.indexOf("--runs");
  const runs = at < 0 ? "runs" : args[at + 1];
  const known = args.every((a, i) => a === "--no-train" || a === "--runs" || i === at + 1);
  if (!known || runs === undefined) {
    console.error("usage: npx tsx scripts/results/<page>.ts [--runs folder] [--no-train]");
    process.exit(2);
  }
  return { runs: resolve(runs), train: !args.includes("--no-train") };
}

/** What decides the results of a run; the rest says where it is kept and what computes it. */
function identity(config: Config): unknown {
  const { name: _, runs_folder: __, backend: ___, ...rest } = config;
  return JSON.parse(JSON.stringify(rest));
}

async function readFinished(folder: RunFolder, planned: Config): Promise<RunData | undefined> {
  if (!folder.exists) return undefined;
  const data = await readRunData(folder);
  if (!isDeepStrictEqual(identity(data.config as Config), identity(planned)))
    throw new ConcordError(
      "run/conflict",
      `The run ${folder.path} was made with other settings than this page's.`,
      { hint: "Remove its folder, or give another one with --runs." },
    );
  return data.record.status === "finished" ? data : undefined;
}

async function readLogs(folder: RunFolder): Promise<Logs> {
  const logs = { metrics: [] as LogLine[], timings: [] as LogLine[], events: [] as LogLine[] };
  for (const name of ["metrics", "timings", "events"] as const)
    for await (const line of logLines(folder, `${name}.jsonl`)) logs[name].push(line);
  return logs;
}

async function ownRun(
  experiment: Experiment,
  arm: Arm,
  seed: number,
  options: Options,
): Promise<ArmRun | undefined> {
  const file = join(ROOT, "configs", `${experiment.config}.yaml`);
  const name = `${experiment.name}/${arm.name}/seed=${seed}`;
  const settings = [`runs_folder=${options.runs}`, ...experiment.settings, ...arm.settings];
  settings.push(`seed=${seed}`);
  const [planned] = await loadConfig(file, settings);
  const folder = new RunFolder(join(options.runs, name));
  let data = await readFinished(folder, planned!.config);
  if (!data && options.train) {
    const command = ["run", file, "--resume", "--name", name];
    const set = settings.flatMap((setting) => ["--set", setting]);
    const main = join(ROOT, "dist/cli/main.js");
    const { status } = spawnSync(process.execPath, [main, ...command, ...set], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (status !== 0) process.exit(status ?? 1);
    data = await readFinished(folder, planned!.config);
  }
  return data && { arm, seed, folder, data, logs: await readLogs(folder) };
}

/**
 * The finished runs of the arms, seed by seed; trains those that are missing unless told not to.
 */
export async function armRuns(
  experiment: Experiment,
  arms: readonly Arm[],
  options: Options,
): Promise<ArmRun[]> {
  const seeds = [...new Set(arms.flatMap((arm) => arm.seeds ?? SEEDS))];
  const found: ArmRun[] = [];
  for (const seed of seeds)
    for (const arm of arms) {
      if (!(arm.seeds ?? SEEDS).includes(seed)) continue;
      const run = await ownRun(experiment, arm, seed, options);
      if (run) found.push(run);
      else console.error(`not there yet: ${arm.name}, seed ${seed}`);
    }
  return found;
}
