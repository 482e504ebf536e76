/** @file Everything that denoises in the study: populations, and the baselines. */

import type { Backend } from "../../src/backend/backend.ts";
import {
  bandPassDenoiser,
  inZScores,
  waveletDenoiser,
} from "../../src/domains/eeg/denoise/denoisers/channel-denoisers.ts";
import {
  chooseComponents,
  pcaDenoiser,
  principalComponents,
} from "../../src/domains/eeg/denoise/denoisers/principal-components.ts";
import { meanDenoiser, saeDenoiser } from "../../src/domains/eeg/denoise/denoisers/sae-denoiser.ts";
import { type Denoiser, NOTHING_DONE } from "../../src/domains/eeg/denoise/evaluate-denoising.ts";
import type { EegSource } from "../../src/domains/eeg/source/eeg-source.ts";
import { MFR_DEFAULTS, MutualFeatureRegularization } from "../../src/population/couplings/mfr.ts";
import { createPopulation } from "../../src/population/create-population.ts";
import type { Population } from "../../src/population/population.ts";
import { trainPopulation } from "../../src/population/train-population.ts";
import type { SignalLayout } from "../../src/sources/source.ts";
import { STUDY } from "./settings.ts";

/**
 * One way to denoise: its name behind that of the data set, and what does it. The numbers of
 * several denoisers are averaged.
 */
export interface Arm {
  readonly name: string;
  readonly denoisers: readonly Denoiser[];
}

export interface Training {
  readonly backend: Backend;
  readonly seed: number;
  readonly clock: () => number;
}

/** Seconds of training steps: all, and those of them in a coupling. */
export interface TrainingTime {
  readonly total: number;
  readonly coupling: number;
}

/**
 * Trains a population on the source's stream from its beginning.
 *
 * @param options.coupled Members that MFR couples, the first ones; as many others are given the
 *   same seeds, and left alone.
 */
export async function trained(
  { backend, seed, clock }: Training,
  source: EegSource,
  options: {
    readonly members: number;
    readonly coupled: number;
    readonly steps: number;
    readonly k: number;
  },
): Promise<{ population: Population; time: TrainingTime }> {
  const { dSae, lr, batch, deadAfter, weight } = STUDY;
  const { members, coupled, steps: totalSteps, k } = options;
  const seedOf = (i: number) => 100 * (seed + 1) + (i % Math.max(1, members - coupled));
  const population = await createPopulation(backend, {
    dIn: source.dIn,
    dSae,
    k,
    lr,
    batch,
    warmupSteps: 20,
    auxK: { deadAfterTokens: deadAfter, kAux: 64 },
    seeds: Array.from({ length: members }, (_, i) => seedOf(i)),
  });
  const first = Array.from({ length: coupled }, (_, i) => i);
  const mfr = { ...MFR_DEFAULTS, weight, seed };
  const coupling =
    coupled > 0 ? new MutualFeatureRegularization(population, mfr, first) : undefined;
  let [total, inCoupling] = [0, 0];
  const stream = source.train;
  const run = { population, stream, coupling, firstStep: 0, totalSteps, clock };
  for await (const { timing } of trainPopulation(run)) {
    total += timing.total / 1000;
    inCoupling += timing.coupling / 1000;
  }
  return { population, time: { total, coupling: inCoupling } };
}

/** Members of a population as denoisers of windows in µV. */
export async function denoisersOf(
  backend: Backend,
  members: Population["members"],
  layout: SignalLayout,
): Promise<Denoiser[]> {
  const saes = members.map((m) => saeDenoiser(backend, m.name, m.sae.inference()));
  return (await Promise.all(saes)).map((sae) => inZScores(sae, layout));
}

/** Members one by one, and the mean of what they make. */
export function populationArms(name: string, members: readonly Denoiser[]): Arm[] {
  return [
    { name: `${name}.member`, denoisers: members },
    { name: `${name}.mean`, denoisers: [meanDenoiser(name, members)] },
  ];
}

/** How many components of how many windows PCA could have. */
export interface PcaFacts {
  readonly windows: number;
  readonly most: number;
  /** What pairs of training windows chose. */
  readonly chosen: number;
}

/**
 * What needs no SAE. PCA is fitted to clean training windows; pairs of a pass choose its
 * components.
 */
export async function baselines(
  backend: Backend,
  clean: EegSource,
  pairs: EegSource,
): Promise<{ arms: Arm[]; pca: PcaFacts }> {
  const { layout, dIn } = clean;
  const windows = clean.train.rowsPerPass!;
  const rows = () => new Float32Array(windows * dIn);
  const [scaled, noisy, targets] = [rows(), rows(), rows()];
  await clean.train.next(scaled);
  await pairs.train.next(noisy, targets);
  const most = Math.min(STUDY.dSae, windows - 1);
  const pca = await principalComponents(backend, scaled, dIn, most);
  const choice = await chooseComponents(backend, pca, { noisy, clean: targets });
  const first = (count: number) => new Float64Array(count).fill(1);
  const kept = (name: string, gains: ArrayLike<number>): Arm => ({
    name,
    denoisers: [inZScores(pcaDenoiser(backend, name, pca, gains), layout)],
  });
  const arms = [
    { name: "nothing", denoisers: [NOTHING_DONE] },
    { name: "band-pass", denoisers: [bandPassDenoiser("band-pass", layout, STUDY.band)] },
    { name: "wavelets", denoisers: [waveletDenoiser("wavelets", layout)] },
    ...[STUDY.k, STUDY.fewerK].map((k) => kept(`pca-${k}`, first(k))),
    kept("pca-all", first(most)),
    kept("pca-chosen", first(choice.count)),
    kept("pca-gains", choice.gains),
  ];
  return { arms, pca: { windows, most, chosen: choice.count } };
}
