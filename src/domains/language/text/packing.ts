/**
 * @file Documents to context windows. `packed` joins all documents, each behind a separator, and
 *   cuts the stream into full windows, as language models are trained. `documents` starts every
 *   document in a window of its own.
 *
 * A tokenizer that puts tokens behind a text ([CLS] text [SEP]) belongs to a model that reads whole
 * windows. Then every window is a text of its own. It begins and ends with these tokens, and
 * between two documents in a window stand those of the end.
 */

import { expected } from "../../../errors.ts";
import type { TokenBatch } from "./token-batch.ts";

/** How documents become windows of tokens. */
export interface PackOptions {
  /** Tokens in a window, at least 2. */
  readonly contextLength: number;
  /** Token in front of each document; none when left out. */
  readonly separatorId?: number | undefined;
  /**
   * What the tokenizer puts around a text. Only where it puts something behind does it count; the
   * separator is not used then.
   */
  readonly around?: { readonly before: readonly number[]; readonly after: readonly number[] };
  /**
   * `packed` (default) or `documents`: a long document goes on in further windows, each behind the
   * separator.
   */
  readonly mode?: "packed" | "documents";
  /**
   * What to do in `packed` mode with the tokens that do not fill a last window; `drop` when left
   * out.
   */
  readonly remainder?: "drop" | "keep";
  /** Ids without text, which collection may leave out; the separator always counts as one. */
  readonly specialIds?: ReadonlySet<number>;
  /** Stop when this many tokens are packed; all, when left out. */
  readonly maxTokens?: number;
}

/** Context windows in one rectangle, shorter ones padded at the end with id 0. */
export interface PackedTokens {
  readonly contextLength: number;
  readonly windows: number;
  /** [windows, contextLength]. */
  readonly ids: Int32Array;
  /** Real tokens of each window, [windows]. */
  readonly lengths: Int32Array;
  /** Index of the document that each token came from, [windows, contextLength]; −1 in padding. */
  readonly documentOf: Int32Array;
  readonly specialIds: ReadonlySet<number>;
  /** Positions of a window that collection leaves out: attention sinks. None when left out. */
  readonly skippedPositions?: ReadonlySet<number>;
}

/** Grows by doubling: the number of tokens is known only at the end. */
class IntList {
  #data = new Int32Array(2 ** 16);
  length = 0;

  push(value: number): void {
    if (this.length === this.#data.length) {
      const larger = new Int32Array(2 * this.#data.length);
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data[this.length++] = value;
  }

  /** The first `length` elements followed by `value`s up to `total`. */
  padded(total: number, value: number): Int32Array<ArrayBuffer> {
    const out = new Int32Array(total).fill(value);
    out.set(this.#data.subarray(0, Math.min(this.length, total)));
    return out;
  }
}

/** What stands around windows, and between documents where nothing stands around windows. */
function specialsOf({ around, separatorId }: PackOptions) {
  const isWhole = around && (around.after.length > 0 || around.before.length > 1);
  return isWhole
    ? { before: around.before, after: around.after, separatorId: undefined }
    : { before: [], after: [], separatorId };
}

/**
 * Packs documents of token ids into context windows.
 *
 * @param documents Token ids without special tokens around them; empty documents take part with
 *   their separator only.
 */
export async function packDocuments(
  documents: Iterable<ArrayLike<number>> | AsyncIterable<ArrayLike<number>>,
  options: PackOptions,
): Promise<PackedTokens> {
  const { contextLength, mode = "packed", remainder = "drop" } = options;
  const { maxTokens = Number.POSITIVE_INFINITY } = options;
  const { before, after, separatorId } = specialsOf(options);
  if (!Number.isSafeInteger(contextLength) || contextLength < 2)
    throw expected("contextLength", "an integer of at least 2", contextLength);
  if (before.length + after.length >= contextLength)
    throw expected(
      "context",
      `more than the ${before.length + after.length} tokens that the tokenizer puts around every window`,
      contextLength,
    );
  const ids = new IntList();
  const documentOf = new IntList();
  const lengths: number[] = [];
  /** Tokens in the window being filled. */
  let filled = 0;
  let total = 0;
  let document = 0;
  /** The document of the last token of a text. */
  let current = 0;

  const put = (id: number) => {
    ids.push(id);
    documentOf.push(current);
    total++;
    filled++;
  };
  const closeWindow = () => {
    if (filled === 0) return;
    after.forEach(put);
    lengths.push(filled);
    for (; filled < contextLength; filled++) {
      ids.push(0);
      documentOf.push(-1);
    }
    filled = 0;
  };
  const add = (id: number) => {
    current = document;
    if (filled === 0) before.forEach(put);
    put(id);
    if (filled + after.length === contextLength) closeWindow();
  };
  /** Ends a text within a window, or the window where nothing else would fit. */
  const endText = () => {
    if (filled + 2 * after.length >= contextLength) closeWindow();
    else if (filled > 0) after.forEach(put);
  };

  for await (const tokens of documents) {
    if (mode === "documents") closeWindow();
    else endText();
    if (separatorId !== undefined) add(separatorId);
    for (let i = 0; i < tokens.length && total < maxTokens; i++) {
      if (mode === "documents" && filled === 0 && i > 0 && separatorId !== undefined)
        add(separatorId);
      add(tokens[i]!);
    }
    document++;
    if (total >= maxTokens) break;
  }
  if (mode === "documents" || remainder === "keep") closeWindow();
  const windows = lengths.length;
  const special = new Set(options.specialIds ?? []);
  for (const id of [separatorId, ...before, ...after]) if (id !== undefined) special.add(id);
  return {
    contextLength,
    windows,
    ids: ids.padded(windows * contextLength, 0),
    lengths: Int32Array.from(lengths),
    documentOf: documentOf.padded(windows * contextLength, -1),
    specialIds: special,
  };
}

/** The windows [from, to) as a batch, no wider than the longest of them. */
export function windowBatch(packed: PackedTokens, from: number, to: number): TokenBatch {
  const { ids, contextLength } = packed;
  const lengths = packed.lengths.subarray(from, to);
  const batch = lengths.length;
  const positions = lengths.reduce((longest, length) => Math.max(longest, length), 0);
  const wide = ids.subarray(from * contextLength, to * contextLength);
  if (positions === contextLength) return { ids: wide, batch, positions, lengths };
  const narrow = new Int32Array(batch * positions);
  for (let window = 0; window < batch; window++) {
    const start = window * contextLength;
    narrow.set(wide.subarray(start, start + positions), window * positions);
  }
  return { ids: narrow, batch, positions, lengths };
}

/**
 * Whether collection keeps a token: those at positions that are not skipped, and with `skipSpecial`
 * only those that stand for text.
 */
export function isKept(
  packed: PackedTokens,
  { id, position }: { readonly id: number; readonly position: number },
  skipSpecial: boolean,
): boolean {
  if (packed.skippedPositions?.has(position)) return false;
  return !(skipSpecial && packed.specialIds.has(id));
}

/** Number of rows that collection makes of the windows [from, to). */
export function countRows(
  packed: PackedTokens,
  skipSpecial: boolean,
  from = 0,
  to = packed.windows,
): number {
  const { ids, lengths, contextLength } = packed;
  let rows = 0;
  for (let window = from; window < to; window++)
    for (let p = 0; p < lengths[window]!; p++)
      if (isKept(packed, { id: ids[window * contextLength + p]!, position: p }, skipSpecial))
        rows++;
  return rows;
}
