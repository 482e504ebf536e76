/** @file One seed of the study: everything trained and evaluated on every data set. */

import { type ArmNumbers, type ComputeContext, comparePopulation } from "../../src/index.ts";
import type { Population } from "../../src/population/population.ts";
import { cleanSource, type DataSet, openRecordings, SIMULATED, trainingSource } from "./data.ts";
import { type Arm, baselines, denoisersOf, populationArms, trained } from "./denoisers.ts";
import { type ArmResult, evaluated } from "./evaluation.ts";
import { STUDY } from "./settings.ts";

/** How SAEs are trained: on pairs, or on clean windows alone, and with how many active latents. */
const TRAININGS = {
  pairs: { windows: "pairs", k: STUDY.k },
  clean: { windows: "clean", k: STUDY.k },
  k16: { windows: "pairs", k: STUDY.fewerK },
} as const;

/** What an arm showed beside the denoising itself, by measure. */
interface Extra {
  readonly numbers: Readonly<Record<string, number>>;
  readonly nulls?: Readonly<Record<string, number>>;
}

/** Metrics by the names of the study's measures: `gain_-5`, `alpha_0`, `gain_blinks`. */
function measuresOf({ bySnr, byKind }: ArmResult): Record<string, number> {
  const short = (name: string) => {
    if (name === "snr_gain") return "gain";
    return name === "target_correlation" ? "correlation" : name.replace("band_error_", "");
  };
  const ofRatios = Object.entries(bySnr).flatMap(([snr, all]) =>
    Object.entries(all).map(([name, value]): [string, number] => [`${short(name)}_${snr}`, value]),
  );
  const ofKinds = Object.entries(byKind).map(([kind, v]): [string, number] => [`gain_${kind}`, v]);
  return Object.fromEntries([...ofRatios, ...ofKinds]);
}

/** Trains and evaluates everything on one data set. */
async function computeSet(
  { backend, clock, told }: ComputeContext,
  set: DataSet,
  seed: number,
): Promise<ArmNumbers[]> {
  const clean = await cleanSource(set, seed, backend);
  const open = (windows: "pairs" | "clean") => trainingSource(set, seed, windows, backend);
  const base = await baselines(backend, await open("clean"), await open("pairs"));
  told(`${set.name}: baselines fitted`);
  const arms: Arm[] = [...base.arms];
  const extra = new Map<string, Extra>([
    ["pca-all", { numbers: { components: base.pca.most } }],
    ["pca-chosen", { numbers: { components: base.pca.chosen } }],
  ]);
  for (const [training, { windows, k }] of Object.entries(TRAININGS)) {
    const add = async (kind: string, members: Population["members"], share?: number) => {
      const name = `${training}.${kind}`;
      const denoisers = await denoisersOf(backend, members, clean.layout);
      if (kind === "single") return void arms.push({ name, denoisers });
      arms.push(...populationArms(name, denoisers));
      const dictionaries = members.map(({ sae }) => sae.dictionary());
      const { pwMcc } = await comparePopulation(backend, dictionaries);
      const numbers = {
        ...(pwMcc && { pw_mcc: pwMcc.mean }),
        ...(share !== undefined && { coupling_share: share }),
      };
      extra.set(`${name}.member`, { numbers, ...(pwMcc && { nulls: { pw_mcc: pwMcc.null } }) });
    };
    const { steps, members: n } = STUDY;
    // Both populations on one stream: the same weights to begin with, the same windows and noise.
    const sizes = { members: 2 * n, coupled: n, steps, k };
    const both = await trained({ backend, seed, clock }, await open(windows), sizes);
    const { total, coupling } = both.time;
    await add("mfr", both.population.members.slice(0, n), coupling / (total - coupling));
    await add("uncoupled", both.population.members.slice(n));
    const one = { members: 1, coupled: 0, steps: n * steps, k };
    const single = await trained({ backend, seed, clock }, await open(windows), one);
    await add("single", single.population.members);
    told(`${set.name}: ${training} trained`);
  }
  return (await evaluated(clean, arms, seed)).map((result) => {
    const { numbers, nulls } = extra.get(result.arm) ?? { numbers: {} };
    return {
      arm: `${set.name}.${result.arm}`,
      seed,
      numbers: { ...measuresOf(result), ...numbers },
      ...(nulls && { nulls }),
    };
  });
}

/** All arms under one seed. */
export async function computeSeed(seed: number, context: ComputeContext): Promise<ArmNumbers[]> {
  const found: ArmNumbers[] = [];
  for (const set of [...openRecordings(context.inputs["recordings"]!), SIMULATED])
    found.push(...(await computeSet(context, set, seed)));
  return found;
}
