/** @file One data set and seed of the study: everything trained and evaluated. */

import type { Backend } from "../../../src/backend/backend.ts";
import { comparePopulation } from "../../../src/consistency/compare-dictionaries.ts";
import type { Population } from "../../../src/population/population.ts";
import {
  type Arm,
  baselines,
  denoisersOf,
  type PcaFacts,
  populationArms,
  type TrainingTime,
  trained,
} from "./arms.ts";
import { cleanSource, type DataSet, trainingSource } from "./data.ts";
import { type ArmResult, evaluated } from "./evaluation.ts";
import { STUDY } from "./settings.ts";

/** What a cell found: plain JSON. */
export interface Cell {
  readonly set: string;
  readonly what: string;
  readonly simulated: boolean;
  readonly seed: number;
  readonly isa: string;
  readonly trainWindows: number;
  readonly heldOutWindows: number;
  readonly pca: PcaFacts;
  readonly arms: readonly ArmResult[];
  /**
   * PW-MCC of the populations' members next to that of unrelated dictionaries, by name of the
   * training.
   */
  readonly agreement: Readonly<Record<string, { readonly mean: number; readonly null: number }>>;
  /** Of the two populations on one stream, by kind of training. */
  readonly times: Readonly<Record<string, TrainingTime>>;
}

/** How SAEs are trained: on pairs, or on clean windows alone, and with how many active latents. */
export const TRAININGS = {
  pairs: { title: "noisy → clean", windows: "pairs", k: STUDY.k },
  clean: { title: "clean only", windows: "clean", k: STUDY.k },
  fewer: { title: `noisy → clean, k ${STUDY.fewerK}`, windows: "pairs", k: STUDY.fewerK },
} as const;
export type TrainingKind = keyof typeof TRAININGS;
export const TRAINING_KINDS = Object.keys(TRAININGS) as TrainingKind[];

/** The SAE arms of a training, in the order of the tables. */
export const POPULATIONS = {
  mfr: `MFR, ${STUDY.members} members`,
  uncoupled: `uncoupled, ${STUDY.members} members`,
  single: `one SAE, ${STUDY.members} × the steps`,
} as const;

export const armName = (training: TrainingKind, population: keyof typeof POPULATIONS) =>
  `${TRAININGS[training].title}: ${POPULATIONS[population]}`;

/** @param clock Milliseconds since any fixed moment. @param told Of every part that is done. */
export async function computeCell(
  backend: Backend,
  set: DataSet,
  seed: number,
  clock: () => number,
  told: (what: string) => void,
): Promise<Cell> {
  const clean = await cleanSource(set, seed, backend);
  const open = (windows: "pairs" | "clean") => trainingSource(set, seed, windows, backend);
  const base = await baselines(backend, await open("clean"), await open("pairs"));
  told("baselines fitted");
  const arms: Arm[] = [...base.arms];
  const times: Record<string, TrainingTime> = {};
  const agreement: Record<string, { mean: number; null: number }> = {};
  for (const training of TRAINING_KINDS) {
    const { title, windows, k } = TRAININGS[training];
    const add = async (kind: keyof typeof POPULATIONS, members: Population["members"]) => {
      const name = armName(training, kind);
      const denoisers = await denoisersOf(backend, members, clean.layout);
      arms.push(...(kind === "single" ? [{ name, denoisers }] : populationArms(name, denoisers)));
      const dictionaries = members.map(({ sae }) => sae.dictionary());
      const { pwMcc } = await comparePopulation(backend, dictionaries);
      if (pwMcc) agreement[name] = pwMcc;
    };
    const { steps, members: n } = STUDY;
    // Both populations on one stream: the same weights to begin with, the same windows and noise.
    const both = await trained({ backend, seed, clock }, await open(windows), {
      members: 2 * n,
      coupled: n,
      steps,
      k,
    });
    await add("mfr", both.population.members.slice(0, n));
    await add("uncoupled", both.population.members.slice(n));
    times[title] = both.time;
    told(`${title}: populations trained, ${both.time.total.toFixed(0)} s`);
    const single = await trained({ backend, seed, clock }, await open(windows), {
      members: 1,
      coupled: 0,
      steps: n * steps,
      k,
    });
    await add("single", single.population.members);
    told(`${title}: one SAE trained, ${single.time.total.toFixed(0)} s`);
  }
  const results = await evaluated(clean, arms, seed);
  return {
    set: set.name,
    what: set.what,
    simulated: set.simulated,
    seed,
    isa: backend.isa,
    trainWindows: clean.train.rowsPerPass!,
    heldOutWindows: clean.heldOut.rows,
    pca: base.pca,
    arms: results,
    agreement,
    times,
  };
}
