/**
 * @file Concept erasure. The two answers of a task are the concept. LEACE, the difference of class
 *   means, and ablated latents of SAEs take it out of activations. After Cunningham et al. 2023
 *   (arXiv:2309.08600, erasure.py) and Belrose et al. 2023 (arXiv:2306.03819).
 */

import type { Backend } from "../../../../backend/backend.ts";
import { ConcordError } from "../../../../errors.ts";
import type { CatalogueOptions } from "../../../../fetch/catalogue-options.ts";
import { shortName } from "../../analyses/model-behind.ts";
import { resolveText } from "../../catalogue/catalogue.ts";
import { contextOf, type NamedModel, openModelByName } from "../../models/open-by-name.ts";
import { defaultBatch } from "../../source/collect.ts";
import { packText, requireTexts, type TextOptions } from "../../text/pack-text.ts";
import { type PackedTokens, windowBatch } from "../../text/packing.ts";
import { requireTask, scoreTask } from "../check-task.ts";
import { openPairs } from "../open-pairs.ts";
import { type NamedSae, requireWidth } from "../patching/patch-task.ts";
import { keptScore } from "../patching/result.ts";
import { promptPairs } from "../tasks/prompt-pairs.ts";
import type { Task } from "../tasks/task.ts";
import { conceptRows, type ErasedTokens } from "./concept-rows.ts";
import { erasedPredictions, probeAccuracy } from "./erasure-scores.ts";
import { closedForms, type Erasure, latentErasures } from "./erasures.ts";
import { type ErasureResult, keptErasure } from "./result.ts";

/** What is erased, where, and how. */
export interface EraseOptions extends TextOptions {
  readonly model: string;
  readonly hook: string;
  /** A task of two answers. */
  readonly task: Task;
  readonly saes: readonly NamedSae[];
  /** Pairs that are measured; as many others, of other fillings, are fitted to. */
  readonly pairs: number;
  readonly tokens: ErasedTokens;
  /** How many of the best latents are ablated, each. */
  readonly latents: readonly number[];
  /** Other text whose predictions are compared; none when left out. */
  readonly text?: string | readonly string[] | undefined;
  readonly maxTokens: number;
  readonly seed: number;
  readonly minAccuracy: number;
  readonly catalogue: CatalogueOptions;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly pause: () => Promise<void>;
  readonly onProgress: (name: string, done: number, total: number) => void;
}

/** The two answers. @throws {ConcordError} for a task of more, or whose answers are names. */
function answersOf({ name, slots, change }: Task): [string, string] {
  const values = slots[change]!;
  const answers = Array.isArray(values) ? [] : Object.keys(values);
  const [first, second, ...others] = answers;
  if (first !== undefined && second !== undefined && others.length === 0) return [first, second];
  const found = Array.isArray(values) ? "an answer for each filling" : `${answers.length} answers`;
  throw new ConcordError(
    "argument/invalid",
    `Erasure needs a task of two answers, but ${name} has ${found}.`,
    { hint: "--task pronoun, or a file whose changed slot lists its fillings under two answers." },
  );
}

/** KL(unchanged ‖ erased) per token of a text, special tokens left as they are. */
async function textDivergence(
  { model, tokenizer }: NamedModel,
  hook: string,
  packed: PackedTokens,
  erasure: Erasure,
  pause: () => Promise<void>,
): Promise<number> {
  const spliced = model.spliced(hook);
  const batch = defaultBatch(packed.contextLength);
  let [sum, count] = [0, 0];
  for (let from = 0; from < packed.windows; from += batch) {
    await pause();
    const some = windowBatch(packed, from, Math.min(packed.windows, from + batch));
    const rows = await model.activations(hook, some);
    const width = rows.length / some.ids.length;
    const changed = await erasure.apply(rows);
    for (const [at, id] of some.ids.entries())
      if (tokenizer.specialIds.has(id))
        changed.set(rows.subarray(at * width, (at + 1) * width), at * width);
    const baseline = await spliced.logProbabilities(some, rows);
    const found = await spliced.compare(some, changed, baseline);
    sum += found.divergenceSum;
    count += found.count;
  }
  return sum / count;
}

/**
 * Erases a concept in every way, and scores each.
 *
 * @throws {ConcordError} `argument/invalid` for a task of other than two answers or an SAE of
 *   another width; `model/unsupported` for a model that fails the task; of model, hook and text.
 */
export async function eraseConcept(
  backend: Backend,
  options: EraseOptions,
): Promise<ErasureResult> {
  const { model: name, hook, task, saes, pairs: count, tokens, seed, catalogue, pause } = options;
  const answers = answersOf(task);
  const text = options.text === undefined ? undefined : await resolveText(options.text, catalogue);
  if (text) await requireTexts(text, options);
  const named = await openModelByName(name, { catalogue, threads: options.threads });
  try {
    requireWidth(saes, hook, await named.model.width(hook));
    const opened = (part: 0 | 1) => {
      const { pairs } = promptPairs(task, named.tokenizer, { count, seed, part });
      return openPairs(named, hook, pairs, pause);
    };
    const [fitted, measured] = [await opened(0), await opened(1)];
    const score = scoreTask(measured.pairs, seed);
    requireTask(score, options.minAccuracy, shortName(name), task.name);
    const fit = conceptRows(fitted, answers[1], tokens);
    const held = conceptRows(measured, answers[1], tokens);
    const packed =
      text &&
      (
        await packText(text, {
          tokenizer: named.tokenizer,
          contextLength: contextOf(named.model, undefined),
          maxTokens: options.maxTokens,
          textFormat: options.textFormat,
          textColumn: options.textColumn,
          signal: options.signal,
        })
      ).packed;
    const erasures = closedForms(fit, seed);
    for (const sae of saes)
      erasures.push(...(await latentErasures(backend, sae, fit, options.latents, seed)));
    const methods: ErasureResult["methods"] = [];
    for (const [i, erasure] of erasures.entries()) {
      options.onProgress(erasure.name, i, erasures.length);
      const probe = await probeAccuracy(backend, erasure, fit, held, seed);
      const predictions = await erasedPredictions(measured, erasure, tokens, seed, pause);
      const onText = packed && (await textDivergence(named, hook, packed, erasure, pause));
      methods.push(keptErasure(erasure, probe, predictions, onText));
    }
    return {
      version: 1,
      model: shortName(name),
      hook,
      task: task.name,
      answers,
      seed,
      pairs: count,
      tokens,
      rows: fit.labels.length,
      held_out_rows: held.labels.length,
      score: keptScore(score),
      methods,
    };
  } finally {
    await named.model.close();
  }
}
