/**
 * Pairs share their members' packed atoms, which must be those of the step: after training, every
 * pair is matched as if it were alone.
 */
import { expect, test } from "vitest";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import { matchOneToOne } from "../../consistency/matching/one-to-one.ts";
import { openSyntheticSource } from "../../domains/synthetic/synthetic-source.ts";
import { createPopulation } from "../create-population.ts";
import { trainPopulation } from "../train-population.ts";
import type { Coupling } from "./coupling.ts";
import { MFR_DEFAULTS, MutualFeatureRegularization } from "./mfr.ts";

const native = [...backendNames].filter((n) => n !== "reference")[0];

test.runIf(native !== undefined)("every pair of three is matched anew in every step", async () => {
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
  const inner = new MutualFeatureRegularization(population, {
    ...MFR_DEFAULTS,
    weight: 1,
    seed: 0,
  });
  let checked = 0;
  const coupling: Coupling = {
    name: inner.name,
    save: () => inner.save(),
    load: (state) => inner.load(state),
    bytes: (population) => inner.bytes(population),
    async pull(of, now) {
      const pull = await inner.pull(of, now);
      const atoms = of.members.map(({ sae }) => sae.dictionary());
      for (const [i, j] of [
        [0, 1],
        [0, 2],
        [1, 2],
      ] as const) {
        const alone = await matchOneToOne(backend, atoms[i]!, atoms[j]!);
        expect(inner.save().arrays[`pair.${i}.${j}.columns`]).toEqual(alone.partnerOfA);
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
  expect(checked).toBe(18);
});
