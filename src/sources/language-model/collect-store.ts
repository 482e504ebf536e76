/**
 * @file From a language model and a text to an activation store: written once, continued when interrupted, used by every run that
 * asks for the same.
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { ConcordError } from "../../errors.ts";
import { resolveModel, resolveText } from "../../models/catalogue/catalogue.ts";
import type { CatalogueOptions } from "../../models/catalogue/options.ts";
import { collectActivations } from "../../models/collect.ts";
import { readDocuments } from "../../models/documents.ts";
import { openLanguageModel } from "../../models/language-model.ts";
import { openOnnxModel } from "../../models/onnx-model.ts";
import { countRows, type PackedTokens, packDocuments } from "../../models/packing.ts";
import { openTokenizer, type TextTokenizer } from "../../models/tokenizer.ts";
import type { ShardDType } from "../shards/shard-index.ts";
import { openShardWriter } from "../shards/shard-writer.ts";

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
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CollectProgress) => void) | undefined;
}

export interface CollectProgress {
  readonly rows: number;
  readonly totalRows: number;
  /** Rows that were there before this process began. */
  readonly resumedRows: number;
}

export interface CollectedStore {
  readonly folder: string;
  readonly rows: number;
  readonly dIn: number;
  /** Rows written by this call; 0 when the store was complete already. */
  readonly written: number;
}

const MAX_DEFAULT_CONTEXT = 1024;

/** The tokens that a store is made of. */
async function packText(
  options: CollectStoreOptions,
  tokenizer: TextTokenizer,
  contextLength: number,
): Promise<PackedTokens> {
  const text = await resolveText(options.text, options.catalogue);
  async function* ids() {
    for await (const document of readDocuments(text.path, text.format))
      yield tokenizer.encode(document);
  }
  return packDocuments(ids(), {
    contextLength,
    separatorId: tokenizer.separatorId,
    specialIds: tokenizer.specialIds,
    mode: options.mode,
    remainder: "keep",
    ...(options.maxTokens === undefined ? {} : { maxTokens: options.maxTokens }),
  });
}

/** Folder name for a store of these options in a cache: readable, and different whenever the rows would be. */
export function storeName(options: CollectStoreOptions): string {
  const { model, hook, text, context, maxTokens, skipSpecial, mode, dtype } = options;
  const facts = JSON.stringify([model, hook, text, context, maxTokens, skipSpecial, mode, dtype]);
  const digest = createHash("sha256").update(facts).digest("hex").slice(0, 12);
  const base = (name: string) =>
    name
      .split("/")
      .at(-1)!
      .replace(/[^\w.-]+/g, "-");
  return `${base(model)}-${base(hook)}-${base(text)}-${digest}`;
}

/**
 * Collects activations into `folder`, going on where an interrupted call stopped. Does nothing when the store is complete.
 *
 * @throws {ConcordError} `hook/missing` with the nearest names, `interrupted`, and the errors of models, texts and stores.
 */
export async function collectStore(
  folder: string,
  options: CollectStoreOptions,
): Promise<CollectedStore> {
  const modelPath = await resolveModel(options.model, options.catalogue);
  const session = options.threads === undefined ? {} : { threads: options.threads };
  const isOnnx = modelPath.endsWith(".onnx");
  const model = isOnnx
    ? await openOnnxModel(modelPath, session)
    : await openLanguageModel(modelPath, session);
  try {
    const tokenizer = await openTokenizer(isOnnx ? join(modelPath, "..") : modelPath);
    const context =
      options.context ??
      Math.min(MAX_DEFAULT_CONTEXT, model.facts.contextLength ?? MAX_DEFAULT_CONTEXT);
    // Asked first, so that a wrong hook costs no tokenising.
    const dIn = model.width(options.hook);
    if (dIn === undefined)
      throw new ConcordError(
        "model/unsupported",
        `The width of ${options.hook} is not known before it is run.`,
      );
    const packed = await packText(options, tokenizer, context);
    const totalRows = countRows(packed, options.skipSpecial, 0, packed.windows);
    const writer = await openShardWriter({
      folder,
      dIn,
      dtype: options.dtype,
      provenance: {
        kind: "language_model",
        ...{
          model: options.model,
          hook: options.hook,
          text: options.text,
          context,
          mode: options.mode,
        },
        ...{ skip_special: options.skipSpecial, tokens: packed.lengths.reduce((a, b) => a + b, 0) },
      },
    });
    const resumedRows = writer.rowsWritten;
    if (writer.isComplete) {
      await writer.close();
      return { folder, rows: resumedRows, dIn, written: 0 };
    }
    try {
      const firstWindow = windowOfRow(packed, options.skipSpecial, resumedRows);
      const signal = options.signal === undefined ? {} : { signal: options.signal };
      const collecting = { skipSpecial: options.skipSpecial, firstWindow, ...signal };
      for await (const { rows, firstRow } of collectActivations(
        model,
        options.hook,
        packed,
        collecting,
      )) {
        const skip = Math.max(0, resumedRows - firstRow);
        await writer.append(rows.subarray(skip * dIn));
        options.onProgress?.({ rows: writer.rowsWritten, totalRows, resumedRows });
      }
      await writer.finish();
    } catch (error) {
      await writer.close().catch(() => undefined);
      throw error;
    }
    return { folder, rows: totalRows, dIn, written: totalRows - resumedRows };
  } finally {
    await model.close();
  }
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
