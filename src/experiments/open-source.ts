/** @file From the `source` of a config to a Source. */

import { join, resolve } from "node:path";
import type { Backend } from "../backend/backend.ts";
import type { Config } from "../config/schema.ts";
import { openEeg } from "../domains/eeg/open-eeg.ts";
import type { EegProgress } from "../domains/eeg/windows/prepare.ts";
import { localPath } from "../domains/language/catalogue/catalogue.ts";
import type { CatalogueOptions } from "../domains/language/catalogue/options.ts";
import {
  type CollectProgress,
  type CollectStoreOptions,
  collectStore,
  storeName,
} from "../domains/language/source/collect-store.ts";
import { openSyntheticSource } from "../domains/synthetic/synthetic-source.ts";
import { isPattern, patternFrom } from "../formats/find-files.ts";
import { arrayFiles } from "../sources/arrays/array-files.ts";
import { openArraySource } from "../sources/arrays/array-source.ts";
import {
  openShardSource,
  requireStoreBuffer,
  type StoreServing,
} from "../sources/shards/shard-source.ts";
import type { Source } from "../sources/source.ts";

export interface OpenSourceOptions {
  readonly backend: Backend;
  /** Folder that relative paths of the config start from. */
  readonly baseFolder: string;
  /** Where models, texts and collected activations are kept. */
  readonly cacheDir: string;
  readonly catalogue: CatalogueOptions;
  readonly signal?: AbortSignal | undefined;
  readonly onCollect?: ((progress: CollectProgress) => void) | undefined;
  /** Told of every EEG recording that was read. */
  readonly onRecording?: ((progress: EegProgress) => void) | undefined;
  /** Told how wide activations will be before any are collected; may throw. */
  readonly onWidth?: ((dIn: number) => void) | undefined;
  /** Told how much of the activations was checked before training, bytes. */
  readonly onCheck?: ((done: { bytes: number; totalBytes: number }) => void) | undefined;
  /** Told of the tokens so far while a text is tokenised. */
  readonly onTokens?: ((tokens: number) => void) | undefined;
}

/**
 * Options with the undefined ones left out, for functions that tell "left out" from "undefined".
 */
function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

type LanguageModelConfig = Extract<Config["source"], { kind: "language_model" }>;

/**
 * What to collect for a language-model source; files and folders are looked for from the config's
 * folder on.
 */
export function collectOptions(
  source: LanguageModelConfig,
  options: OpenSourceOptions,
): CollectStoreOptions {
  const { baseFolder, catalogue } = options;
  const fromBase = (kind: "model" | "text", name: string) =>
    localPath(kind, name, catalogue, baseFolder) ?? name;
  return {
    model: fromBase("model", source.model),
    hook: source.hook,
    text: isPattern(source.text)
      ? patternFrom(baseFolder, source.text)
      : fromBase("text", source.text),
    textFormat: source.text_format,
    textColumn: source.text_column,
    context: source.context,
    maxTokens: source.max_tokens,
    skipSpecial: source.skip_special,
    mode: source.mode,
    dtype: source.dtype,
    threads: options.backend.threads,
    catalogue: options.catalogue,
    signal: options.signal,
    onProgress: options.onCollect,
    onTokens: options.onTokens,
    onWidth: options.onWidth,
    kernels: options.backend,
  };
}

/** How a language-model source serves its store, to be checked before there is one. */
export function serving(source: LanguageModelConfig): StoreServing {
  return given({
    where: `the activations of ${source.model} at ${source.hook}`,
    bufferBytes: source.buffer_bytes,
    heldOutFraction: source.held_out_fraction,
    heldOutRows: source.held_out_rows,
  });
}

/** Folder of the activation store of a language-model source. */
export async function storeFolder(
  source: LanguageModelConfig,
  options: OpenSourceOptions,
): Promise<string> {
  const name = await storeName(collectOptions(source, options));
  return join(options.cacheDir, "activations", name);
}

/**
 * Opens the source of a run. A language model's activations are collected into the cache first,
 * once.
 *
 * @throws {ConcordError} of the kind of source.
 */
export async function openSource(config: Config, options: OpenSourceOptions): Promise<Source> {
  const { source } = config;
  const seed = source.seed ?? config.seed;
  if (source.kind === "synthetic")
    return openSyntheticSource(
      options.backend,
      given({
        generator: source.generator,
        dIn: source.d_in,
        features: source.features,
        seed,
        normalizeFeatures: source.normalize_features,
        groups: source.groups,
        active: source.active,
        decay: source.decay,
        support: source.support,
        generationBatch: source.generation_batch,
        noise: source.noise,
        coefficients: source.coefficients,
        correlated: source.correlated,
        heldOutRows: source.held_out_rows,
      }),
    );
  if (source.kind === "eeg")
    return openEeg(source, { ...options, seed: config.seed, kernels: options.backend });
  const shared = {
    seed,
    bufferBytes: source.buffer_bytes,
    heldOutFraction: source.held_out_fraction,
    heldOutRows: source.held_out_rows,
    kernels: options.backend,
  };
  const { signal, onCheck } = options;
  if (source.kind === "arrays")
    return openArraySource(
      given({
        path: await arrayFiles(source.path, options.baseFolder),
        tensor: source.tensor,
        dtype: source.dtype,
        dIn: source.d_in,
        skipNonFinite: source.skip_non_finite,
        signal,
        onCheck,
        ...shared,
      }),
    );
  if (source.kind === "shards")
    return openShardSource(
      given({
        folder: resolve(options.baseFolder, source.path),
        skipNonFinite: source.skip_non_finite,
        signal,
        onCheck,
        ...shared,
      }),
    );
  const folder = await storeFolder(source, options);
  const { notices: ofText } = await collectStore(folder, {
    ...collectOptions(source, options),
    onShape: (store, rows) => requireStoreBuffer(store, rows, serving(source)),
  });
  const store = await openShardSource(given({ folder, signal, onCheck, ...shared }));
  return { ...store, notices: [...ofText, ...(store.notices ?? [])] };
}
