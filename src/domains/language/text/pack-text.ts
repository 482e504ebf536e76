/** @file Text files as context windows of one tokenizer. */

import { ConcordError } from "../../../errors.ts";
import type { ResolvedText } from "../catalogue/catalogue.ts";
import type { DocumentFormat } from "./document-formats.ts";
import { emptyTally, readDocuments, type TextTally } from "./documents.ts";
import { type PackedTokens, packDocuments } from "./packing.ts";
import type { TextTokenizer } from "./tokenizer.ts";

/** Which part of text files is text; by their names and content where undefined. */
export interface TextOptions {
  /** How the files hold documents. A text of the catalogue knows it itself. */
  readonly textFormat?: DocumentFormat | undefined;
  /**
   * Key of JSON objects, or column of Parquet files, that holds the text; `text` when undefined.
   */
  readonly textColumn?: string | undefined;
}

export interface PackTextOptions extends TextOptions {
  readonly tokenizer: TextTokenizer;
  /** Tokens in a window. */
  readonly contextLength: number;
  /** `packed` when left out. */
  readonly mode?: "packed" | "documents" | undefined;
  readonly maxTokens?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of the documents and tokens so far. */
  readonly onProgress?: ((done: { documents: number; tokens: number }) => void) | undefined;
}

/** The documents of several files, one after the other. @param tally Added to as they come. */
export async function* textDocuments(
  files: readonly ResolvedText[],
  options: TextOptions,
  tally?: TextTally,
): AsyncGenerator<string> {
  for (const { path, format } of files)
    yield* readDocuments(path, {
      format: format ?? options.textFormat,
      column: options.textColumn,
      ...(tally && { tally }),
    });
}

/**
 * Reads the first document of every file, so that what is not text is refused before anything
 * expensive.
 *
 * @throws {ConcordError} as {@link readDocuments}.
 */
export async function requireTexts(
  files: readonly ResolvedText[],
  options: TextOptions,
): Promise<void> {
  for (const file of files) {
    const documents = textDocuments([file], options);
    await documents.next();
    await documents.return(undefined);
  }
}

/**
 * Tokenises the documents of files and packs them into windows; a last window that is not full is
 * kept.
 *
 * @returns The windows, and what was read to fill them.
 * @throws {ConcordError} `interrupted`, `file/missing`, {FormatError} naming the place of what is
 *   not text.
 */
export async function packText(
  files: readonly ResolvedText[],
  options: PackTextOptions,
): Promise<{ readonly packed: PackedTokens; readonly tally: TextTally }> {
  const { tokenizer, signal, onProgress } = options;
  const tally = emptyTally();
  async function* ids() {
    let documents = 0;
    let tokens = 0;
    for await (const document of textDocuments(files, options, tally)) {
      if (signal?.aborted) throw new ConcordError("interrupted", "Tokenising was interrupted.");
      const encoded = tokenizer.encode(document);
      yield encoded;
      tokens += encoded.length;
      onProgress?.({ documents: ++documents, tokens });
    }
  }
  const packed = await packDocuments(ids(), {
    contextLength: options.contextLength,
    separatorId: tokenizer.separatorId,
    around: tokenizer.around,
    specialIds: tokenizer.specialIds,
    mode: options.mode ?? "packed",
    remainder: "keep",
    ...(options.maxTokens === undefined ? {} : { maxTokens: options.maxTokens }),
  });
  return { packed, tally };
}
