/**
 * @file The reduced form of a study, `concord study run --quick`: a few arms and short runs, which
 *   show in minutes that the study still runs. Its numbers answer nothing, so they lie with its
 *   runs.
 */

import { join } from "node:path";
import { given } from "../../base/given.ts";
import { ConcordError } from "../../errors.ts";
import { reducedFigure, type StudyFigure } from "./figures/kinds.ts";
import type { LoadedStudy } from "./load-study.ts";
import {
  type Arm,
  type ComputedRun,
  type Experiment,
  isBenchmark,
  type QuickForm,
} from "./study.ts";

/** Arms that an arm names: what it is compared with, made of, or as long as. */
function namedBy({ baseline, computeOf = [], meanOf = [] }: Arm): string[] {
  return [...(baseline === undefined ? [] : [baseline]), ...computeOf, ...meanOf];
}

/** Some arms and all that they need, in the order of the study. */
export function withNeeded(study: Experiment, wanted: readonly string[]): string[] {
  const needed = new Set<string>();
  const add = (name: string): void => {
    if (needed.has(name)) return;
    needed.add(name);
    for (const other of namedBy(study.arms[name]!)) add(other);
  };
  for (const name of wanted) add(name);
  return Object.keys(study.arms).filter((name) => needed.has(name));
}

/** Computes the arms that are wanted, with runs as short as the quick form says. */
function shortened(
  compute: NonNullable<Experiment["compute"]>,
  arms: readonly string[],
  settings: readonly string[],
): NonNullable<Experiment["compute"]> {
  const short = (run: ComputedRun) => ({ ...run, settings: [...run.settings, ...settings] });
  return async (seed, context) => {
    const found = await compute(seed, {
      ...context,
      arms,
      train: (run) => context.train(short(run)),
      open: (run) => context.open(short(run)),
    });
    return found.filter(({ arm }) => arms.includes(arm));
  };
}

/** An experiment as its `quick` reduces it. It keeps no verdicts and no tables of its own. */
function reduced(study: Experiment, { arms: wanted, settings = [], seeds }: QuickForm): Experiment {
  const { arms, compute, baseline, title, question } = study;
  const names = withNeeded(study, wanted ?? Object.keys(arms));
  const shorter = names.map((name): [string, Arm] => {
    const { seeds: _, ...arm } = arms[name]!;
    return [name, { ...arm, settings: [...(arm.settings ?? []), ...settings] }];
  });
  const own = names.filter((name) => arms[name]!.meanOf === undefined);
  return given({
    title: `${title} (quick form)`,
    question: `${question}\n\nThis is the reduced form of the study. It shows that the study runs; its numbers answer nothing.`,
    config: study.config,
    settings: study.settings,
    inputs: study.inputs,
    // Members are compared with each other, so one alone would show nothing.
    seeds: seeds ?? (study.seedsAre === "members" ? study.seeds : study.seeds.slice(0, 1)),
    seedsAre: study.seedsAre,
    arms: Object.fromEntries(shorter),
    baseline: baseline !== undefined && names.includes(baseline) ? baseline : undefined,
    measures: study.measures,
    curves: study.curves,
    figures: figuresOf(study, names),
    compute: compute && shortened(compute, own, settings),
  });
}

/** Figures without other arms; those of which nothing is left are left out. */
function figuresOf({ figures = {} }: Experiment, arms: readonly string[]) {
  const kept = Object.entries(figures).flatMap(([name, figure]): [string, StudyFigure][] => {
    const own = reducedFigure(figure, (arm) => arms.includes(arm));
    return own ? [[name, own]] : [];
  });
  return Object.fromEntries(kept);
}

/**
 * The reduced form of a study, as its `quick` declares it. Its runs, numbers.json and page lie in
 * `<runs>/<study>-quick`; the study's own numbers and page stay as they are.
 *
 * @param runs Folder of all runs.
 * @throws {ConcordError} `argument/invalid` for a benchmark, and for a study without `quick`.
 */
export function quickStudy(loaded: LoadedStudy, runs: string): LoadedStudy {
  const { study, name, file } = loaded;
  if (isBenchmark(study) || study.quick === undefined)
    throw new ConcordError("argument/invalid", `${name} has no quick form.`, {
      hint: `Declare one in ${file}: quick: { seeds: [1], arms: [...], settings: ["training.steps=20"] }`,
    });
  const quickName = `${name}-quick`;
  return {
    name: quickName,
    folder: join(runs, quickName),
    file,
    study: reduced(study, study.quick),
  };
}
