/**
 * @file MCC of members with SAEs that no coupling touched: those of the uncoupled arm with the same
 *   data and other seeds. An uncoupled run has them already, so none is trained for this alone.
 */

import { existsSync } from "node:fs";
import type { Backend } from "../../src/backend/backend.ts";
import { comparePair } from "../../src/consistency/compare-dictionaries.ts";
import { type Dictionary, dictionaryOf } from "../../src/consistency/matching/dictionary.ts";
import { NullModels } from "../../src/consistency/null-model.ts";
import { loadSae } from "../../src/interchange/saelens.ts";
import type { RunNumber } from "../../src/report/sweep-summary.ts";
import type { ArmRun } from "./arm-runs.ts";
import { coupledNames, type Measure } from "./measures.ts";

interface Member {
  readonly seed: number;
  readonly dictionary: Dictionary;
}

async function dictionaries(
  backend: Backend,
  { data, folder }: ArmRun,
  names: readonly string[],
): Promise<Member[]> {
  const seedOf = new Map(data.evaluation!.members.map(({ name, seed }) => [name, seed]));
  const read = names.map(async (name): Promise<Member> => {
    const { decoder, dSae, dIn } = await loadSae(backend, folder.file("saes", name));
    return { seed: seedOf.get(name)!, dictionary: await dictionaryOf(backend, decoder, dSae, dIn) };
  });
  return Promise.all(read);
}

/**
 * Where a run keeps the number: exact matching of large dictionaries takes a while, and finished
 * runs do not change.
 */
const KEPT = "results/uncoupled.json";

async function measured(
  backend: Backend,
  nulls: NullModels,
  run: ArmRun,
  uncoupled: ArmRun,
): Promise<RunNumber> {
  if (existsSync(run.folder.file(KEPT))) return (await run.folder.readJson(KEPT)) as RunNumber;
  const all = uncoupled.data.evaluation!.members.map(({ name }) => name);
  const others = await dictionaries(backend, uncoupled, all);
  const values: number[] = [];
  let chance = 0;
  for (const own of await dictionaries(backend, run, coupledNames(run.data)))
    for (const other of others) {
      if (other.seed === own.seed) continue;
      const similarity = await comparePair(backend, own.dictionary, other.dictionary, nulls);
      values.push(similarity.mcc);
      chance = similarity.null.mcc;
    }
  const value = values.reduce((sum, v) => sum + v / values.length, 0);
  const found = { value, null: chance };
  await run.folder.writeJson(KEPT, found);
  return found;
}

/**
 * Measures every run's members against all members of the uncoupled run of the same seed but those
 * that began with the same weights.
 */
export async function outsiderMcc(
  backend: Backend,
  runs: readonly ArmRun[],
  uncoupledOf: (run: ArmRun) => ArmRun | undefined,
): Promise<Measure> {
  const nulls = new NullModels(backend);
  const found = new Map<string, RunNumber>();
  for (const run of runs) {
    const uncoupled = uncoupledOf(run);
    if (uncoupled) found.set(run.folder.path, await measured(backend, nulls, run, uncoupled));
  }
  return {
    label: "MCC with uncoupled SAEs",
    of: ({ folder }) => found.get(folder.path),
  };
}
