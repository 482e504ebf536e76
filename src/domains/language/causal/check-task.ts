/** @file Whether a model does a task: how often it prefers the right answer, and by how much. */

import { randomStream } from "../../../base/philox.ts";
import { type Interval, meanBootstrap } from "../../../base/statistics/bootstrap.ts";
import { wilsonInterval } from "../../../base/statistics/wilson-interval.ts";
import { ConcordError } from "../../../errors.ts";
import type { OpenPair } from "./open-pairs.ts";

/** How well a model does a task, over prompts and counterfactuals alike. */
export interface TaskScore {
  readonly prompts: number;
  /** Share of prompts in which the right answer is likelier than that of the other prompt. */
  readonly accuracy: number;
  /** 95 %, Wilson. */
  readonly accuracyInterval: Interval;
  /** Share of prompts in which no token of the vocabulary is likelier than the right answer. */
  readonly first: number;
  /** Mean of logit(right) − logit(wrong), and its 95 % interval over pairs (bootstrap). */
  readonly difference: number;
  readonly differenceInterval: Interval | undefined;
}

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v / values.length, 0);

/**
 * Scores a model on pairs. A model that always gives one answer reaches .5: each answer is right in
 * one prompt of a pair and wrong in the other.
 */
export function scoreTask(pairs: readonly OpenPair[], seed: number): TaskScore {
  const differences: number[] = [];
  let [right, first] = [0, 0];
  for (const { pair, predicted, otherPredicted } of pairs) {
    const sides = [
      [predicted, pair.answer, pair.other],
      [otherPredicted, pair.other, pair.answer],
    ] as const;
    let sum = 0;
    for (const [of, answer, wrong] of sides) {
      const difference = of[answer]! - of[wrong]!;
      sum += difference / 2;
      if (difference > 0) right++;
      if (of.every((value) => value <= of[answer]!)) first++;
    }
    differences.push(sum);
  }
  const prompts = 2 * pairs.length;
  return {
    prompts,
    accuracy: right / prompts,
    accuracyInterval: wilsonInterval(right, prompts)!,
    first: first / prompts,
    difference: mean(differences),
    differenceInterval: meanBootstrap(randomStream(seed, "task/difference"), differences),
  };
}

/** @throws {ConcordError} `model/unsupported` with the numbers, for a model that fails the task. */
export function requireTask(score: TaskScore, least: number, model: string, task: string): void {
  const { accuracy, accuracyInterval: interval, difference, prompts } = score;
  if (accuracy >= least) return;
  const share = (value: number) => value.toFixed(3);
  const [low, high] = interval.map(share);
  throw new ConcordError(
    "model/unsupported",
    `${model} does not do the task ${task}: accuracy ${share(accuracy)} [${low}, ${high}] of ${prompts} prompts, logit difference ${difference.toFixed(2)}; at least ${least} is needed and chance is .5.`,
    { hint: "What is patched would say nothing. Take another task or model, or --min-accuracy." },
  );
}
