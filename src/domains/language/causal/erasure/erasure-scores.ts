/** @file What is left of a concept after an erasure, and what the erasure costs the model. */

import type { Backend } from "../../../../backend/backend.ts";
import { randomStream } from "../../../../base/philox.ts";
import { bootstrapInterval, type Interval } from "../../../../base/statistics/bootstrap.ts";
import { type FeatureMatrix, standardise } from "../../../../evaluate/probes/features.ts";
import { fitLogistic, logisticScores } from "../../../../evaluate/probes/logistic.ts";
import { type OpenPairs, PROMPTS, promptBatch } from "../open-pairs.ts";
import { divergence, logSoftmax } from "../predictions.ts";
import { type ConceptRows, type ErasedTokens, firstErased } from "./concept-rows.ts";
import type { Erasure } from "./erasures.ts";

/** A mean over pairs of prompts. */
export interface OverPairs {
  readonly mean: number;
  readonly interval: Interval | undefined;
}

/** Of the probe's fit: few rows, so that it converges. */
const MOST_STEPS = 1000;

const meanOver = (values: readonly number[], seed: number, name: string): OverPairs => ({
  mean: values.reduce((sum, v) => sum + v / values.length, 0),
  interval: bootstrapInterval(randomStream(seed, `erasure/${name}`), values.length, (drawn) => {
    let sum = 0;
    for (const i of drawn) sum += values[i]!;
    return sum / drawn.length;
  }),
});

/** Accuracy of a logistic probe fitted to erased rows, on other erased rows; mean over pairs. */
export async function probeAccuracy(
  backend: Backend,
  erasure: Erasure,
  fit: ConceptRows,
  held: ConceptRows,
  seed: number,
): Promise<OverPairs> {
  const columns = fit.rows.length / fit.labels.length;
  const matrix = async ({ rows, labels }: ConceptRows): Promise<FeatureMatrix> => ({
    rows: labels.length,
    columns,
    values: Float32Array.from(await erasure.apply(rows)),
  });
  const [x, other] = [await matrix(fit), await matrix(held)];
  standardise(x, other);
  const targets = { tasks: 1, labels: fit.labels };
  const models = await fitLogistic(backend, x, targets, { maxIterations: MOST_STEPS });
  const scores = await logisticScores(backend, other, models);
  const pairs = held.pairs.reduce((most, pair) => Math.max(most, pair + 1), 0);
  const [right, all] = [new Float64Array(pairs), new Float64Array(pairs)];
  for (const [i, label] of held.labels.entries()) {
    const pair = held.pairs[i]!;
    all[pair]!++;
    if (scores[i]! > 0 === (label === 1)) right[pair]!++;
  }
  return meanOver(
    Array.from(right, (count, pair) => count / all[pair]!),
    seed,
    "probe",
  );
}

/** What the model predicts of prompts whose activations were erased; means over pairs. */
export interface ErasedPredictions {
  /** Share of prompts in which the right answer stays likelier than the other. */
  readonly accuracy: OverPairs;
  /** logit(right) − logit(wrong). */
  readonly difference: OverPairs;
  /** KL(unchanged ‖ erased) behind the last token, nats. */
  readonly kl: OverPairs;
  /** Mean ‖Δ‖₂ over the erased tokens. */
  readonly edit: number;
}

/** Runs both prompts of each pair with the rows of some tokens erased. */
export async function erasedPredictions(
  open: OpenPairs,
  erasure: Erasure,
  tokens: ErasedTokens,
  seed: number,
  pause: () => Promise<void>,
): Promise<ErasedPredictions> {
  const { pairs, width, logits } = open;
  const prompts = pairs.flatMap((pair) => [
    { pair, rows: pair.rows, ids: pair.pair.base.ids, before: pair.predicted },
    { pair, rows: pair.otherRows, ids: pair.pair.counterfactual.ids, before: pair.otherPredicted },
  ]);
  const found: { right: number; difference: number; kl: number }[] = [];
  let [edit, count] = [0, 0];
  for (let from = 0; from < prompts.length; from += PROMPTS) {
    await pause();
    const some = prompts.slice(from, from + PROMPTS);
    const batch = promptBatch(some.map(({ ids }) => ids));
    const rows = new Float32Array(batch.ids.length * width);
    for (const [i, prompt] of some.entries()) {
      const start = firstErased(prompt.pair, tokens) * width;
      const changed = await erasure.apply(prompt.rows.subarray(start));
      for (let at = 0; at < changed.length; at += width) {
        let squares = 0;
        for (let j = at; j < at + width; j++)
          squares += (changed[j]! - prompt.rows[start + j]!) ** 2;
        edit += Math.sqrt(squares);
        count++;
      }
      const own = rows.subarray(i * batch.positions * width);
      own.set(prompt.rows);
      own.set(changed, start);
    }
    const all = await logits(batch, rows);
    const vocabulary = all.length / some.length;
    for (const [i, { pair, before }] of some.entries()) {
      const after = logSoftmax(all.subarray(i * vocabulary, (i + 1) * vocabulary));
      const { answer, other } = pair.pair;
      // Prompt and counterfactual take turns.
      const difference = (after[answer]! - after[other]!) * ((from + i) % 2 === 0 ? 1 : -1);
      found.push({ right: difference > 0 ? 1 : 0, difference, kl: divergence(before, after) });
    }
  }
  const over = (of: (one: (typeof found)[number]) => number, name: string) =>
    meanOver(
      pairs.map((_, i) => (of(found[2 * i]!) + of(found[2 * i + 1]!)) / 2),
      seed,
      name,
    );
  return {
    accuracy: over((one) => one.right, "accuracy"),
    difference: over((one) => one.difference, "difference"),
    kl: over((one) => one.kl, "kl"),
    edit: edit / count,
  };
}
