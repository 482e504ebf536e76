/**
 * @file What SAEs cost the model that they explain. Reconstructions take the place of the
 *   activations at a hook, and the model predicts the text with them. Zeros and the mean in the
 *   same place are the scale.
 */

import type { Backend } from "../../../backend/backend.ts";
import { ConcordError, expected } from "../../../errors.ts";
import { type Coder, openCoder } from "../../../sae/ensemble.ts";
import type { SaeRunner } from "../../../sae/sae.ts";
import type { LanguageModel } from "../models/hooked-model.ts";
import { lossOf } from "../models/next-token-loss.ts";
import { defaultBatch } from "../source/collect.ts";
import { isKept, type PackedTokens, windowBatch } from "../text/packing.ts";
import type { TokenBatch } from "../text/token-batch.ts";
import { type ReconstructionNumbers, ReconstructionTally } from "./reconstruction-tally.ts";
import { largestDimensions, type RowFacts, rowFacts } from "./splice-rows.ts";

/** How a changed model predicts a text. */
export interface Predictions {
  /** Mean −log p(next token), nats. */
  readonly crossEntropy: number;
  /** Mean KL(p ‖ q), nats per token, p of the unchanged model. */
  readonly divergence: number;
}

/** An SAE in the model. */
export interface SplicedSae extends ReconstructionNumbers {
  readonly name: string;
  readonly predictions: Predictions;
  /**
   * (H₀ − H_sae) / (H₀ − H), H₀ with zeros in place of what the SAE replaces: 1 where the SAE
   * changes nothing, 0 where it is as bad as zeros.
   */
  readonly recovered: number;
}

/** What SAEs, and two ablations, do to a model over a text. */
export interface SpliceEvaluation {
  readonly hook: string;
  /** Predicted tokens. */
  readonly tokens: number;
  /** Of the model as it is, nats. */
  readonly crossEntropy: number;
  readonly zeroAblation: Predictions;
  readonly meanAblation: Predictions;
  readonly rows: RowFacts;
  /** Dimensions that were passed through untouched. */
  readonly passed: readonly number[];
  readonly saes: readonly SplicedSae[];
}

/** What is evaluated, and how. */
export interface SpliceOptions {
  readonly model: LanguageModel;
  readonly hook: string;
  readonly packed: PackedTokens;
  readonly saes: readonly { readonly name: string; readonly sae: Coder }[];
  /** Dimensions of largest variance that stay as they are. Default 0. */
  readonly passDimensions?: number;
  /**
   * Whether rows of special tokens stay as they are, as collecting leaves them out. Positions that
   * `packed` skips always stay. Default false.
   */
  readonly skipSpecial?: boolean;
  /** Whether outliers are replaced and counted as well. Default: they stay as they are. */
  readonly withOutliers?: boolean;
  /** Windows in one run of the model; about 1024 tokens' worth when left out. */
  readonly batch?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called and awaited before each run of the model; what it throws ends the evaluation. */
  readonly pause?: () => Promise<void>;
  /** Told of windows that are done, of all in both passes. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Sums over tokens. */
class Sums {
  loss = 0;
  divergence = 0;

  predictions(tokens: number): Predictions {
    return { crossEntropy: this.loss / tokens, divergence: this.divergence / tokens };
  }
}

/** By row of a batch: 1 where an SAE stands in for it, 0 for padding and what is left out. */
function replacedRows(
  { ids, batch, positions, lengths }: TokenBatch,
  { packed, skipSpecial = false }: SpliceOptions,
): Uint8Array {
  const replaced = new Uint8Array(batch * positions);
  for (let w = 0; w < batch; w++)
    for (let position = 0; position < (lengths?.[w] ?? positions); position++) {
      const at = w * positions + position;
      if (isKept(packed, { id: ids[at]!, position }, skipSpecial)) replaced[at] = 1;
    }
  return replaced;
}

/** The activations of all windows, and which rows are to be replaced. */
async function activationsOf(options: SpliceOptions, batches: readonly TokenBatch[], d: number) {
  const rows = batches.map(({ ids }) => ids.length);
  const total = rows.reduce((sum, n) => sum + n, 0);
  const all = new Float32Array(total * d);
  const real = new Uint8Array(total);
  let at = 0;
  for (const [i, batch] of batches.entries()) {
    await mayGoOn(options);
    all.set(await options.model.activations(options.hook, batch), at * d);
    real.set(replacedRows(batch, options), at);
    at += rows[i]!;
    options.onProgress?.(i + 1, 2 * batches.length);
  }
  return { all, real };
}

async function mayGoOn({ signal, pause }: SpliceOptions): Promise<void> {
  await pause?.();
  if (signal?.aborted) throw new ConcordError("interrupted", "Evaluating SAEs was interrupted.");
}

/** An SAE at work, with its sums. */
interface Working {
  readonly runner: SaeRunner;
  readonly tally: ReconstructionTally;
  readonly sums: Sums;
}

/**
 * Evaluates SAEs in the model, all on the same tokens. The activations of the whole text are in
 * memory: 4 · tokens · d_in bytes.
 *
 * Rows that are outliers (longer than ten times the median) stay as they are unless asked
 * otherwise. SAEs are not made for attention sinks, and one bad row there ruins every prediction.
 * Both ablations keep the same rows and dimensions as the SAEs. SAELens and SAEBench put zeros in
 * all rows, also where they keep an SAE out. `withOutliers` does so here if nothing is passed.
 *
 * An SAE whose reconstructions are not finite has predictions that are NaN.
 *
 * @throws {ConcordError} `argument/invalid` naming an SAE of another width than the hook, or for a
 *   text of one token; `hook/missing`; `interrupted`; errors of running the model.
 */
export async function spliceSaes(
  backend: Backend,
  options: SpliceOptions,
): Promise<SpliceEvaluation> {
  const { model, hook, packed, saes, passDimensions = 0, withOutliers = false } = options;
  const d = await model.width(hook);
  const other = saes.find(({ sae }) => sae.dIn !== d);
  if (other)
    throw new ConcordError(
      "argument/invalid",
      `${other.name} encodes activations of d_in ${other.sae.dIn}, but ${hook} has ${d}.`,
      { hint: "Name the hook that the SAE was trained on with --hook." },
    );
  if (passDimensions < 0 || passDimensions >= d || !Number.isInteger(passDimensions))
    throw expected("passDimensions", `an integer from 0 to ${d - 1}`, passDimensions);
  const { batch = defaultBatch(packed.contextLength) } = options;
  const batches: TokenBatch[] = [];
  for (let from = 0; from < packed.windows; from += batch)
    batches.push(windowBatch(packed, from, Math.min(packed.windows, from + batch)));
  const { all, real } = await activationsOf(options, batches, d);
  const found = rowFacts(all, d, real);
  const facts = withOutliers ? { ...found, isOutlier: new Uint8Array(real.length) } : found;
  const passed = largestDimensions(facts.variance, passDimensions);
  const replacedDimensions = Array.from({ length: d }, (_, i) => i).filter(
    (i) => !passed.includes(i),
  );
  const most = Math.max(...batches.map(({ ids }) => ids.length));
  const working: Working[] = [];
  for (const { sae } of saes)
    working.push({
      runner: await openCoder(backend, sae, most),
      tally: new ReconstructionTally(sae.dSae),
      sums: new Sums(),
    });
  const spliced = model.spliced(hook);
  const [base, zero, mean] = [new Sums(), new Sums(), new Sums()];
  let tokens = 0;
  let at = 0;
  for (const [i, batchTokens] of batches.entries()) {
    await mayGoOn(options);
    const count = batchTokens.ids.length;
    const first = at;
    at += count;
    const rows = backend.float32(count * d);
    rows.set(all.subarray(first * d, at * d));
    const staysAsItIs = (row: number) =>
      real[first + row] === 0 || facts.isOutlier[first + row] === 1;
    // The activations themselves, so that what comes before the hook runs once.
    const baseline = await spliced.logProbabilities(batchTokens, rows);
    const loss = lossOf(baseline, batchTokens);
    base.loss += loss.sum;
    tokens += loss.count;
    /** Predicts with `valueAt` of an element, and its dimension, in place of what is replaced. */
    const changed = async (sums: Sums, valueAt: (at: number, dimension: number) => number) => {
      await mayGoOn(options);
      const replacement = Float32Array.from(rows);
      for (let row = 0; row < count; row++)
        if (!staysAsItIs(row))
          for (const dimension of replacedDimensions)
            replacement[row * d + dimension] = valueAt(row * d + dimension, dimension);
      const { sum, divergenceSum } = await spliced.compare(batchTokens, replacement, baseline);
      sums.loss += sum;
      sums.divergence += divergenceSum;
    };
    await changed(zero, () => 0);
    await changed(mean, (_, dimension) => facts.mean[dimension]!);
    for (const { runner, tally, sums } of working) {
      const code = await runner.encode(rows, count);
      const { residual } = await runner.residual(rows, code);
      tally.add(rows, residual, code, (row) => !staysAsItIs(row));
      await changed(sums, (at) => rows[at]! + residual[at]!);
    }
    options.onProgress?.(batches.length + i + 1, 2 * batches.length);
  }
  if (tokens === 0)
    throw new ConcordError("argument/invalid", "The text has no token to predict.", {
      hint: "Give a longer text, or a larger --max-tokens.",
    });
  const crossEntropy = base.loss / tokens;
  const zeroAblation = zero.predictions(tokens);
  return {
    hook,
    tokens,
    crossEntropy,
    zeroAblation,
    meanAblation: mean.predictions(tokens),
    rows: facts,
    passed,
    saes: working.map(({ tally, sums }, i) => {
      const predictions = sums.predictions(tokens);
      const lost = zeroAblation.crossEntropy - predictions.crossEntropy;
      return {
        ...tally.numbers(facts.variance),
        name: saes[i]!.name,
        predictions,
        recovered: lost / (zeroAblation.crossEntropy - crossEntropy),
      };
    }),
  };
}
