/**
 * @file From a language model and a text to an activation store: written once, continued when
 *   interrupted, used by every run that asks for the same.
 */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { sum } from "../../../base/statistics/mean.ts";
import { ConcordError } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { type RowKernels, TYPESCRIPT_KERNELS } from "../../../sources/rows/row-kernels.ts";
import { emptyIndex } from "../../../sources/shards/begin-store.ts";
import { readShardIndex } from "../../../sources/shards/read-index.ts";
import {
  MAX_BLOCK_BYTES,
  rowsOfIndex,
  type ShardIndex,
  shardRowBytes,
} from "../../../sources/shards/shard-index.ts";
import type { StoreShape } from "../../../sources/shards/shard-source.ts";
import { openShardWriter, type ShardWriter } from "../../../sources/shards/shard-writer.ts";
import { resolveText } from "../catalogue/catalogue.ts";
import type { LanguageModel } from "../models/hooked-model.ts";
import { contextOf, openModelByName } from "../models/open-by-name.ts";
import type { TextTally } from "../text/documents.ts";
import { packText, requireTexts } from "../text/pack-text.ts";
import { countRows, type PackedTokens } from "../text/packing.ts";
import { showText, textNotices } from "../text/text-notices.ts";
import { findSinks, sinkNotices, sinkProvenance } from "./attention-sinks.ts";
import { collectActivations, defaultBatch } from "./collect.ts";
import {
  type CollectionFacts,
  type CollectionRequest,
  collectionFacts,
  collectionName,
  requireSameCollection,
} from "./collection-facts.ts";
import { describeTokenFile, type StoredTokens, tokenFilePieces } from "./token-file.ts";

/** Which activations of which model over which text, and how they are stored. */
export interface CollectStoreOptions extends CollectionRequest {
  /** Catalogue name, hub id, checkpoint folder, or .onnx file with a tokenizer.json beside it. */
  readonly model: string;
  readonly hook: string;
  /** Catalogue name, file, folder or pattern, or several of them. */
  readonly text: string | readonly string[];
  /** Tokens in a window; the model's, at most 1024, when undefined. */
  readonly context?: number | undefined;
  readonly threads?: number | undefined;
  readonly catalogue: CatalogueOptions;
  /** The backend that writes the store; default plain TypeScript. */
  readonly kernels?: RowKernels | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of the width of a row before anything is tokenised or run; may throw. */
  readonly onWidth?: ((dIn: number) => void) | undefined;
  /** Told of the tokens so far while the text is tokenised, before any row is collected. */
  readonly onTokens?: ((tokens: number) => void) | undefined;
  readonly onProgress?: ((progress: CollectProgress) => void) | undefined;
  /**
   * Told what the store will be like before any row is collected; what it throws ends the
   * collection.
   */
  readonly onShape?: ((store: StoreShape, rows: number) => void) | undefined;
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
  /** What a person should know of the text, a line each. */
  readonly notices: readonly string[];
}

/**
 * Folder name for a store of these options in a cache: readable, and different whenever the rows
 * would be. A text file that changed counts as another.
 *
 * @throws {ConcordError} when the text is not there or cannot be downloaded.
 */
export async function storeName(options: CollectStoreOptions): Promise<string> {
  const facts = await collectionFacts(options, await resolveText(options.text, options.catalogue));
  return collectionName(facts, options.dtype);
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
  try {
    const texts = await resolveText(options.text, options.catalogue);
    await requireTexts(texts, options);
    const facts = await collectionFacts(options, texts);
    const begun = await existingIndex(folder);
    if (begun) requireSameCollection(folder, begun, facts, options.dtype);
    if (begun && (await isWhole(folder, begun))) return collected(folder, begun, 0);
    const { model, tokenizer } = await openModelByName(options.model, options);
    try {
      // Asked first, so that a wrong context or hook costs no tokenising.
      const context = contextOf(model, options.context);
      const dIn = await model.width(options.hook);
      options.onWidth?.(dIn);
      if (begun) requireSameCollection(folder, begun, { ...facts, context }, options.dtype);
      const { packed, tally } = await packText(texts, {
        tokenizer,
        contextLength: context,
        mode: options.mode,
        maxTokens: options.maxTokens,
        textFormat: options.textFormat,
        textColumn: options.textColumn,
        signal: options.signal,
        onProgress: ({ tokens }) => options.onTokens?.(tokens),
      });
      const { skipSinks = true } = options;
      const sinks = packed.windows === 0 ? undefined : await findSinks(model, options.hook, packed);
      const skippedPositions = new Set(skipSinks ? sinks?.positions : []);
      const known = sinks ? sinkProvenance(sinks, skipSinks) : {};
      return await write(
        folder,
        {
          model,
          packed: { ...packed, skippedPositions },
          dIn,
          facts: { ...facts, context, ...known },
          tally,
        },
        options,
      );
    } finally {
      await model.close();
    }
  } catch (error) {
    if (error instanceof ConcordError && error.code === "interrupted")
      throw new ConcordError("interrupted", `Collecting into ${folder} was interrupted.`, {
        hint: "Run the same command again: it continues where it stopped.",
        cause: error,
      });
    throw error;
  }
}

/** What rows are made from. */
interface Material {
  readonly model: LanguageModel;
  readonly packed: PackedTokens;
  readonly dIn: number;
  readonly facts: CollectionFacts;
  readonly tally: TextTally;
}

async function write(
  folder: string,
  material: Material,
  options: CollectStoreOptions,
): Promise<CollectedStore> {
  const { packed, dIn, facts, tally } = material;
  const { skipSpecial, dtype, kernels = TYPESCRIPT_KERNELS } = options;
  const tokens = sum(packed.lengths);
  const rows = countRows(packed, skipSpecial);
  if (rows === 0)
    throw new ConcordError(
      "argument/invalid",
      `${showText(options.text)} gives no activations: it has ${tokens === 0 ? "no tokens" : "special tokens only"}.`,
      { hint: "Give a longer text, more tokens of it, or keep special tokens." },
    );
  const stored: StoredTokens = { packed, skipSpecial };
  const store = {
    folder,
    dIn,
    dtype,
    provenance: { ...facts, tokens, ...tallyFacts(tally) },
    groupRows: rowsPerWindow(packed, skipSpecial, shardRowBytes({ dtype, dIn })),
    kernels,
  };
  options.onShape?.(emptyIndex(store), rows);
  const writer = await openShardWriter({
    ...store,
    tokens: {
      described: await describeTokenFile(stored, kernels),
      pieces: () => tokenFilePieces(stored),
    },
  });
  const resumedRows = writer.rowsWritten;
  try {
    if (!writer.isComplete) await append(writer, { ...material, resumedRows }, options);
    return collected(folder, await readShardIndex(folder), writer.rowsWritten - resumedRows);
  } finally {
    await writer.close();
  }
}

/** What reading the text came to, for the provenance. */
function tallyFacts({ documents, empty, replaced, controls }: TextTally) {
  return {
    documents,
    ...(empty > 0 && { empty_documents: empty }),
    ...(replaced > 0 && { replaced_characters: replaced }),
    ...(controls > 0 && { control_characters: controls }),
  };
}

/** A store that is complete, as its index describes it. */
function collected(folder: string, index: ShardIndex, written: number): CollectedStore {
  const { replaced_characters: replaced = 0, control_characters: controls = 0 } = index.provenance;
  const text = String(index.provenance["text"]);
  const rows = rowsOfIndex(index);
  return {
    folder,
    rows,
    dIn: index.dIn,
    bytes: rows * shardRowBytes(index),
    written,
    notices: [
      ...textNotices(text, { replaced: Number(replaced), controls: Number(controls) }),
      ...sinkNotices(index.provenance),
    ],
  };
}

/** Appends all rows from `resumedRows` on, and finishes the store. */
async function append(
  writer: ShardWriter,
  from: Material & { readonly resumedRows: number },
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

/**
 * Rows of every window but the last, when they all have the same number and fit a block; otherwise
 * 1.
 */
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
