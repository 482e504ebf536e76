/**
 * @file How far members agree with SAEs that no coupling touched: those of the baseline arm, of
 *   other seeds on the same data.
 */

import type { Backend } from "../../backend/backend.ts";
import { mean } from "../../base/statistics/mean.ts";
import { comparePair } from "../../consistency/compare-dictionaries.ts";
import { type Dictionary, dictionaryOf } from "../../consistency/matching/dictionary.ts";
import { NullModels } from "../../consistency/null-model.ts";
import { loadSae } from "../../interchange/saelens.ts";
import type { MemberEvaluation } from "../../runs/results.ts";
import type { StudyNumber } from "./study.ts";
import type { StudyRun } from "./study-run.ts";

interface Atoms {
  readonly seed: number;
  readonly dictionary: Dictionary;
}

async function atomsOf(
  backend: Backend,
  { folder }: StudyRun,
  members: readonly MemberEvaluation[],
): Promise<Atoms[]> {
  const read = members.map(async ({ name, seed }): Promise<Atoms> => {
    const { decoder, dSae, dIn } = await loadSae(backend, folder.file("saes", name));
    return { seed, dictionary: await dictionaryOf(backend, decoder, dSae, dIn) };
  });
  return Promise.all(read);
}

/**
 * Mean MCC of a run's members with all members of an uncoupled run, those left out that began with
 * the same weights.
 *
 * @returns undefined when there is no other member left.
 */
export async function uncoupledMcc(
  backend: Backend,
  run: StudyRun,
  uncoupled: StudyRun,
): Promise<StudyNumber | undefined> {
  const nulls = new NullModels(backend);
  const others = await atomsOf(backend, uncoupled, uncoupled.evaluation.members);
  const found: { mcc: number; null: number }[] = [];
  for (const own of await atomsOf(backend, run, run.members))
    for (const other of others) {
      if (other.seed === own.seed) continue;
      const similarity = await comparePair(backend, own.dictionary, other.dictionary, nulls);
      found.push({ mcc: similarity.mcc, null: similarity.null.mcc });
    }
  if (found.length === 0) return undefined;
  return { value: mean(found.map(({ mcc }) => mcc)), null: mean(found.map((one) => one.null)) };
}
