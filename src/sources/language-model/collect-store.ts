/**
 * @file From a language model and a text to an activation store: written once, continued when interrupted, used by every run that
 * asks for the same.
 */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { ConcordError } from "../../errors.ts";
import { ioError } from "../../formats/io-error.ts";
import { type ResolvedText, resolveText } from "../../models/catalogue/catalogue.ts";
import type { CatalogueOptions } from "../../models/catalogue/options.ts";
import { collectActivations, defaultBatch } from "../../models/collect.ts";
import type { LanguageModel } from "../../models/hooked-model.ts";
import { contextOf, openModelByName } from "../../models/open-by-name.ts";
import { packText } from "../../models/pack-text.ts";
import { countRows, type PackedTokens } from "../../models/packing.ts";
import { type RowKernels, TYPESCRIPT_KERNELS } from "../rows/row-kernels.ts";
import { readShardIndex } from "../shards/read-index.ts";
import {
  MAX_BLOCK_BYTES,
  rowsOfIndex,
  type ShardDType,
  type ShardIndex,
  shardRowBytes,
} from "../shards/shard-index.ts";
import { openShardWriter, type ShardWriter } from "../shards/shard-writer.ts";

/** Which activations of which model over which text, and how they are stored. */
export interface CollectStoreOptions {
  /** Catalogue name, hub id, checkpoint folder, or .onnx file with a tokenizer.json beside it. */
  readonly model: string;
  readonly hook: string;
  /** Catalogue name or file. */
  readonly text: string;
  /** Tokens in a window; the model's, at most 1024, when undefined. */
  readonly context?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly skipSpecial: boolean;
  readonly mode: "packed" | "documents";
  readonly dtype: ShardDType;
  readonly threads?: number | undefined;
  readonly catalogue: CatalogueOptions;
  /** The backend that writes the store; default plain TypeScript. */
  readonly kernels?: RowKernels | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of the tokens so far while the text is tokenised, before any row is collected. */
  readonly onTokens?: ((tokens: number) => void) | undefined;
  readonly onProgress?: ((progress: CollectProgress) => void) | undefined;
}

/** How far collecting has come. */
export interface CollectProgress {
  readonly rows: number;
  readonly totalRows: number;
  /** Rows that were there before this process began. */
  readonly resumedRows: number;
}

/** A store that is complete. */
export interface CollectedStore {
  readonly folder: string;
  readonly rows: number;
  readonly dIn: number;
  /** Bytes of the rows on the disk. */
  readonly bytes: number;
  /** Rows written by this call; 0 when the store was complete already. */
  readonly written: number;
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 }))
      hash.update(piece);
  } catch (error) {
    throw ioError(error, "read", path);
  }
  return hash.digest("hex");
}

/** What decides the rows of a store beside its dtype; `context` and `max_tokens` may be undefined. */
async function collectionFacts(options: CollectStoreOptions, text: ResolvedText) {
  return {
    kind: "language_model",
    ...{ model: options.model, hook: options.hook, text: options.text },
    text_sha256: await sha256OfFile(text.path),
    ...{ context: options.context, max_tokens: options.maxTokens },
    ...{ mode: options.mode, skip_special: options.skipSpecial },
    // Stores of ONNX models without this key lack what the tokenizer puts around a text.
    ...(options.model.endsWith(".onnx") ? { special_tokens: "tokenizer" } : {}),
    // Stores without this key, of this hook, were written when the name meant the tensor after gain and bias.
    ...(options.hook.endsWith(".hook_normalized") ? { hook_convention: "transformer_lens_3" } : {}),
  };
}

/**
 * Folder name for a store of these options in a cache: readable, and different whenever the rows would be. A text file that
 * changed counts as another.
 *
 * @throws {ConcordError} when the text is not there or cannot be downloaded.
 */
export async function storeName(options: CollectStoreOptions): Promise<string> {
  const facts = await collectionFacts(options, await resolveText(options.text, options.catalogue));
  const all = JSON.stringify([facts, options.dtype]);
  const digest = createHash("sha256").update(all).digest("hex").slice(0, 12);
  const base = (name: string) =>
    name
      .split("/")
      .at(-1)!
      .replace(/[^\w.-]+/g, "-");
  return `${base(options.model)}-${base(options.hook)}-${base(options.text)}-${digest}`;
}

/**
 * Collects activations into `folder`, going on where an interrupted call stopped: the store's bytes are those of a call that was
 * never interrupted. Does nothing when the store is complete.
 *
 * Where every window gives the same number of rows (no special tokens left out), a window is a group of the store: none is in
 * training and held out at once.
 *
 * @throws {ConcordError} `hook/missing` with the nearest names, `interrupted`, `run/conflict` when the folder holds another
 *   store, and the errors of models and texts.
 */
export async function collectStore(
  folder: string,
  options: CollectStoreOptions,
): Promise<CollectedStore> {
  const { signal } = options;
  try {
    const text = await resolveText(options.text, options.catalogue);
    const facts = await collectionFacts(options, text);
    const complete = await completeStore(folder, options, facts);
    if (complete) return complete;
    const { model, tokenizer } = await openModelByName(options.model, options);
    try {
      // Asked first, so that a wrong context or hook costs no tokenising.
      const context = contextOf(model, options.context);
      const dIn = await model.width(options.hook);
      const { maxTokens, mode, onTokens } = options;
      const packed = await packText(text, {
        ...{ tokenizer, contextLength: context, mode, maxTokens, signal },
        onProgress: ({ tokens }) => onTokens?.(tokens),
      });
      const tokens = packed.lengths.reduce((a, b) => a + b, 0);
      const rows = countRows(packed, options.skipSpecial);
      if (rows === 0)
        throw new ConcordError(
          "argument/invalid",
          `${options.text} gives no activations: it has ${tokens === 0 ? "no tokens" : "special tokens only"}.`,
          { hint: "Give a longer text, more tokens of it, or keep special tokens." },
        );
      const rowBytes = shardRowBytes({ dtype: options.dtype, dIn });
      const writer = await openShardWriter({
        ...{ folder, dIn, dtype: options.dtype },
        provenance: { ...facts, context, tokens },
        groupRows: rowsPerWindow(packed, options.skipSpecial, rowBytes),
        kernels: options.kernels ?? TYPESCRIPT_KERNELS,
      });
      const resumedRows = writer.rowsWritten;
      try {
        if (!writer.isComplete) await append(writer, { model, packed, dIn, resumedRows }, options);
        return { folder, rows, dIn, bytes: rows * rowBytes, written: rows - resumedRows };
      } finally {
        await writer.close();
      }
    } finally {
      await model.close();
    }
  } catch (error) {
    if (error instanceof ConcordError && error.code === "interrupted")
      throw new ConcordError("interrupted", `Collecting into ${folder} was interrupted.`, {
        hint: "Run the same command again: it goes on where it stopped.",
        cause: error,
      });
    throw error;
  }
}

/** Appends all rows from `resumedRows` on, and finishes the store. */
async function append(
  writer: ShardWriter,
  from: { model: LanguageModel; packed: PackedTokens; dIn: number; resumedRows: number },
  options: CollectStoreOptions,
): Promise<void> {
  const { model, packed, dIn, resumedRows } = from;
  const { hook, skipSpecial, signal } = options;
  const totalRows = countRows(packed, skipSpecial);
  const batch = defaultBatch(packed.contextLength);
  // At a batch's start: a window run in other company differs in its last bits.
  const window = windowOfRow(packed, skipSpecial, resumedRows);
  const firstWindow = window - (window % batch);
  const collecting = { skipSpecial, firstWindow, batch, ...(signal ? { signal } : {}) };
  for await (const { rows, firstRow } of collectActivations(model, hook, packed, collecting)) {
    await writer.append(rows.subarray(Math.max(0, resumedRows - firstRow) * dIn));
    options.onProgress?.({ rows: writer.rowsWritten, totalRows, resumedRows });
  }
  await writer.finish();
}

/** The store in `folder` when it is complete and holds what `options` ask for; models need not be opened then. */
async function completeStore(
  folder: string,
  options: CollectStoreOptions,
  facts: Readonly<Record<string, unknown>>,
): Promise<CollectedStore | undefined> {
  let index: ShardIndex;
  try {
    index = await readShardIndex(folder);
  } catch (error) {
    if (error instanceof ConcordError && error.code === "file/missing") return undefined;
    throw error;
  }
  const { provenance, dIn, dtype } = index;
  const isSame = Object.entries(facts).every(
    ([key, value]) => (key === "context" && value === undefined) || provenance[key] === value,
  );
  if (!index.complete || dtype !== options.dtype || !isSame) return undefined;
  const rows = rowsOfIndex(index);
  return { folder, rows, dIn, bytes: rows * shardRowBytes(index), written: 0 };
}

/** Rows of every window but the last, when they all have the same number and fit a block; otherwise 1. */
function rowsPerWindow(packed: PackedTokens, skipSpecial: boolean, rowBytes: number): number {
  const first = countRows(packed, skipSpecial, 0, Math.min(1, packed.windows));
  if (first < 1 || first * rowBytes > MAX_BLOCK_BYTES) return 1;
  for (let window = 1; window < packed.windows; window++) {
    const rows = countRows(packed, skipSpecial, window, window + 1);
    const isLast = window === packed.windows - 1;
    if (rows !== first && !(isLast && rows < first)) return 1;
  }
  return first;
}

/** The window that holds row `row` of the collection. */
function windowOfRow(packed: PackedTokens, skipSpecial: boolean, row: number): number {
  let rows = 0;
  for (let window = 0; window < packed.windows; window++) {
    rows += countRows(packed, skipSpecial, window, window + 1);
    if (rows > row) return window;
  }
  return packed.windows;
}
