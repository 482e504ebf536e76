/** How alike members are before their first step. */

import { type PlannedRun, parseConfig } from "../../src/config/load-config.ts";
import { plannedMembers } from "../../src/config/members.ts";
import { comparePair } from "../../src/consistency/compare-dictionaries.ts";
import { dictionaryOf } from "../../src/consistency/matching/dictionary.ts";
import { NullModels } from "../../src/consistency/null-model.ts";
import { startMembers } from "../../src/experiments/init-from.ts";
import type { Measure } from "../../src/index.ts";
import { allocatePopulation } from "../../src/population/population.ts";

/** The PW-MCC of the population with its starting weights made again. */
export const startMcc: Measure = {
  name: "start_mcc",
  label: "PW-MCC at step 0",
  async of(run, context) {
    const { folder, config } = run;
    const [{ config: parsed }] = parseConfig(JSON.stringify(config), folder.path) as [PlannedRun];
    const source = await context.open(run);
    try {
      const { dIn, train } = source;
      const settings = { dIn, seed: parsed.seed, totalSteps: run.record.totalSteps! };
      const members = plannedMembers(parsed.population, settings);
      const { backend } = context;
      const { batch } = parsed.training;
      const population = allocatePopulation(backend, { dIn, batch, members });
      await startMembers(backend, population, members, { baseFolder: folder.path, train });
      const nulls = new NullModels(backend);
      const atoms = await Promise.all(
        population.members.map(({ sae }) => {
          const { unit, count, d } = sae.dictionary();
          return dictionaryOf(backend, unit, count, d);
        }),
      );
      const found: { value: number; null: number }[] = [];
      for (const [i, a] of atoms.entries())
        for (const b of atoms.slice(i + 1)) {
          const { mcc, null: none } = await comparePair(backend, a, b, nulls);
          found.push({ value: mcc, null: none.mcc });
        }
      const mean = (key: "value" | "null") =>
        found.reduce((sum, one) => sum + one[key], 0) / found.length;
      return { value: mean("value"), null: mean("null") };
    } finally {
      await source.close();
    }
  },
};
