/**
 * @file Counterfactual patching on a task: which latents carry what makes the answer right? Codes
 *   of the counterfactual take the place of the prompt's, latent by latent, with the error of the
 *   SAE kept. After Cunningham et al. 2023 (arXiv:2309.08600, section 4, and ioi_feature_ident.py).
 *
 *   patched = x + Σ over latents of the set (z of the counterfactual − z) · decoder row
 *
 * Where this differs: latents are ranked on other pairs than those that are measured. The order is
 * that of effects, unless thresholds are asked for. A drawn order stands beside it.
 */

import { createHash } from "node:crypto";
import type { Backend } from "../../../../backend/backend.ts";
import { ConcordError } from "../../../../errors.ts";
import type { CatalogueOptions } from "../../../../fetch/catalogue-options.ts";
import type { Sae } from "../../../../sae/sae.ts";
import { saeDigest } from "../../../../sae/sae-digest.ts";
import { shortName } from "../../analyses/model-behind.ts";
import { openModelByName } from "../../models/open-by-name.ts";
import { requireTask, scoreTask } from "../check-task.ts";
import { type OpenPairs, openPairs } from "../open-pairs.ts";
import { answered, promptPairs } from "../tasks/prompt-pairs.ts";
import type { Task } from "../tasks/task.ts";
import { curveOf, drawnOrder, prefixes } from "./curve.ts";
import { pairChanges } from "./pair-codes.ts";
import { unpatched, wholeEdits } from "./patched-pairs.ts";
import { rankLatents } from "./rank-latents.ts";
import {
  againstFirst,
  keptScore,
  type PairFacts,
  type PatchedDictionary,
  type PatchingResult,
  summariseDictionary,
} from "./result.ts";
import { searchThresholds, thresholds } from "./threshold-search.ts";

/** Raised where a change of this code changes numbers. */
const VERSION = 1;

/** A dictionary to patch with. */
export interface NamedSae {
  readonly name: string;
  readonly architecture: string;
  readonly sae: Sae;
}

/** Where patches go, and how they are found. */
export interface PatchTaskOptions {
  readonly model: string;
  readonly hook: string;
  readonly task: Task;
  readonly saes: readonly NamedSae[];
  /** Pairs that are measured; as many others rank latents. */
  readonly pairs: number;
  readonly seed: number;
  readonly search: "effect" | "threshold";
  /** How many thresholds, with that search. */
  readonly thresholds: number;
  /** Least accuracy of the model. */
  readonly minAccuracy: number;
  readonly catalogue: CatalogueOptions;
  readonly threads?: number | undefined;
  readonly pause: () => Promise<void>;
  readonly onProgress: (name: string, done: number, total: number) => void;
  /** A dictionary that was done before, by its key. */
  readonly known?: (name: string, key: string) => Promise<PatchedDictionary | undefined>;
  /** Told of each dictionary as soon as it is done. */
  readonly onDictionary?: (found: PatchedDictionary) => Promise<void>;
}

/** @throws {ConcordError} naming an SAE of another width than the hook's. */
export function requireWidth(saes: readonly NamedSae[], hook: string, width: number): void {
  const wrong = saes.find(({ sae }) => sae.dIn !== width);
  if (wrong)
    throw new ConcordError(
      "argument/invalid",
      `${wrong.name} reads activations of d_in ${wrong.sae.dIn}, but ${hook} has ${width}.`,
      { hint: "Name SAEs that were trained on this model and hook." },
    );
}

async function patchOne(
  backend: Backend,
  { name, architecture, sae }: NamedSae,
  key: string,
  [ranking, measured]: readonly [OpenPairs, OpenPairs],
  { search, seed, pause, onProgress, thresholds: count }: PatchTaskOptions,
  facts: PairFacts,
): Promise<PatchedDictionary> {
  const onDone = (done: number, total: number) => onProgress(name, done, total);
  const own = await pairChanges(backend, sae, ranking.pairs, pause);
  const changes = await pairChanges(backend, sae, measured.pairs, pause);
  const ranked = await rankLatents(ranking, sae, own, pause, onDone);
  // Latents that differ in measured pairs only: nothing is known of them, so they come last.
  const order = [
    ...new Set([
      ...ranked.map(({ latent }) => latent),
      ...changes.flatMap((of) => [...of.keys()]).sort((a, b) => a - b),
    ]),
  ];
  const by = { seed, thresholds: thresholds(count), pause, onDone };
  const sets =
    search === "effect"
      ? prefixes(order)
      : [
          new Set(order),
          ...(await searchThresholds(ranking, sae, own, by)).map(({ latents }) => new Set(latents)),
          new Set<number>(),
        ].sort((a, b) => a.size - b.size);
  const points = await curveOf(measured, sae, changes, sets, pause);
  const drawn = await curveOf(measured, sae, changes, prefixes(drawnOrder(order, seed)), pause);
  const of = { name, architecture, d_sae: sae.dSae, key, search };
  return summariseDictionary(of, { points, drawn }, ranked, facts, order.length);
}

/**
 * Patches a task with each of some dictionaries, on the same pairs.
 *
 * @throws {ConcordError} `model/unsupported` for a model that fails the task; `argument/invalid`
 *   for an SAE of another width; of the tokenizer, model and hook; what `pause` throws.
 */
export async function patchTask(
  backend: Backend,
  options: PatchTaskOptions,
): Promise<PatchingResult> {
  const { model: name, hook, task, saes, pairs: count, seed, catalogue, threads, pause } = options;
  const named = await openModelByName(name, { catalogue, threads });
  try {
    requireWidth(saes, hook, await named.model.width(hook));
    const drawn = promptPairs(task, named.tokenizer, { count: 2 * count, seed });
    const half = (from: number) =>
      openPairs(named, hook, drawn.pairs.slice(from, from + count), pause);
    const [ranking, measured] = [await half(0), await half(count)];
    const score = scoreTask([...ranking.pairs, ...measured.pairs], seed);
    requireTask(score, options.minAccuracy, shortName(name), task.name);
    const facts: PairFacts = {
      seed,
      unpatched: unpatched(measured),
      wanted: measured.pairs.map(
        ({ pair, otherPredicted: of }) => of[pair.other]! - of[pair.answer]!,
      ),
      wholeEdits: wholeEdits(measured),
    };
    const dictionaries: PatchedDictionary[] = [];
    for (const one of saes) {
      const { search, thresholds: steps } = options;
      const decides = [VERSION, name, hook, task, count, seed, search, steps, saeDigest(one.sae)];
      const key = createHash("sha256").update(JSON.stringify(decides)).digest("hex").slice(0, 16);
      const known = await options.known?.(one.name, key);
      const found =
        known ?? (await patchOne(backend, one, key, [ranking, measured], options, facts));
      if (!known) await options.onDictionary?.(found);
      dictionaries.push(found);
    }
    return {
      version: 1,
      model: shortName(name),
      hook,
      task: task.name,
      seed,
      pairs: count,
      tokens: measured.pairs.reduce((sum, { length }) => sum + length, 0),
      examples: drawn.pairs
        .slice(count, count + 3)
        .map(({ base, counterfactual: other }) => [
          answered(base.text, base.answer),
          answered(other.text, other.answer),
        ]),
      score: keptScore(score),
      left_out: [...drawn.leftOut],
      dictionaries,
      against_first: againstFirst(dictionaries, seed),
    };
  } finally {
    await named.model.close();
  }
}
