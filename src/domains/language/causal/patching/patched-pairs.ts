/**
 * @file Pairs whose prompt has some latents of its counterfactual: what the model predicts then.
 */

import type { Sae } from "../../../../sae/sae.ts";
import { type OpenPairs, PROMPTS, promptBatch } from "../open-pairs.ts";
import { divergence, logSoftmax } from "../predictions.ts";
import { type PairChanges, patchRows } from "./pair-codes.ts";

/** One pair with some latents patched. */
export interface Patch {
  /** Position of the pair. */
  readonly pair: number;
  readonly latents: Iterable<number>;
}

/** What comes of one patch. */
export interface Patched {
  /** KL(counterfactual ‖ patched) at the last token, nats. */
  readonly kl: number;
  /** KL(patched ‖ counterfactual), as the code of Cunningham et al. 2023 has it. */
  readonly klReverse: number;
  /** logit(answer of the counterfactual) − logit(answer of the prompt). */
  readonly difference: number;
  /** Mean of ‖patched − unpatched‖₂ over the tokens of the prompt. */
  readonly edit: number;
}

/** Predictions of a pair, next to those of its counterfactual. */
function compared(open: OpenPairs, pair: number, logProbabilities: Float32Array, edit: number) {
  const { pair: of, otherPredicted } = open.pairs[pair]!;
  return {
    kl: divergence(otherPredicted, logProbabilities),
    klReverse: divergence(logProbabilities, otherPredicted),
    difference: logProbabilities[of.other]! - logProbabilities[of.answer]!,
    edit,
  };
}

/** The pairs as they are: nothing patched. */
export const unpatched = (open: OpenPairs): Patched[] =>
  open.pairs.map(({ predicted }, pair) => compared(open, pair, predicted, 0));

/** Mean of ‖x of the counterfactual − x‖₂ over the tokens of each prompt. */
export function wholeEdits({ pairs, width }: OpenPairs): number[] {
  return pairs.map(({ rows, otherRows, length }) => distance(rows, otherRows, width) / length);
}

/** Σ ‖a − b‖₂ over rows of some width. */
function distance(a: Float32Array, b: Float32Array, width: number): number {
  let sum = 0;
  for (let start = 0; start < a.length; start += width) {
    let squares = 0;
    for (let i = start; i < start + width; i++) squares += (a[i]! - b[i]!) ** 2;
    sum += Math.sqrt(squares);
  }
  return sum;
}

/** Runs patches through the model, many prompts at a time. The order of the results is theirs. */
export async function runPatches(
  open: OpenPairs,
  sae: Sae,
  changes: readonly PairChanges[],
  patches: readonly Patch[],
  pause: () => Promise<void>,
): Promise<Patched[]> {
  const { width, pairs, logits } = open;
  const found: Patched[] = [];
  for (let from = 0; from < patches.length; from += PROMPTS) {
    await pause();
    const some = patches.slice(from, from + PROMPTS);
    const tokens = promptBatch(some.map(({ pair }) => pairs[pair]!.pair.base.ids));
    const rows = new Float32Array(tokens.ids.length * width);
    const edits: number[] = [];
    for (const [i, { pair, latents }] of some.entries()) {
      const own = pairs[pair]!.rows;
      const start = i * tokens.positions * width;
      const patched = rows.subarray(start, start + own.length);
      patched.set(own);
      patchRows(patched, sae, changes[pair]!, latents);
      edits.push(distance(patched, own, width) / pairs[pair]!.length);
    }
    const all = await logits(tokens, rows);
    const vocabulary = all.length / some.length;
    for (const [i, { pair }] of some.entries()) {
      const row = all.subarray(i * vocabulary, (i + 1) * vocabulary);
      found.push(compared(open, pair, logSoftmax(row), edits[i]!));
    }
  }
  return found;
}
