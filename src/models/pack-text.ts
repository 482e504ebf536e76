/** @file A text file as context windows of one tokenizer. */

import { ConcordError } from "../errors.ts";
import { type DocumentFormat, readDocuments } from "./documents.ts";
import { type PackedTokens, packDocuments } from "./packing.ts";
import type { TextTokenizer } from "./tokenizer.ts";

export interface PackTextOptions {
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

/**
 * Tokenises the documents of a file and packs them into windows; a last window that is not full is kept.
 *
 * @throws {ConcordError} `interrupted`, `file/missing`, {FormatError} naming the line.
 */
export function packText(
  text: { readonly path: string; readonly format: DocumentFormat | undefined },
  options: PackTextOptions,
): Promise<PackedTokens> {
  const { tokenizer, signal, onProgress } = options;
  async function* ids() {
    let documents = 0;
    let tokens = 0;
    for await (const document of readDocuments(text.path, text.format)) {
      if (signal?.aborted) throw new ConcordError("interrupted", "Tokenising was interrupted.");
      const encoded = tokenizer.encode(document);
      yield encoded;
      tokens += encoded.length;
      onProgress?.({ documents: ++documents, tokens });
    }
  }
  return packDocuments(ids(), {
    contextLength: options.contextLength,
    separatorId: tokenizer.separatorId,
    around: tokenizer.around,
    specialIds: tokenizer.specialIds,
    mode: options.mode ?? "packed",
    remainder: "keep",
    ...(options.maxTokens === undefined ? {} : { maxTokens: options.maxTokens }),
  });
}
