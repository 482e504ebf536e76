/**
 * @file From a language model and a text to an activation store: written once, continued when
 *   interrupted, used by every run that asks for the same.
 */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { ConcordError, expected } from "../../../errors.ts";
import { readShardIndex } from "../../../sources/shards/read-index.ts";
import type { ShardIndex } from "../../../sources/shards/shard-index.ts";
import { resolveText } from "../catalogue/catalogue.ts";
import type { ForwardBackend } from "../models/forward/forward-pass.ts";
import { contextOf, openModelByName } from "../models/open-by-name.ts";
import { packText, requireTexts } from "../text/pack-text.ts";
import type { CollectedStore, CollectStoreOptions, HookStore } from "./collect-options.ts";
import { collectionFacts, collectionName, requireSameCollection } from "./collection-facts.ts";
import { type Begun, collected, writeStores } from "./write-stores.ts";

/**
 * Folder names for the stores of some hooks in a cache: readable, and different whenever the rows
 * would be. A text file that changed counts as another.
 *
 * @throws {ConcordError} when the text is not there or cannot be downloaded.
 */
export async function storeNames(
  options: Omit<CollectStoreOptions, "hook">,
  hooks: readonly string[],
): Promise<string[]> {
  const texts = await resolveText(options.text, options.catalogue);
  const all = await collectionFacts(options, hooks, texts);
  return all.map((facts) => collectionName(facts, options.dtype));
}

/**
 * Collects activations into `folder`, going on where an interrupted call stopped: the store's bytes
 * are those of a call that was never interrupted. Does nothing when the store is complete.
 *
 * Where every window gives the same number of rows (no special tokens left out), a window is a
 * group of the store. None is in training and held out at once.
 *
 * @throws {ConcordError} `hook/missing` with the nearest names, `interrupted`, `run/conflict` when
 *   the folder holds another store, and the errors of models and texts.
 */
export async function collectStore(
  folder: string,
  options: CollectStoreOptions,
): Promise<CollectedStore> {
  const { hook, ...rest } = options;
  return (await collectStores([{ folder, hook }], rest))[0]!;
}

/**
 * Collects activations at several hooks in one pass of the model, a store for each.
 *
 * The stores remember which hooks were collected together, because that can change last digits.
 * Progress is that of the store that is the furthest behind at the start.
 *
 * @returns The stores in the order of `stores`.
 * @throws {ConcordError} as `collectStore`; `argument/invalid` for a hook that is named twice.
 */
export async function collectStores(
  stores: readonly HookStore[],
  given: Omit<CollectStoreOptions, "hook">,
): Promise<CollectedStore[]> {
  const hooks = stores.map(({ hook }) => hook);
  const twice = hooks.find((hook, i) => hooks.indexOf(hook) < i);
  if (twice !== undefined) throw expected("hooks", "every hook once", twice);
  try {
    const texts = await resolveText(given.text, given.catalogue);
    await requireTexts(texts, given);
    const begun: Begun[] = [];
    const facts = await collectionFacts(given, hooks, texts);
    for (const [i, { hook, folder }] of stores.entries()) {
      const index = await existingIndex(folder);
      if (index) requireSameCollection(folder, index, facts[i]!, given.dtype);
      const whole = index !== undefined && (await isWhole(folder, index));
      begun.push({ hook, folder, facts: facts[i]!, index, whole });
    }
    if (begun.every(({ whole }) => whole))
      return begun.map(({ folder, index }) => collected(folder, index!, 0));
    const { model, tokenizer } = await openModelByName(given.model, {
      catalogue: given.catalogue,
      threads: given.threads,
      forward: engineBackend(given),
    });
    try {
      // Asked first, so that a wrong context or hook costs no tokenising.
      const context = contextOf(model, given.context);
      for (const { hook, folder, facts: wanted, index } of begun) {
        const width = await model.width(hook);
        given.onWidth?.(width, hook);
        if (index) requireSameCollection(folder, index, { ...wanted, context }, given.dtype);
      }
      const { packed, tally } = await packText(texts, {
        tokenizer,
        contextLength: context,
        mode: given.mode,
        maxTokens: given.maxTokens,
        textFormat: given.textFormat,
        textColumn: given.textColumn,
        signal: given.signal,
        onProgress: ({ tokens }) => given.onTokens?.(tokens),
      });
      return await writeStores(begun, { model, packed, tally, context }, given);
    } finally {
      await model.close();
    }
  } catch (error) {
    if (error instanceof ConcordError && error.code === "interrupted")
      throw new ConcordError(
        "interrupted",
        `Collecting into ${stores.map(({ folder }) => folder).join(", ")} was interrupted.`,
        { hint: "Run the same command again: it continues where it stopped.", cause: error },
      );
    throw error;
  }
}

/**
 * The backend that computes the activations; undefined for onnxruntime. @throws {ConcordError}
 * `argument/invalid` when `engine` is native and no backend is given.
 */
export function engineBackend({
  engine,
  forward,
}: Pick<CollectStoreOptions, "engine" | "forward">): ForwardBackend | undefined {
  if (engine !== "native") return undefined;
  if (!forward) throw expected("forward", "a backend for the engine native", forward);
  return forward;
}

async function existingIndex(folder: string): Promise<ShardIndex | undefined> {
  try {
    return await readShardIndex(folder);
  } catch (error) {
    if (error instanceof ConcordError && error.code === "file/missing") return undefined;
    throw error;
  }
}

/**
 * Whether a store has all its rows and the file of their tokens; models need not be opened then.
 */
async function isWhole(folder: string, { complete, tokens }: ShardIndex): Promise<boolean> {
  if (!complete || tokens === undefined) return complete;
  const found = await stat(join(folder, tokens.file)).catch(() => undefined);
  return found?.size === tokens.bytes;
}
