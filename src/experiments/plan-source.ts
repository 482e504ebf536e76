/** @file Gathers what a plan needs to know of a config's source, without collecting activations. */

import type { Config } from "../config/schema.ts";
import { placeEeg } from "../domains/eeg/open-eeg.ts";
import { planEegStore } from "../domains/eeg/plan-eeg-store.ts";
import { resolveText } from "../domains/language/catalogue/catalogue.ts";
import { collectActivations } from "../domains/language/collect.ts";
import {
  contextOf,
  type NamedModel,
  openModelByName,
} from "../domains/language/models/open-by-name.ts";
import { textDocuments } from "../domains/language/text/pack-text.ts";
import { countRows, packDocuments } from "../domains/language/text/packing.ts";
import { showText } from "../domains/language/text/text-notices.ts";
import { ConcordError } from "../errors.ts";
import { heldOutCount } from "../sources/rows/stored-rows.ts";
import { DEFAULT_BLOCK_BYTES } from "../sources/rows/train-stream.ts";
import { emptyIndex } from "../sources/shards/begin-store.ts";
import { readShardIndex } from "../sources/shards/read-index.ts";
import { rowsOfIndex, shardRowBytes } from "../sources/shards/shard-index.ts";
import { requireStoreBuffer } from "../sources/shards/shard-source.ts";
import type { Source } from "../sources/source.ts";
import {
  collectOptions,
  type OpenSourceOptions,
  openSource,
  serving,
  storeFolder,
} from "./open-source.ts";
import type { SourceFacts } from "./plan-memory.ts";

/** Activations that the run must collect first. */
export interface CollectPlan {
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Resident memory while the model runs, in addition to the process. */
  readonly memoryBytes: number;
}

/** Activations that are kept in the cache. */
export interface CachedStore {
  readonly folder: string;
  /** An upper bound while the store does not exist yet. */
  readonly bytes: number;
  readonly isThere: boolean;
}

export interface SourcePlan {
  readonly facts: SourceFacts;
  /** The source itself if opening it is cheap; the caller closes it. */
  readonly source: Source | undefined;
  readonly collect: CollectPlan | undefined;
  readonly store: CachedStore | undefined;
}

type LanguageModelConfig = Extract<Config["source"], { kind: "language_model" }>;

/** Characters of text that are tokenised to estimate the tokens per byte. */
const SAMPLE_CHARACTERS = 2 ** 18;

/** Timed runs of the model, after one warm-up run. */
const SAMPLE_RUNS = 3;

/** The facts of an open source. */
export function factsOf(source: Source): SourceFacts {
  return {
    dIn: source.dIn,
    rowsPerPass: source.train.rowsPerPass,
    heldOutRows: source.heldOut.rows,
    memoryBytes: source.memoryBytes ?? source.trueFeatures?.matrix.byteLength ?? 0,
    trueFeatures: source.trueFeatures?.count ?? 0,
    hasTargets: source.heldOut.hasTargets ?? false,
  };
}

/**
 * Finds a complete store.
 *
 * @returns undefined when there is none, or only the beginning of one.
 */
async function storeThere(folder: string): Promise<CachedStore | undefined> {
  try {
    const index = await readShardIndex(folder);
    if (!index.complete) return undefined;
    return { folder, bytes: rowsOfIndex(index) * shardRowBytes(index), isThere: true };
  } catch (error) {
    if (error instanceof ConcordError && error.code === "file/missing") return undefined;
    throw error;
  }
}

/**
 * Gathers the facts about a source. If a language model's activations are not in the cache yet, the
 * model runs on a few windows. If EEG windows are not, one recording is cut into windows. It
 * downloads and writes nothing.
 *
 * @param residentMemory Resident memory of this process now, bytes.
 * @throws {ConcordError} `file/missing` naming a model or text that is not on this machine.
 */
export async function planSource(
  config: Config,
  options: OpenSourceOptions & { clock: () => number; residentMemory: () => number },
): Promise<SourcePlan> {
  const offline = { ...options, catalogue: { ...options.catalogue, offline: true } };
  let store: CachedStore | undefined;
  if (config.source.kind === "language_model") {
    const folder = await storeFolder(config.source, offline);
    store = await storeThere(folder);
    if (!store) {
      const planned = await collectPlan(config.source, offline);
      const bytes = planned.collect?.bytes ?? 0;
      return { ...planned, store: { folder, bytes, isThere: false } };
    }
  }
  if (config.source.kind === "eeg") {
    const { backend, clock } = offline;
    const placed = await placeEeg(config.source, {
      ...offline,
      seed: config.seed,
      kernels: backend,
    });
    if (placed.folder !== undefined) {
      store = await storeThere(placed.folder);
      if (!store) {
        const planned = await planEegStore(config.source, placed, clock);
        const { bytes } = planned.collect;
        const absent = { folder: placed.folder, bytes, isThere: false };
        return { ...planned, source: undefined, store: absent };
      }
    }
  }
  const source = await openSource(config, offline);
  return { facts: factsOf(source), source, collect: undefined, store };
}

async function collectPlan(
  config: LanguageModelConfig,
  options: Parameters<typeof planSource>[1],
): Promise<Omit<SourcePlan, "store">> {
  const { dtype, hook, skipSpecial } = collectOptions(config, options);
  const before = options.residentMemory();
  const { model: name, text } = collectOptions(config, options);
  const opened = await openModelByName(name, {
    catalogue: options.catalogue,
    threads: options.backend.threads,
  });
  try {
    const dIn = await opened.model.width(hook);
    const sample = await sampleText(opened, config, options);
    const speed = await timeCollection(opened, hook, sample.packed, skipSpecial, options.clock);
    const rows = Math.max(2, Math.round(sample.tokens * speed.rowsPerToken));
    const bytes = rows * shardRowBytes({ dtype, dIn });
    const store = { folder: "", dIn, dtype, provenance: { kind: config.kind } };
    if (dIn > 0) requireStoreBuffer(emptyIndex(store), rows, serving(config));
    const heldOutRows = heldOutCount(
      rows,
      {
        heldOutFraction: config.held_out_fraction,
        ...(config.held_out_rows === undefined ? {} : { heldOutRows: config.held_out_rows }),
      },
      showText(text),
    );
    const trainRows = rows - heldOutRows;
    const whole = (trainRows * (bytes + 4 * rows)) / rows + 2 * DEFAULT_BLOCK_BYTES;
    return {
      facts: {
        dIn,
        rowsPerPass: trainRows,
        heldOutRows,
        trueFeatures: 0,
        memoryBytes: Math.min(config.buffer_bytes, whole),
      },
      source: undefined,
      collect: {
        rows,
        bytes,
        seconds: rows / speed.rowsPerSecond,
        // Tokens and the documents they came from are held until the collection ends.
        memoryBytes: Math.max(0, options.residentMemory() - before) + 8 * sample.tokens,
      },
    };
  } finally {
    await opened.model.close();
  }
}

/** The first windows of a text, and an estimate of the tokens in all of it. */
async function sampleText(
  { model, tokenizer }: NamedModel,
  config: LanguageModelConfig,
  options: OpenSourceOptions,
) {
  const { text, textFormat, textColumn } = collectOptions(config, options);
  const files = await resolveText(text, options.catalogue);
  const documents: Int32Array[] = [];
  let [read, all] = [0, 0];
  for await (const document of textDocuments(files, { textFormat, textColumn })) {
    all += document.length;
    if (read > SAMPLE_CHARACTERS) continue;
    // A book is one document.
    const part = document.slice(0, SAMPLE_CHARACTERS);
    read += part.length;
    documents.push(tokenizer.encode(part));
  }
  const packed = await packDocuments(documents, {
    contextLength: contextOf(model, config.context),
    separatorId: tokenizer.separatorId,
    around: tokenizer.around,
    specialIds: tokenizer.specialIds,
    mode: config.mode,
    remainder: "keep" as const,
  });
  const tokens = packed.lengths.reduce((a, b) => a + b, 0);
  const estimate = read === 0 ? 0 : Math.round((tokens * all) / read);
  return { packed, tokens: Math.min(config.max_tokens ?? Number.POSITIVE_INFINITY, estimate) };
}

async function timeCollection(
  { model }: NamedModel,
  hook: string,
  packed: Awaited<ReturnType<typeof packDocuments>>,
  skipSpecial: boolean,
  clock: () => number,
): Promise<{ rowsPerSecond: number; rowsPerToken: number }> {
  let rows = 0;
  let start = clock();
  let seconds = 0;
  let run = 0;
  for await (const part of collectActivations(model, hook, packed, { skipSpecial })) {
    const count = part.tokens.length;
    const now = clock();
    // If the text is short, the first run is the only one.
    if (run === 1) [rows, seconds] = [0, 0];
    rows += count;
    seconds += (now - start) / 1000;
    start = now;
    if (run++ === SAMPLE_RUNS) break;
  }
  const tokens = packed.lengths.reduce((a, b) => a + b, 0);
  return {
    rowsPerSecond: rows / Math.max(seconds, 1e-9),
    rowsPerToken: countRows(packed, skipSpecial) / Math.max(1, tokens),
  };
}
