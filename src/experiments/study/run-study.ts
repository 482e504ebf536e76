/**
 * @file A study from its declaration to its numbers: runs that are missing are trained, finished
 *   ones are read.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Backend } from "../../backend/backend.ts";
import { mean, sum } from "../../base/statistics/mean.ts";
import { ConcordError } from "../../errors.ts";
import { makeFolder } from "../../formats/make-folder.ts";
import type { RunRecord } from "../../runs/run-folder.ts";
import { normalizeSource } from "../../sources/rows/normalized-source.ts";
import type { Source } from "../../sources/source.ts";
import { openSource } from "../open-source.ts";
import type { RunContext } from "../run-context.ts";
import { trainRun } from "../train-run.ts";
import { chosenArms, withChosen } from "./chosen-arms.ts";
import type { LoadedStudy } from "./load-study.ts";
import { MEASURES, measuresOf } from "./measures.ts";
import {
  type PlannedStudyRun,
  planStudy,
  planStudyRun,
  requireInputs,
  runSeeds,
  type StudyPlace,
  trainedArms,
} from "./plan-study.ts";
import {
  type ArmNumbers,
  type ComputedRun,
  type Experiment,
  isBenchmark,
  LINES_FILE,
  type MeasureContext,
  NUMBERS_FILE,
} from "./study.ts";
import {
  readStudyNumbers,
  rounded,
  type StudyNumbers,
  writeStudyNumbers,
} from "./study-numbers.ts";
import { membersOf, readStudyRun, type StudyRun } from "./study-run.ts";

/** Events of a running study. */
export interface StudyWatcher {
  /** Before a run, and how many will have been there in the end. */
  readonly onRun?: (run: PlannedStudyRun, index: number, total: number) => void;
  /** After a run that was trained now. */
  readonly onTrained?: (run: PlannedStudyRun) => Promise<void>;
  /** Says what `compute` has done. */
  readonly told?: (what: string) => void;
}

/** Does the work of a study in other processes, before it is read here. */
export interface Elsewhere {
  /** Trains runs. @throws {ConcordError} when one of them has not finished in the end. */
  readonly train: (runs: readonly PlannedStudyRun[]) => Promise<void>;
  /** Computes seeds of a study that computes its arms together. @returns Their numbers, by seed. */
  readonly compute: (
    loaded: LoadedStudy,
    seeds: readonly number[],
  ) => Promise<ReadonlyMap<number, StudyNumbers>>;
}

/** How to run a study. */
export interface RunStudyOptions extends StudyPlace, StudyWatcher {
  /** What `trainRun` needs; the folder of each config is filled in. */
  readonly context: Omit<RunContext, "baseFolder">;
  /** Train and measure these arms alone; the numbers of the others stay. Default: all. */
  readonly arms?: readonly string[] | undefined;
  /** Undefined: this process trains one run after the other. */
  readonly elsewhere?: Elsewhere | undefined;
}

type LoadedExperiment = LoadedStudy & { readonly study: Experiment };

function experimentOf(loaded: LoadedStudy): LoadedExperiment {
  const { study, folder, name } = loaded;
  if (isBenchmark(study))
    throw new ConcordError("argument/invalid", `${name} is a benchmark: it trains nothing.`, {
      hint: `${study.command} > ${join(folder, LINES_FILE)}, then concord study render ${name}`,
    });
  return { ...loaded, study };
}

const idOf = (arm: string, seed: number) => `${arm} ${seed}`;

/** The rows of a config, its training rows normalised as it says. */
async function openRows(
  { planned: { config }, baseFolder }: Pick<PlannedStudyRun, "planned" | "baseFolder">,
  context: RunStudyOptions["context"],
): Promise<Source> {
  return normalizeSource(
    await openSource(config, { ...context, baseFolder }),
    config.source.normalize,
  );
}

/** Finished runs by arm and seed, and what measures may ask of them. */
class FinishedRuns implements MeasureContext {
  readonly backend: Backend;
  readonly open = ({ folder }: StudyRun): Promise<Source> =>
    openRows(this.#planned.get(folder.path)!, this.#context);
  readonly #study: Experiment;
  readonly #context: RunStudyOptions["context"];
  readonly #runs = new Map<string, StudyRun>();
  /** How each run was planned, by its folder. */
  readonly #planned = new Map<string, PlannedStudyRun>();

  constructor(study: Experiment, context: RunStudyOptions["context"]) {
    this.#study = study;
    this.#context = context;
    this.backend = context.backend;
  }

  get all(): StudyRun[] {
    return [...this.#runs.values()];
  }

  add(run: StudyRun, planned: PlannedStudyRun): void {
    this.#runs.set(idOf(run.arm, run.seed), run);
    this.#planned.set(run.folder.path, planned);
  }

  run(arm: string, seed: number): StudyRun | undefined {
    return this.#runs.get(idOf(arm, seed));
  }

  baselineOf(arm: string): string | undefined {
    const { arms, baseline } = this.#study;
    return arms[arm]?.baseline ?? baseline ?? Object.keys(arms)[0];
  }
}

/** Mean cost of a step of some arms, over their seeds. */
async function costOf(arms: readonly string[], runs: FinishedRuns): Promise<number> {
  const measure = MEASURES.get("step_cost")!;
  const costs: number[] = [];
  for (const run of runs.all.filter(({ arm }) => arms.includes(arm))) {
    const cost = await measure.of(run, runs);
    if (cost) costs.push(cost.value);
  }
  if (costs.length === 0)
    throw new ConcordError("argument/invalid", `No run of ${arms.join(", ")} has logged a step.`);
  return mean(costs);
}

/** What computed some runs, each kind once, in the order of their texts. */
function madeWith(records: readonly RunRecord[]): StudyNumbers["made_with"] {
  const kinds = records.map(({ versions, backend }) =>
    JSON.stringify({
      concord: versions["concord"] ?? "unknown",
      node: versions["node"] ?? "unknown",
      backend: backend.name,
      isa: backend.isa,
    }),
  );
  return [...new Set(kinds)].toSorted().map((kind) => JSON.parse(kind));
}

/** Digits of the points of curves, which are drawn only. */
const CURVE_DIGITS = 4;

async function curvesOf(run: StudyRun, { curves = [] }: Experiment, runs: FinishedRuns) {
  const found: Record<string, { x: number[]; y: number[] }> = {};
  const short = (values: readonly number[]) =>
    values.map((value) => Number(value.toPrecision(CURVE_DIGITS)));
  for (const { name, of } of curves) {
    const points = await of(run, runs);
    if (points) found[name] = { x: short(points.x), y: short(points.y) };
  }
  return found;
}

async function measured(run: StudyRun, study: Experiment, runs: FinishedRuns): Promise<ArmNumbers> {
  const numbers: Record<string, number> = {};
  const nulls: Record<string, number> = {};
  for (const measure of measuresOf(study.measures)) {
    const found = await measure.of(run, runs);
    if (!found || !Number.isFinite(found.value)) continue;
    numbers[measure.name] = rounded(found.value);
    if (found.null !== undefined) nulls[measure.name] = rounded(found.null);
  }
  const curves = await curvesOf(run, study, runs);
  const { arm, seed } = run;
  return {
    arm,
    seed,
    numbers,
    ...(Object.keys(nulls).length > 0 ? { nulls } : {}),
    ...(Object.keys(curves).length > 0 ? { curves } : {}),
  };
}

/** Trains what is missing of an experiment of runs, and measures all of them. */
async function trained(loaded: LoadedExperiment, options: RunStudyOptions): Promise<StudyNumbers> {
  const { study } = loaded;
  const { context } = options;
  const runs = new FinishedRuns(study, context);
  const known = await planStudy(loaded, options);
  const later = trainedArms(study).filter((arm) => study.arms[arm]!.computeOf !== undefined);
  const seedsOf = (arm: string) => runSeeds(study, arm);
  const total = known.length + sum(later.map((arm) => seedsOf(arm).length));
  let [index, seconds] = [0, 0];
  const finish = async (one: PlannedStudyRun) => {
    const { arm, seed, planned, baseFolder, folder } = one;
    options.onRun?.(one, index++, total);
    const before = folder.exists ? (await folder.readRecord()).attempts.length : 0;
    await trainRun(planned, { ...context, baseFolder }, true);
    const run = await readStudyRun(folder, arm, seed);
    if (run.record.attempts.length > before) await options.onTrained?.(one);
    for (const found of study.seedsAre === "members" ? membersOf(run) : [run]) runs.add(found, one);
    seconds += run.record.measured?.["training_seconds"] ?? 0;
  };
  await options.elsewhere?.train(known);
  for (const one of known) await finish(one);
  const longer: PlannedStudyRun[] = [];
  for (const arm of later) {
    const factor = await costOf(study.arms[arm]!.computeOf!, runs);
    for (const seed of seedsOf(arm))
      longer.push(
        await planStudyRun(loaded, options, { ...study.arms[arm], name: arm }, seed, factor),
      );
  }
  if (longer.length > 0) await options.elsewhere?.train(longer);
  for (const one of longer) await finish(one);
  const numbers: ArmNumbers[] = [];
  for (const run of runs.all) numbers.push(await measured(run, study, runs));
  return {
    format: 1,
    made_with: madeWith(runs.all.map(({ record }) => record)),
    training_seconds: Math.round(seconds),
    runs: numbers.map(asFile),
  };
}

const asFile = (one: ArmNumbers): StudyNumbers["runs"][number] => {
  const { arm, seed, numbers, nulls, curves } = one;
  const points = Object.entries(curves ?? {}).map(([name, { x, y }]) => [
    name,
    { x: [...x], y: [...y] },
  ]);
  return {
    arm,
    seed,
    numbers: { ...numbers },
    ...(nulls ? { nulls: { ...nulls } } : {}),
    ...(points.length > 0 ? { curves: Object.fromEntries(points) } : {}),
  };
};

/**
 * The numbers of one seed of a study that computes its arms together.
 *
 * @throws {ConcordError} for inputs; what `compute` throws; "interrupted" after the signal.
 */
export async function computeSeed(
  loaded: LoadedStudy,
  seed: number,
  options: RunStudyOptions,
): Promise<StudyNumbers> {
  const own = experimentOf(loaded);
  const { study } = own;
  requireInputs(study, options.inputs);
  const plan = (run: ComputedRun) => planStudyRun(own, options, run, seed);
  const { backend, versions, clock, catalogue } = options.context;
  const found = await study.compute!(seed, {
    arms: trainedArms(study),
    backend,
    clock,
    inputs: options.inputs,
    told: (what: string) => options.told?.(`seed ${seed}: ${what}`),
    catalogue,
    async train(run: ComputedRun) {
      const { planned, baseFolder } = await plan(run);
      return (await trainRun(planned, { ...options.context, baseFolder }, true)).folder;
    },
    async open(run: ComputedRun) {
      return await openRows(await plan(run), options.context);
    },
  });
  const made = {
    concord: versions["concord"] ?? "unknown",
    node: versions["node"] ?? "unknown",
    backend: backend.name,
    isa: backend.isa,
  };
  const rows = found.map((one) => {
    const entries = Object.entries(one.numbers).map(([key, value]) => [key, rounded(value)]);
    return asFile({ ...one, seed, numbers: Object.fromEntries(entries) });
  });
  return { format: 1, made_with: [made], runs: rows };
}

/** Computes the seeds that the numbers lack, and writes them seed by seed. */
async function computed(
  loaded: LoadedExperiment,
  path: string,
  options: RunStudyOptions,
): Promise<StudyNumbers> {
  const { study } = loaded;
  requireInputs(study, options.inputs);
  const arms = trainedArms(study);
  let numbers: StudyNumbers = existsSync(path)
    ? await readStudyNumbers(path)
    : { format: 1, made_with: [], runs: [] };
  const lacking = study.seeds.filter((seed) => {
    const there = new Set(numbers.runs.filter((run) => run.seed === seed).map(({ arm }) => arm));
    return !arms.every((arm) => there.has(arm));
  });
  const known = await options.elsewhere?.compute(loaded, lacking);
  for (const seed of lacking) {
    const found = known?.get(seed) ?? (await computeSeed(loaded, seed, options));
    const others = numbers.runs.filter((run) => run.seed !== seed);
    const kinds = [...numbers.made_with, ...found.made_with].map((kind) => JSON.stringify(kind));
    numbers = {
      ...numbers,
      made_with: [...new Set(kinds)].map((kind) => JSON.parse(kind)),
      runs: [...others, ...found.runs],
    };
    await writeStudyNumbers(path, numbers);
  }
  return numbers;
}

/**
 * Runs a study and writes its numbers.json: one run after the other, seed by seed, so that an
 * interruption leaves whole seeds. What has finished is not trained again.
 *
 * @throws {ConcordError} for a benchmark; for inputs; for `arms` that do not exist; `run/conflict`
 *   when a run of that name was made with other settings; "interrupted" after the signal.
 */
export async function runStudy(
  loaded: LoadedStudy,
  options: RunStudyOptions,
): Promise<StudyNumbers> {
  const own = experimentOf(loaded);
  // The quick form of a study has a folder of its own.
  await makeFolder(own.folder);
  const path = join(own.folder, NUMBERS_FILE);
  if (own.study.compute !== undefined && !options.arms) return await computed(own, path, options);
  const { arms } = options;
  const chosen = arms ? { ...own, study: chosenArms(own.study, arms) } : own;
  const found = await trained(chosen, options);
  const before = arms && existsSync(path) ? await readStudyNumbers(path) : undefined;
  const numbers = before ? withChosen(own.study, before, found) : found;
  await writeStudyNumbers(path, numbers);
  return numbers;
}
