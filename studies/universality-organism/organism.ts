/** @file One population of the organism: trained, and compared on the way. */

import { mean } from "../../src/base/statistics/mean.ts";
import { nullMcc } from "../../src/consistency/null-model.ts";
import {
  type ComputeContext,
  createPopulation,
  type Dictionary,
  dictionariesOf,
  dictionaryOf,
  matchOneToOne,
  openSyntheticSource,
  type SyntheticSource,
  trainPopulation,
} from "../../src/index.ts";
import {
  allocatePopulation,
  initialisePopulation,
  type Population,
} from "../../src/population/population.ts";
import { PublishedSae } from "./published-sae.ts";
import { BATCH, D_IN, FEATURES, L1, MEMBERS, ROWS, type Setting } from "./settings.ts";

/** One draw of so small a shape has a standard deviation of 0.02. */
const NULL_DRAWS = 100;

/** How alike members are to each other and to the truth after some steps. */
export interface Point {
  readonly step: number;
  readonly pwMcc: number;
  readonly gtMcc: number;
}

/** A trained population with what was measured on the way. */
export interface Organism {
  readonly population: Population;
  readonly dictionaries: readonly Dictionary[];
  readonly source: SyntheticSource;
  readonly truth: Dictionary;
  readonly points: readonly Point[];
  readonly nulls: { readonly pwMcc: number; readonly gtMcc: number };
}

/** Seeds of the members: those published for data seed 42, and others for other data. */
export const memberSeeds = (dataSeed: number): number[] =>
  Array.from({ length: MEMBERS }, (_, i) => 42 + MEMBERS * (dataSeed - 42) + i);

async function populationOf(
  context: Pick<ComputeContext, "backend">,
  setting: Setting,
  dataSeed: number,
): Promise<Population> {
  const { backend } = context;
  const { sae, by, dSae, active, lr } = setting;
  const seeds = memberSeeds(dataSeed);
  const k = sae === "topk" ? active : undefined;
  if (by === "published") {
    const members = seeds.map((seed) => ({
      name: `seed-${seed}`,
      seed,
      lr,
      schedule: { warmupSteps: 0, decayStart: undefined },
      create: (of: ConstructorParameters<typeof PublishedSae>[0]) =>
        new PublishedSae(of, { dSae, k, l1: L1 }),
    }));
    const population = allocatePopulation(backend, { dIn: D_IN, batch: BATCH, members });
    await initialisePopulation(population);
    return population;
  }
  const common = { dIn: D_IN, dSae, batch: BATCH, lr, seeds, decoderBias: "zero" as const };
  return await createPopulation(
    backend,
    k === undefined
      ? { ...common, architecture: "relu", l1: L1 }
      : { ...common, architecture: "topk", k, clipNorm: false, auxK: false },
  );
}

/**
 * Trains a setting's population on the data of a seed.
 *
 * @param every Steps between two measurements.
 */
export async function trainOrganism(
  context: Pick<ComputeContext, "backend" | "clock">,
  setting: Setting,
  dataSeed: number,
  every: number,
): Promise<Organism> {
  const { backend, clock } = context;
  const { active, decay, steps: totalSteps } = setting;
  const source = await openSyntheticSource(backend, {
    generator: "song",
    seed: dataSeed,
    active,
    decay,
    trainRows: ROWS,
  });
  const { matrix } = source.trueFeatures!;
  const truth = await dictionaryOf(backend, matrix, FEATURES, D_IN);
  const population = await populationOf(context, setting, dataSeed);
  const points: Point[] = [];
  const measure = async (step: number) => {
    const dictionaries = dictionariesOf(population);
    const toTruth: number[] = [];
    const toOthers: number[] = [];
    for (const [a, one] of dictionaries.entries()) {
      toTruth.push((await matchOneToOne(backend, one, truth)).mean);
      for (const other of dictionaries.slice(a + 1))
        toOthers.push((await matchOneToOne(backend, one, other)).mean);
    }
    points.push({ step, pwMcc: mean(toOthers), gtMcc: mean(toTruth) });
  };
  await measure(0);
  const run = { population, stream: source.train, firstStep: 0, totalSteps, clock };
  for await (const { step } of trainPopulation(run)) {
    if ((step + 1) % every === 0 || step + 1 === totalSteps) await measure(step + 1);
  }
  const ofShape = (m: number) => nullMcc(backend, { n: setting.dSae, m, d: D_IN }, NULL_DRAWS);
  return {
    population,
    dictionaries: dictionariesOf(population),
    source,
    truth,
    points,
    nulls: { pwMcc: await ofShape(setting.dSae), gtMcc: await ofShape(FEATURES) },
  };
}
