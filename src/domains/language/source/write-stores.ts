/** @file Writes the stores of one pass of a model, each from where it was broken off. */

import { given } from "../../../base/given.ts";
import { sum } from "../../../base/statistics/mean.ts";
import { ConcordError } from "../../../errors.ts";
import { TYPESCRIPT_KERNELS } from "../../../sources/rows/row-kernels.ts";
import { emptyIndex } from "../../../sources/shards/begin-store.ts";
import { readShardIndex } from "../../../sources/shards/read-index.ts";
import {
  MAX_BLOCK_BYTES,
  rowsOfIndex,
  type ShardIndex,
  shardRowBytes,
} from "../../../sources/shards/shard-index.ts";
import { openShardWriter, type ShardWriter } from "../../../sources/shards/shard-writer.ts";
import type { LanguageModel } from "../models/hooked-model.ts";
import type { TextTally } from "../text/documents.ts";
import { countRows, type PackedTokens } from "../text/packing.ts";
import { showText, textNotices } from "../text/text-notices.ts";
import { findSinks, type SinkFacts, sinkNotices, sinkProvenance } from "./attention-sinks.ts";
import { collectHooks, defaultBatch } from "./collect.ts";
import type { CollectedStore, CollectStoreOptions, HookStore } from "./collect-options.ts";
import type { CollectionFacts } from "./collection-facts.ts";
import { describeTokenFile, type StoredTokens, tokenFilePieces } from "./token-file.ts";

/** A store that is wanted, and what is there of it. */
export interface Begun extends HookStore {
  readonly facts: CollectionFacts;
  readonly index: ShardIndex | undefined;
  readonly whole: boolean;
}

/** What rows are made from. */
export interface Material {
  readonly model: LanguageModel;
  readonly packed: PackedTokens;
  readonly tally: TextTally;
  readonly context: number;
}

/** A store that is being written. */
interface Writing {
  readonly hook: string;
  readonly dIn: number;
  readonly packed: PackedTokens;
  readonly writer: ShardWriter;
  readonly resumedRows: number;
}

type Options = Omit<CollectStoreOptions, "hook">;

/**
 * Writes what the stores lack, in one pass over the text.
 *
 * @throws {ConcordError} `interrupted`, or for a text that gives no rows; the errors of files.
 */
export async function writeStores(
  stores: readonly Begun[],
  material: Material,
  options: Options,
): Promise<CollectedStore[]> {
  const open: Writing[] = [];
  try {
    // Hooks of stores that are whole are run as well: what is computed together has the same bits.
    const hooks = stores.map(({ hook }) => hook);
    const { model, packed } = material;
    const sinks = packed.windows === 0 ? [] : await findSinks(model, hooks, packed);
    for (const [i, store] of stores.entries())
      open.push(await openStore(store, sinks[i], material, options));
    if (open.some(({ writer }) => !writer.isComplete)) await append(open, material.model, options);
    const all: CollectedStore[] = [];
    for (const [i, { folder }] of stores.entries()) {
      const { writer, resumedRows } = open[i]!;
      all.push(collected(folder, await readShardIndex(folder), writer.rowsWritten - resumedRows));
    }
    return all;
  } finally {
    for (const { writer } of open) await writer.close();
  }
}

/** Opens the store of one hook for writing, where it was broken off. */
async function openStore(
  { hook, folder, facts }: Begun,
  sinks: SinkFacts | undefined,
  { model, packed: all, tally, context }: Material,
  options: Options,
): Promise<Writing> {
  const { skipSpecial, skipSinks = true, dtype, kernels = TYPESCRIPT_KERNELS } = options;
  const skippedPositions = new Set(skipSinks ? sinks?.positions : []);
  const packed = { ...all, skippedPositions };
  const dIn = await model.width(hook);
  const tokens = sum(packed.lengths);
  const rows = countRows(packed, skipSpecial);
  if (rows === 0)
    throw new ConcordError(
      "argument/invalid",
      `${showText(options.text)} gives no activations: it has ${tokens === 0 ? "no tokens" : "special tokens only"}.`,
      { hint: "Give a longer text, more tokens of it, or keep special tokens." },
    );
  const stored: StoredTokens = { packed, skipSpecial };
  const known = sinks ? sinkProvenance(sinks, skipSinks) : {};
  const store = {
    folder,
    dIn,
    dtype,
    provenance: { ...facts, context, ...known, tokens, ...tallyFacts(tally) },
    groupRows: rowsPerWindow(packed, skipSpecial, shardRowBytes({ dtype, dIn })),
    kernels,
  };
  options.onShape?.(emptyIndex(store), rows, hook);
  const writer = await openShardWriter({
    ...store,
    tokens: {
      described: await describeTokenFile(stored, kernels),
      pieces: () => tokenFilePieces(stored),
    },
  });
  return { hook, dIn, packed, writer, resumedRows: writer.rowsWritten };
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
export function collected(folder: string, index: ShardIndex, written: number): CollectedStore {
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

/** An error of one of several stores, with its hook in front. */
function atHook(error: unknown, hook: string): unknown {
  if (!(error instanceof ConcordError)) return error;
  const { code, hint, message } = error;
  return new ConcordError(code, `${hook}: ${message}`, given({ hint, cause: error }));
}

/** Appends to every store the rows that it lacks, and finishes those that are not complete. */
async function append(
  stores: readonly Writing[],
  model: LanguageModel,
  { skipSpecial, signal, onProgress }: Options,
): Promise<void> {
  const batch = defaultBatch(stores[0]!.packed.contextLength, model.windowsAtOnce);
  const windows = stores.map(({ packed, resumedRows }) =>
    windowOfRow(packed, skipSpecial, resumedRows),
  );
  const behind = stores[windows.indexOf(Math.min(...windows))]!;
  const totalRows = countRows(behind.packed, skipSpecial);
  const window = Math.min(...windows);
  // At a batch's start: a window run in other company differs in its last bits.
  const firstWindow = window - (window % batch);
  const collecting = { skipSpecial, firstWindow, batch, ...(signal ? { signal } : {}) };
  for await (const all of collectHooks(model, stores, collecting)) {
    for (const [i, { rows, firstRow }] of all.entries()) {
      const { hook, writer, dIn, resumedRows } = stores[i]!;
      const lacking = rows.subarray(Math.max(0, resumedRows - firstRow) * dIn);
      if (writer.isComplete || lacking.length === 0) continue;
      await writer.append(lacking).catch((error) => {
        throw stores.length > 1 ? atHook(error, hook) : error;
      });
    }
    onProgress?.({ rows: behind.writer.rowsWritten, totalRows, resumedRows: behind.resumedRows });
  }
  for (const { writer } of stores) if (!writer.isComplete) await writer.finish();
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
