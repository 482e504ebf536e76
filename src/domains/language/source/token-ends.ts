/**
 * @file Where in their document the tokens of a store end, whatever cut them: in characters that
 *   are not white space. Tokenizers keep white space, case and accents differently, and agree on
 *   the rest.
 */

import type { TextTokenizer } from "../text/tokenizer.ts";
import type { StoreTokens } from "./store-tokens.ts";

/** Windows that are read at a time. */
const WINDOWS = 64;
/** Rows whose places are read at a time. */
const ROWS = 2 ** 16;
/** A character takes at most so many tokens; what still does not decode then is taken as it is. */
const MOST_PARTS = 4;
/** What tokens of a part of a character decode to. */
const UNDECODED = "�";

/** The ends of a store's rows. */
export interface TokenEnds {
  /** Document of each row, ascending, [rows]. */
  readonly documents: Int32Array;
  /**
   * Characters before the end of each row's token, [rows]. −1 where a token ends inside a
   * character, or adds nothing but white space.
   */
  readonly ends: Int32Array;
  /** Characters of each document, as far as the store has it. */
  readonly lengths: ReadonlyMap<number, number>;
}

/** Characters that all tokenizers keep: no white space, and accents count with their letter. */
function countOf(text: string): number {
  return [...text.normalize("NFD").replace(/[\s\p{M}\p{Cc}]/gu, "")].length;
}

/**
 * Counts the characters of documents token by token, for all stores of one tokenizer: what a token
 * adds is found out once.
 */
export class TokenCounter {
  readonly #tokenizer: TextTokenizer;
  readonly #known = new Map<string, { readonly count: number; readonly isWhole: boolean }>();
  readonly #texts = new Map<number, string>();
  /** The last token whose text is complete, and those after it whose text is not. */
  #before: number | undefined;
  #parts: number[] = [];
  count = 0;

  constructor(tokenizer: TextTokenizer) {
    this.#tokenizer = tokenizer;
  }

  startDocument(): void {
    this.#before = undefined;
    this.#parts = [];
    this.count = 0;
  }

  /** Where a token ends; −1 as in `TokenEnds.ends`. */
  end(token: number): number {
    const added = this.#added([...this.#parts, token]);
    if (!added.isWhole && this.#parts.length < MOST_PARTS - 1) {
      this.#parts.push(token);
      return -1;
    }
    this.#before = token;
    this.#parts = [];
    this.count += added.count;
    return added.count > 0 ? this.count : -1;
  }

  /** The text of one token by itself. */
  #alone(token: number): string {
    const known = this.#texts.get(token);
    if (known !== undefined) return known;
    const text = this.#tokenizer.decode([token]);
    this.#texts.set(token, text);
    return text;
  }

  /** What tokens add to the text: word pieces decode otherwise when nothing is before them. */
  #added(tokens: readonly number[]) {
    const before = this.#before === undefined ? [] : [this.#before];
    const key = [...before, ...tokens].join(" ");
    const known = this.#known.get(key);
    if (known) return known;
    const without = before.length === 0 ? "" : this.#alone(before[0]!);
    const whole = this.#tokenizer.decode([...before, ...tokens]);
    const isWhole = !whole.slice(without.length).includes(UNDECODED);
    const found = { count: Math.max(0, countOf(whole) - countOf(without)), isWhole };
    this.#known.set(key, found);
    return found;
  }
}

/** Where rows are among all tokens: window · contextLength + position, ascending, [rows]. */
async function placesOf(store: StoreTokens): Promise<Float64Array> {
  const places = new Float64Array(store.rows);
  for (let start = 0; start < store.rows; start += ROWS) {
    const count = Math.min(ROWS, store.rows - start);
    const { windows, positions } = await store.readRows(start, count);
    for (let i = 0; i < count; i++)
      places[start + i] = windows[i]! * store.contextLength + positions[i]!;
  }
  return places;
}

/**
 * The ends of all rows of a store. 24 bytes per row are in memory, and a few windows.
 *
 * @param counter Of the tokenizer that made the store's tokens.
 */
export async function tokenEnds(store: StoreTokens, counter: TokenCounter): Promise<TokenEnds> {
  const { rows, windows, contextLength, specialIds } = store;
  const places = await placesOf(store);
  const documents = new Int32Array(rows).fill(-1);
  const ends = new Int32Array(rows).fill(-1);
  const lengths = new Map<number, number>();
  let document = -1;
  let row = 0;
  for (let first = 0; first < windows; first += WINDOWS) {
    const count = Math.min(WINDOWS, windows - first);
    const { ids, documents: of, lengths: filled } = await store.readWindows(first, count);
    for (let w = 0; w < count; w++)
      for (let p = 0; p < filled[w]!; p++) {
        const at = w * contextLength + p;
        let end = -1;
        // Special tokens may stand inside a document, where it goes on in another window.
        if (!specialIds.has(ids[at]!)) {
          if (of[at] !== document) counter.startDocument();
          document = of[at]!;
          end = counter.end(ids[at]!);
          lengths.set(document, counter.count);
        }
        if (places[row] !== first * contextLength + at) continue;
        documents[row] = document;
        ends[row++] = end;
      }
  }
  return { documents, ends, lengths };
}
