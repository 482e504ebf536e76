/**
 * @file Some arms of a study, trained and measured without the others. So a study is widened when
 *   the runs of its other arms are gone. Their numbers stay as they are.
 */

import { ConcordError, expected } from "../../errors.ts";
import { withNeeded } from "./quick-study.ts";
import type { Experiment } from "./study.ts";
import type { StudyNumbers } from "./study-numbers.ts";

/**
 * The study with these arms, and those that they name as baseline or length, alone.
 *
 * @throws {ConcordError} "argument/invalid" for a name that is not an arm, and for a study that
 *   computes its arms together.
 */
export function chosenArms(study: Experiment, names: readonly string[]): Experiment {
  const all = Object.keys(study.arms);
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined)
    throw expected("--arms", `arms of the study: ${all.join(", ")}`, unknown);
  if (study.compute !== undefined)
    throw new ConcordError("argument/invalid", "This study computes all its arms together.", {
      hint: "Leave --arms out.",
    });
  const chosen = withNeeded(study, names);
  return { ...study, arms: Object.fromEntries(chosen.map((name) => [name, study.arms[name]!])) };
}

/**
 * Puts the numbers of some arms in the place of their earlier ones.
 *
 * @throws {ConcordError} "argument/invalid" when an arm lost a number: one that compares it with an
 *   arm that was not chosen.
 */
export function withChosen(
  study: Experiment,
  before: StudyNumbers,
  now: StudyNumbers,
): StudyNumbers {
  for (const { arm, seed, numbers } of before.runs) {
    const again = now.runs.find((run) => run.arm === arm && run.seed === seed);
    const lost = again && Object.keys(numbers).find((name) => !(name in again.numbers));
    if (lost !== undefined)
      throw new ConcordError("argument/invalid", `${arm} has lost ${lost}, which it had before.`, {
        hint: "It compares arms. List in --arms the arm that it is compared with, too.",
      });
  }
  const chosen = new Set(now.runs.map(({ arm }) => arm));
  const runs = [...before.runs.filter(({ arm }) => !chosen.has(arm)), ...now.runs];
  const order = Object.keys(study.arms);
  const kinds = [...before.made_with, ...now.made_with].map((kind) => JSON.stringify(kind));
  return {
    ...before,
    made_with: [...new Set(kinds)].map((kind) => JSON.parse(kind)),
    training_seconds: (before.training_seconds ?? 0) + (now.training_seconds ?? 0),
    runs: runs.toSorted((a, b) => order.indexOf(a.arm) - order.indexOf(b.arm)),
  };
}
