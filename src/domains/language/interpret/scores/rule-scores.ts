/**
 * @file How well an explanation predicts a latent in fragments that it was not made from.
 *
 *   detection   which fragments the latent is active in: balanced accuracy
 *   fuzzing     whether marked tokens of a fragment are those it is active on: balanced accuracy
 *   simulation  how active it is on each token: Pearson correlation
 *
 * Detection and fuzzing ask what delphi (EleutherAI) asks a language model; simulation is that of
 * Bills et al. 2023 over the fragments of Cunningham et al. 2023 (arXiv:2309.08600). Here rules
 * answer instead of a language model, so the scores are local proxies of theirs.
 */

import type { LatentActivations } from "../activations.ts";
import type { Context, DrawnContexts } from "../draw-contexts.ts";
import { type ExplainedRows, type Explanation, expectedActivation } from "../explanation.ts";
import type { Fragments } from "../fragments.ts";
import { inFragment, marksOf } from "./in-fragment.ts";
import { balancedAccuracy, pearson } from "./statistics.ts";

/** What a latent is scored on. */
export interface ScoredLatent {
  readonly contexts: DrawnContexts;
  /** Over all rows. */
  readonly activations: LatentActivations;
  readonly fragments: Fragments;
  /** Of all rows. */
  readonly rows: ExplainedRows;
}

/** The scores of one latent, by the names of this file. */
export interface RuleScores {
  readonly detection: number;
  /** Undefined where every fragment is active on most of its tokens. */
  readonly fuzzing: number | undefined;
  readonly simulation: number;
}

/** Scores an explanation. */
export function ruleScores(explanation: Explanation, latent: ScoredLatent): RuleScores {
  const { contexts, activations, fragments, rows } = latent;
  const { length, starts } = fragments;
  const expected = ({ fragment }: Context) =>
    Array.from({ length }, (_, i) => {
      const row = starts[fragment]! + i;
      return expectedActivation(explanation, rows.tokens[row]!, rows.before[row]!);
    });
  const saysActive = (context: Context) => expected(context).some((value) => value > 0);
  const fuzzed: { right: boolean[]; wrong: boolean[] } = { right: [], wrong: [] };
  const [simulated, real]: [number[], number[]] = [[], []];
  for (const context of contexts.active) {
    const guess = expected(context);
    const truth = inFragment(activations, starts[context.fragment]!, length);
    simulated.push(...guess);
    real.push(...truth);
    const marks = marksOf(truth);
    if (!marks) continue;
    fuzzed.right.push(marks.right.some((i) => guess[i]! > 0));
    fuzzed.wrong.push(marks.wrong.some((i) => guess[i]! > 0));
  }
  return {
    detection: balancedAccuracy(contexts.active.map(saysActive), contexts.inactive.map(saysActive)),
    fuzzing: fuzzed.right.length === 0 ? undefined : balancedAccuracy(fuzzed.right, fuzzed.wrong),
    simulation: pearson(simulated, real),
  };
}
