/**
 * Pairs share their sides' packed atoms, which must be those of the step. Sides say how far their
 * atoms have moved. After training, every pair is matched as if it were alone.
 */
import { expect, test } from "vitest";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import type { Dictionary } from "../../consistency/matching/dictionary.ts";
import { matchOneToOne } from "../../consistency/matching/one-to-one.ts";
import { openSyntheticSource } from "../../domains/synthetic/synthetic-source.ts";
import { createPopulation } from "../create-population.ts";
import { trainPopulation } from "../train-population.ts";
import type { Coupling } from "./coupling.ts";
import { MATCHED_DEFAULTS, MatchedCoupling, type MatchedKind } from "./matched-coupling.ts";

const native = [...backendNames].filter((n) => n !== "reference")[0];
const uniform = { kind: "uniform" } as const;
const KINDS: readonly MatchedKind[] = [
  { name: "mfr", weights: uniform },
  { name: "teacher", weights: uniform, teachers: { momentum: 0.7, direction: "mutual" } },
];

test.runIf(native !== undefined).each(KINDS)(
  "every pair of $name is matched anew in every step",
  async (kind) => {
    const backend = openNamed(native!);
    // Too many pairs of atoms for all to be candidates.
    const [dIn, dSae] = [16, 520];
    const population = await createPopulation(backend, {
      architecture: "topk_tied",
      dIn,
      dSae,
      k: 4,
      lr: 0.01,
      batch: 64,
      seeds: [0, 1, 2],
    });
    const options = { ...MATCHED_DEFAULTS, weight: 1, seed: 0 };
    const inner = new MatchedCoupling(population, kind, options, [0, 1, 2]);
    let checked = 0;
    const coupling: Coupling = {
      name: inner.name,
      save: () => inner.save(),
      load: (state) => inner.load(state),
      bytes: (population) => inner.bytes(population),
      async pull(of, now) {
        const pull = await inner.pull(of, now);
        const { arrays } = inner.save();
        const sides: Dictionary[] = of.members.map(({ sae }) => sae.dictionary());
        for (const member of kind.teachers ? [0, 1, 2] : [])
          sides.push({
            unit: arrays[`teacher.${member}.unit`] as Float32Array,
            count: dSae,
            d: dIn,
          });
        for (const [name, columns] of Object.entries(arrays)) {
          const [, i, j] = /^pair\.(\d)\.(\d)\.columns$/.exec(name) ?? [];
          if (j === undefined) continue;
          const alone = await matchOneToOne(backend, sides[Number(i)]!, sides[Number(j)]!);
          expect(columns).toEqual(alone.partnerOfA);
          checked++;
        }
        return pull;
      },
    };
    const source = await openSyntheticSource(backend, {
      generator: "mfr",
      dIn,
      features: 32,
      groups: 4,
      active: 3,
      support: "per_sample",
    });
    const run = { population, coupling, stream: source.train, firstStep: 0, totalSteps: 6 };
    for await (const _ of trainPopulation({ ...run, clock: () => 0 }));
    expect(checked).toBe(kind.teachers ? 36 : 18);
  },
);
