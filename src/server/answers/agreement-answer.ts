/** @file GET /api/agreement: every similarity of members, each beside its null. */

import { SHARED_FROM } from "../../metrics/similarity.ts";
import { readConsistency, readEvaluation, type SimilarityNumbers } from "../../runs/results.ts";
import { pwMccEntries, relationOf, settingNotes, settingOf } from "../../runs/settings.ts";
import { readStarts, type StartOfPair } from "../../runs/starts.ts";
import type { AgreementAnswer } from "../api/agreement.ts";
import type { Problem } from "../api/common.ts";
import { orProblem } from "../failure.ts";
import type { ServedFolder, ServedRun } from "../served-folder.ts";
import { missingResults } from "./missing-results.ts";
import { finite } from "./numbers.ts";

/**
 * How alike the members of a run are.
 *
 * @throws {HttpFailure} 404 for a run that has no such results.
 */
export async function agreementAnswer(
  served: ServedFolder,
  run: ServedRun,
): Promise<AgreementAnswer> {
  const { name, folder } = run;
  const evaluation = await readEvaluation(folder);
  const consistency = await readConsistency(folder);
  if (!evaluation || !consistency) throw await missingResults(served, run);
  const problems: Problem[] = [];
  const starts = await orProblem("results/starts.json", problems, () => readStarts(folder));
  const startOf = startFinder(starts?.pairs ?? []);
  const known = new Map(evaluation.members.map((member) => [member.name, member]));
  const pair = (a: string, b: string, numbers: SimilarityNumbers, independent: boolean) => {
    const [first, second] = [known.get(a), known.get(b)];
    const relation = first && second ? relationOf(first, second) : ("unknown" as const);
    return { a, b, ...similarityOf(numbers), relation, independent, start: startOf(a, b) };
  };
  const pairs = [
    ...consistency.pairs.map((p) => pair(p.a, p.b, p, false)),
    ...(consistency.independent ?? []).map((p) => pair(p.member, p.independent, p, true)),
  ];
  const pw = pwMccEntries(evaluation, consistency.pairs);
  return {
    name,
    threshold: SHARED_FROM,
    members: evaluation.members.map((member) => ({
      name: member.name,
      seed: member.seed,
      coupled: member.coupled,
      setting: settingOf(member),
    })),
    pairs,
    pw_mcc: pw.pw_mcc ? { mean: finite(pw.pw_mcc.mean), null: finite(pw.pw_mcc.null) } : null,
    pw_mcc_by_setting: (pw.pw_mcc_by_setting ?? []).map((one) => ({
      setting: one.setting,
      mean: finite(one.mean),
      null: finite(one.null),
      pairs: one.pairs,
    })),
    sampled_pairs: consistency.sampled_pairs ?? null,
    ground_truth: (consistency.ground_truth ?? []).map((one) => ({
      member: one.member,
      ...similarityOf(one),
    })),
    notes: settingNotes(evaluation, consistency),
    problems,
  };
}

function similarityOf(s: SimilarityNumbers) {
  const both = ([a, b]: readonly [number, number]): [number | null, number | null] => [
    finite(a),
    finite(b),
  ];
  return {
    mcc: finite(s.mcc),
    mcc_null: finite(s.mcc_null),
    mean_max: both(s.mean_max),
    mean_max_null: both(s.mean_max_null),
    shared: finite(s.shared),
    shared_null: finite(s.shared_null),
  };
}

/** Looks up how a pair began, in either order. */
function startFinder(
  pairs: readonly StartOfPair[],
): (a: string, b: string) => AgreementAnswer["pairs"][number]["start"] {
  const id = (a: string, b: string) => JSON.stringify([a, b].sort());
  const known = new Map(pairs.map((pair) => [id(pair.a, pair.b), pair]));
  return (a, b) => {
    const found = known.get(id(a, b));
    return found
      ? {
          same_index: found.same_index,
          mean_max: found.mean_max,
          mean_max_null: found.mean_max_null,
        }
      : null;
  };
}
