/** @file The runs that an experiment consists of: a config for every arm and seed. */

import { dirname, isAbsolute, join, resolve } from "node:path";
import { loadConfig, type PlannedRun } from "../../config/load-config.ts";
import type { Config } from "../../config/schema.ts";
import { ConcordError } from "../../errors.ts";
import { RunFolder } from "../../runs/run-folder.ts";
import type { LoadedStudy } from "./load-study.ts";
import type { Arm, Experiment } from "./study.ts";

/** Where runs lie, and what the person gave. */
export interface StudyPlace {
  /** Folder of all runs; those of the study lie in a folder of its name. */
  readonly runs: string;
  /** Paths by the names of the study's inputs. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** One run of a study, not trained yet or trained before. */
export interface PlannedStudyRun {
  readonly arm: string;
  readonly seed: number;
  readonly planned: PlannedRun;
  /** What relative paths of the config start from. */
  readonly baseFolder: string;
  readonly folder: RunFolder;
}

/** @throws {ConcordError} `argument/invalid` for inputs that are missing or unknown. */
export function requireInputs(study: Experiment, given: Readonly<Record<string, string>>): void {
  const wanted = study.inputs ?? {};
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(wanted, name));
  if (unknown !== undefined)
    throw new ConcordError("argument/invalid", `The study has no input "${unknown}".`, {
      hint:
        Object.keys(wanted).length === 0
          ? "It takes no inputs."
          : `It takes: ${Object.keys(wanted).join(", ")}`,
    });
  const missing = Object.entries(wanted).find(([name]) => !Object.hasOwn(given, name));
  if (missing)
    throw new ConcordError(
      "argument/invalid",
      `The study needs the input "${missing[0]}": ${missing[1]}.`,
      { hint: `--input ${missing[0]}=<path>` },
    );
}

const LENGTHS = ["steps", "tokens", "epochs"] as const;

/** The `--set` that makes a config train `factor` times as long, its factor to one decimal. */
export function longerSetting(config: Pick<Config, "training">, factor: number): string {
  const key = LENGTHS.find((length) => config.training[length] !== undefined)!;
  const length = config.training[key]! * Number(factor.toFixed(1));
  return `training.${key}=${key === "epochs" ? Number(length.toFixed(1)) : Math.round(length)}`;
}

/** A run as an arm of a study, or its `compute`, describes it. */
export type DescribedRun = Pick<Arm, "config" | "settings"> & { readonly name: string };

/**
 * Plans a run that an arm, or `compute`, describes.
 *
 * @param factor How many times as long as its config says; for arms with `computeOf`.
 * @throws {ConfigError} of the config; for one that describes a sweep.
 */
export async function planStudyRun(
  { file: studyFile, name, study }: LoadedStudy & { readonly study: Experiment },
  place: StudyPlace,
  { name: arm, config = study.config!, settings: own = [] }: DescribedRun,
  seed: number,
  factor = 1,
): Promise<PlannedStudyRun> {
  const file = isAbsolute(config) ? config : join(dirname(studyFile), config);
  const filled = [...(study.settings ?? []), ...own].map((setting) =>
    setting.replace(/\{(\w+)\}/g, (_, input: string) => resolve(place.inputs[input]!)),
  );
  const runName = `${name}/${arm}/seed=${seed}`;
  const members = study.seedsAre === "members" ? (study.arms[arm]?.seeds ?? study.seeds) : [];
  if (members.length > 0) filled.push(`population.members=${members.length}`);
  const settings = [...filled, `runs_folder=${JSON.stringify(place.runs)}`, `seed=${seed}`];
  const load = (more: readonly string[]) => loadConfig(file, [...settings, ...more], runName);
  let planned = await load([]);
  if (planned.length > 1)
    throw new ConcordError(
      "config/invalid",
      `${file} describes ${planned.length} runs with the settings of the arm ${arm}.`,
      { hint: "An arm is one setting: make an arm of each value of the list." },
    );
  if (factor !== 1) planned = await load([longerSetting(planned[0]!.config, factor)]);
  return {
    arm,
    seed,
    planned: planned[0]!,
    baseFolder: dirname(file),
    folder: new RunFolder(join(place.runs, runName)),
  };
}

/** The seeds of an arm's runs: the first alone where the others are members of the same run. */
export function runSeeds(study: Experiment, arm: string): readonly number[] {
  const seeds = study.arms[arm]!.seeds ?? study.seeds;
  return study.seedsAre === "members" ? seeds.slice(0, 1) : seeds;
}

/** Arms with runs of their own, those first whose length depends on no others. */
export function trainedArms(study: Experiment): string[] {
  const own = Object.entries(study.arms).filter(([, arm]) => arm.meanOf === undefined);
  const names = (later: boolean) =>
    own.filter(([, arm]) => (arm.computeOf !== undefined) === later).map(([name]) => name);
  return [...names(false), ...names(true)];
}

/**
 * All runs whose length is known before anything is trained, seed by seed.
 *
 * @throws {ConcordError} for inputs; {ConfigError} of a config.
 */
export async function planStudy(
  loaded: LoadedStudy & { readonly study: Experiment },
  place: StudyPlace,
): Promise<PlannedStudyRun[]> {
  const { study } = loaded;
  requireInputs(study, place.inputs);
  const runs: PlannedStudyRun[] = [];
  const arms = trainedArms(study).filter((arm) => study.arms[arm]!.computeOf === undefined);
  const seedsOf = (arm: string) => runSeeds(study, arm);
  for (const seed of new Set(arms.flatMap(seedsOf)))
    for (const arm of arms)
      if (seedsOf(arm).includes(seed))
        runs.push(await planStudyRun(loaded, place, { ...study.arms[arm], name: arm }, seed));
  return runs;
}
