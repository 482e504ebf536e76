/**
 * @file From the `source` of a config with a language model to what is collected, and where it is
 *   kept.
 */

import { join } from "node:path";
import { given } from "../../../base/given.ts";
import { isPattern, patternFrom } from "../../../formats/find-files.ts";
import type { StoreServing } from "../../../sources/shards/shard-source.ts";
import type { OpenSourceOptions } from "../../../sources/source-kind.ts";
import { localPath } from "../catalogue/catalogue.ts";
import { randomModelOf } from "../models/random-weights.ts";
import type { LanguageModelConfig } from "../schema.ts";
import type { CollectStoreOptions, HookStore } from "./collect-options.ts";
import { storeNames } from "./collect-store.ts";

/** What a collection tells, as the progress of opening a source. */
export function collectProgress(
  onProgress: OpenSourceOptions["onProgress"],
): Pick<CollectStoreOptions, "onTokens" | "onProgress"> {
  if (!onProgress) return {};
  return {
    onTokens: (done) => onProgress({ what: "tokenising", done, unit: "tokens" }),
    onProgress: ({ rows, totalRows, resumedRows }) =>
      onProgress({
        what: "collecting activations",
        done: rows,
        total: totalRows,
        unit: "tokens",
        resumed: resumedRows,
      }),
  };
}

/** What to collect; files and folders are looked for from the config's folder on. */
export function collectOptions(
  source: LanguageModelConfig,
  options: OpenSourceOptions,
): CollectStoreOptions {
  const { baseFolder, catalogue } = options;
  const fromBase = (kind: "model" | "text", name: string) =>
    localPath(kind, name, catalogue, baseFolder) ?? name;
  const modelFromBase = (name: string) => {
    const { model = name } = randomModelOf(name) ?? {};
    return fromBase("model", model) + name.slice(model.length);
  };
  return {
    model: modelFromBase(source.model),
    hook: source.hook,
    hooks: passHooks(source),
    text: isPattern(source.text)
      ? patternFrom(baseFolder, source.text)
      : fromBase("text", source.text),
    textFormat: source.textFormat,
    textColumn: source.textColumn,
    context: source.context,
    maxTokens: source.maxTokens,
    skipSpecial: source.skipSpecial,
    skipSinks: source.skipSinks,
    mode: source.mode,
    engine: source.engine,
    forward: options.backend,
    dtype: source.dtype,
    threads: options.backend.threads,
    catalogue,
    signal: options.signal,
    ...collectProgress(options.onProgress),
    onWidth: options.onWidth,
    kernels: options.backend,
  };
}

/** How the store is served, to be checked before there is one. */
export function serving(source: LanguageModelConfig): StoreServing {
  return given({
    where: `the activations of ${source.model} at ${source.hook}`,
    bufferBytes: source.bufferBytes,
    heldOutFraction: source.heldOutFraction,
    heldOutRows: source.heldOutRows,
    draw: source.draw,
  });
}

/** The hooks that are collected together with that of the source, it among them. */
function passHooks({ hook, hooks = [hook] }: LanguageModelConfig): readonly string[] {
  return hooks.includes(hook) ? hooks : [hook, ...hooks];
}

/** The activation stores of all hooks of the pass, in the cache. */
export async function passStores(
  source: LanguageModelConfig,
  options: OpenSourceOptions,
): Promise<{ readonly own: HookStore; readonly all: readonly HookStore[] }> {
  const hooks = passHooks(source);
  const names = await storeNames(collectOptions(source, options), hooks);
  const all = hooks.map((hook, i) => ({
    hook,
    folder: join(options.cacheDir, "activations", names[i]!),
  }));
  return { own: all.find(({ hook }) => hook === source.hook)!, all };
}
