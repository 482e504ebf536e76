/** @file What SAEs cost a model, as plain numbers for `results/`, and as a table. */

import { z } from "zod";
import { measured } from "../../../runs/results.ts";
import type { Predictions, SpliceEvaluation } from "./splice-saes.ts";

/** Share of the rows from which on a latent is dense. */
const DENSE = 0.1;

const predictions = z.object({
  /** Nats per predicted token. */
  cross_entropy: measured,
  /** KL(p ‖ q), nats per token, p of the unchanged model. */
  kl: measured,
});

/** Mean cross-entropies and divergences over the same tokens. */
export const spliceSchema = z.object({
  hook: z.string(),
  /** Predicted tokens. */
  tokens: z.number(),
  /** Of the model as it is. */
  cross_entropy: measured,
  zeros: predictions,
  mean: predictions,
  /** Rows that stayed as they are, or were replaced as well where that was asked for. */
  outliers: z.number(),
  saes: z.array(
    predictions.extend({
      name: z.string(),
      /** (H₀ − H_sae) / (H₀ − H), H₀ with zeros. */
      recovered: measured,
      fvu: measured,
      l0: measured,
      /** Latents that never fired, and that fired in more than a tenth of the rows. */
      dead: z.number(),
      dense: z.number(),
      norm_ratio: measured,
    }),
  ),
});

/** As files have it. */
export type SpliceNumbers = z.output<typeof spliceSchema>;

const ofPredictions = ({ crossEntropy, divergence }: Predictions) => ({
  cross_entropy: crossEntropy,
  kl: divergence,
});

/** The numbers of an evaluation. */
export function spliceNumbers(evaluation: SpliceEvaluation): SpliceNumbers {
  return {
    hook: evaluation.hook,
    tokens: evaluation.tokens,
    cross_entropy: evaluation.crossEntropy,
    zeros: ofPredictions(evaluation.zeroAblation),
    mean: ofPredictions(evaluation.meanAblation),
    outliers: evaluation.rows.outliers,
    saes: evaluation.saes.map((sae) => ({
      name: sae.name,
      ...ofPredictions(sae.predictions),
      recovered: sae.recovered,
      fvu: sae.fvu,
      l0: sae.l0,
      dead: sae.density.filter((d) => d === 0).length,
      dense: sae.density.filter((d) => d > DENSE).length,
      norm_ratio: sae.normRatio,
    })),
  };
}

type Cell = string | number;

/** What is not finite is null in a file; in memory it says itself. */
const cell = (value: number | null): Cell => value ?? "NaN";

/** A row for every SAE, between the model as it is and the two ablations. */
export function spliceTable(numbers: SpliceNumbers): {
  readonly header: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
} {
  const predicted = (name: string, of: typeof numbers.zeros, recovered: Cell): Cell[] => [
    name,
    cell(of.cross_entropy),
    cell(of.kl),
    recovered,
    cell(of.cross_entropy === null ? null : Math.exp(of.cross_entropy)),
  ];
  const none = ["", "", "", "", ""];
  const { cross_entropy } = numbers;
  return {
    header: [
      "in place of the activations",
      "CE",
      "KL",
      "CE recovered",
      "perplexity",
      "FVU",
      "L0",
      "dead",
      "dense",
      "‖x̂‖ / ‖x‖",
    ],
    rows: [
      [...predicted("(as they are)", { cross_entropy, kl: 0 }, 1), ...none],
      ...numbers.saes.map((sae) => [
        ...predicted(sae.name, sae, cell(sae.recovered)),
        cell(sae.fvu),
        cell(sae.l0),
        String(sae.dead),
        String(sae.dense),
        cell(sae.norm_ratio),
      ]),
      [...predicted("(their mean)", numbers.mean, ""), ...none],
      [...predicted("(zeros)", numbers.zeros, 0), ...none],
    ],
  };
}
