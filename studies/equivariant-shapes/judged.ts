/** @file What SAEs are worth on the same held-out rows. */

import { runProbes } from "../../src/analyses/probes/run-probes.ts";
import { orbitNumbers } from "../../src/evaluate/orbit-sums.ts";
import { alignLabels } from "../../src/evaluate/probes/align-labels.ts";
import { blindScores } from "../../src/evaluate/probes/scores.ts";
import {
  type ArmNumbers,
  type Backend,
  comparePair,
  dictionaryOf,
  evaluateSaes,
  ModuloGroup,
  type Sae,
  type Source,
} from "../../src/index.ts";
import { deadFraction } from "../../src/metrics/dead-fraction.ts";
import { l0 } from "../../src/metrics/l0.ts";
import type { RowLabels } from "../../src/sources/row-labels.ts";
import { PROBE_SETS, probeMeasure, SCORES_SHOWN } from "./measures.ts";

/** Numbers of an arm, with the nulls of those that have one. */
export type Numbers = Pick<ArmNumbers, "numbers"> & { readonly nulls?: Record<string, number> };

/** An SAE under a name. */
export interface Named {
  readonly name: string;
  readonly sae: Sae;
}

/** Held-out rows that probes are fitted and tried on: 1,024 pictures in four turns. */
const PROBED_ROWS = 4096;

const pause = async () => {};

/** Reconstruction and codes of each SAE, in their order. */
export async function reconstruction(
  backend: Backend,
  saes: readonly Named[],
  { heldOut, dIn, symmetry }: Source,
): Promise<Record<string, number>[]> {
  const all = saes.map(({ sae }) => sae);
  const orbits = await orbitNumbers(backend, all, heldOut, symmetry!, pause);
  const sums = await evaluateSaes(backend, all, heldOut, dIn);
  return orbits.map(({ fvu, fvuPosed, fvuBestPose, codeChange }, i) => ({
    fvu,
    fvu_posed: fvuPosed,
    fvu_best_pose: fvuBestPose,
    pose_change: codeChange,
    l0: l0.compute(sums[i]!),
    dead_fraction: deadFraction.compute(sums[i]!),
  }));
}

/** What tasks that ask for the picture as it was drawn are called, behind their kind. */
const UPRIGHT = ", upright";

/**
 * Tasks in both readings: of what is seen in each pose, and of the picture as it was drawn. Where
 * the two have the same answers there is one.
 */
export function bothReadings(seen: RowLabels, drawn: RowLabels): RowLabels {
  const poses = seen.things / drawn.things;
  const others = Array.from(drawn.tasks.keys()).filter(
    (t) => drawn.tasks[t]!.class !== "invariant",
  );
  const [a, b] = [seen.tasks.length, drawn.tasks.length];
  const tasks = [
    ...seen.tasks,
    ...others.map((t) => {
      const { name, class: kind } = drawn.tasks[t]!;
      return { name: `${name}${UPRIGHT}`, class: `${kind}${UPRIGHT}` };
    }),
  ];
  const values = new Uint8Array(seen.things * tasks.length);
  let at = 0;
  for (let row = 0; row < seen.things; row++) {
    for (let t = 0; t < a; t++) values[at++] = seen.values[row * a + t]!;
    const picture = Math.floor(row / poses);
    for (const t of others) values[at++] = drawn.values[picture * b + t]!;
  }
  return { tasks, things: seen.things, values };
}

/** Probes of codes and of the rows themselves, by name. */
export async function probed(
  backend: Backend,
  saes: readonly Named[],
  source: Source,
  labels: RowLabels,
  seed: number,
): Promise<Map<string, Numbers>> {
  const members = saes.map(({ name, sae }) => {
    return { name, sae, architecture: name, seed, coupled: true, setting: {} };
  });
  const found = await runProbes(
    { backend, members, source, seed, pause, phaseDone() {}, onLooked() {} },
    alignLabels(labels, source),
    {
      probes: ["logistic"],
      lengths: ["all"],
      by: "largest",
      topK: [],
      raw: true,
      rows: PROBED_ROWS,
      c: 1,
      trees: 100,
      depth: 6,
    },
    undefined,
  );
  const { tasks } = found;
  return new Map(
    found.probed.map((one) => {
      const numbers: Record<string, number> = {};
      const nulls: Record<string, number> = {};
      for (const [set, kinds] of Object.entries(PROBE_SETS)) {
        const own = Array.from(tasks.keys()).filter((t) => kinds.includes(tasks[t]!.class));
        if (own.length === 0) continue;
        const mean = (of: (task: number) => number) =>
          own.reduce((sum, task) => sum + of(task) / own.length, 0);
        for (const score of SCORES_SHOWN) {
          const name = probeMeasure(score, set);
          numbers[name] = mean((task) => one.tasks[score][task]!);
          nulls[name] = mean((task) => blindScores(tasks[task]!.share)[score]);
        }
      }
      return [one.input, { numbers, nulls }];
    }),
  );
}

/** How alike two members of one method are, plain and modulo the group. */
export async function agreement(
  backend: Backend,
  [a, b]: readonly [Sae, Sae],
  { symmetry }: Source,
): Promise<Numbers> {
  const of = (sae: Sae) => dictionaryOf(backend, sae.decoder, sae.dSae, sae.dIn);
  const [one, other] = [await of(a), await of(b)];
  const similarity = await comparePair(backend, one, other);
  const modulo = await new ModuloGroup(backend, symmetry!).compare(one, other);
  return {
    numbers: { pw_mcc: similarity.mcc, pw_mcc_modulo: modulo.mcc },
    nulls: { pw_mcc: similarity.null.mcc, pw_mcc_modulo: modulo.null },
  };
}
