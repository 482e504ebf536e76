/**
 * @file Rules that say when a latent is active, in terms of the tokens. They are about the token,
 *   the one before it, both, the word in any case, or a pattern of the token's text.
 */

import { escapeControls } from "../../../formats/show-name.ts";

/** Tokens by number: the texts that rows can have. */
export interface Vocabulary {
  /** Text of each token number, with its space. */
  readonly texts: readonly string[];
}

/** A rule that can be tried on a row. */
export interface Rule {
  readonly kind: "token" | "before" | "bigram" | "word" | "regex";
  /** As a person reads it, on one line. Rules of equal texts hold for the same rows. */
  readonly text: string;
  /** Whether a row with this token, behind that one (−1: none), satisfies it. */
  holds(token: number, before: number): boolean;
}

/** What tokens are like, apart from their words. */
const PATTERNS: readonly RegExp[] = [
  /^\s*\d+$/,
  /^\s*[A-Z][a-z]*$/,
  /^[a-z]+$/i,
  /^ [A-Z]/,
  /^\s*[.!?]+$/,
  /^\s*[,;:]$/,
  /^\s*["“”'‘’]+$/,
  /^\s+$/,
  /^\W+$/,
  /\P{ASCII}/u,
];

/** Letters of an ending or beginning that tokens can share. */
const SHARED_LETTERS = [5, 4, 3, 2];
/** Share of the sample that a rule must hold for to be tried. */
const COVERED = 0.5;
/** Single tokens, and pairs, that are tried. */
const TRIED = 3;

/** A token as a person reads it, on one line: `" car"`. */
export const quoted = (text: string) => escapeControls(JSON.stringify(text));
const wordOf = (text: string) => text.trim().toLowerCase();

/** Values by how often they occur, most first; of equal ones the first to come. */
function byFrequency<T>(values: readonly T[]): T[] {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([value]) => value);
}

/** Makes rules, and keeps which tokens patterns hold for. */
export class Rules {
  readonly #texts: readonly string[];
  /** The first token that reads like each. */
  readonly #alike: Int32Array;
  readonly #holding = new Map<string, Uint8Array>();

  constructor({ texts }: Vocabulary) {
    this.#texts = texts;
    const first = new Map<string, number>();
    for (const [token, text] of texts.entries()) if (!first.has(text)) first.set(text, token);
    this.#alike = Int32Array.from(texts, (text) => first.get(text)!);
  }

  /**
   * Rules that hold for many rows of a sample in which a latent is active.
   *
   * @param sample Tokens of the rows and those before them, −1 for none.
   */
  propose(sample: readonly { readonly token: number; readonly before: number }[]): Rule[] {
    const alike = this.#alike;
    const tokens = sample.map(({ token }) => alike[token]!);
    const behind = sample.filter(({ before }) => before >= 0);
    const before = behind.map((row) => alike[row.before]!);
    const pairs = behind.map((row) => `${alike[row.before]} ${alike[row.token]}`);
    const text = (id: number) => this.#texts[id]!;
    const rules: Rule[] = [];
    for (const id of byFrequency(tokens).slice(0, TRIED))
      rules.push({ kind: "token", text: quoted(text(id)), holds: (token) => alike[token] === id });
    for (const id of byFrequency(before).slice(0, TRIED))
      rules.push({
        kind: "before",
        text: `behind ${quoted(text(id))}`,
        holds: (_, previous) => alike[previous] === id,
      });
    for (const pair of byFrequency(pairs).slice(0, TRIED)) {
      const [first, second] = pair.split(" ").map(Number) as [number, number];
      rules.push({
        kind: "bigram",
        text: `${quoted(text(first))} then ${quoted(text(second))}`,
        holds: (token, previous) => alike[token] === second && alike[previous] === first,
      });
    }
    const words = tokens.map((id) => wordOf(text(id)));
    for (const word of byFrequency(words).slice(0, 1))
      if (word !== "") rules.push(this.#asWord(word));
    return [...rules, ...this.#patterns(tokens, words)];
  }

  #asWord(word: string): Rule {
    const holding = this.#holdingFor(`word ${word}`, (text) => wordOf(text) === word);
    const text = `${quoted(word)} in any case`;
    return { kind: "word", text, holds: (token) => holding[token] === 1 };
  }

  #patterns(tokens: readonly number[], words: readonly string[]): Rule[] {
    const spelt = words.filter((word) => /^\p{L}+$/u.test(word)).map((word) => [...word]);
    const shared: RegExp[] = [];
    for (const letters of SHARED_LETTERS) {
      const long = spelt.filter(({ length }) => length > letters);
      const [ending] = byFrequency(long.map((word) => word.slice(-letters).join("")));
      if (ending !== undefined) shared.push(new RegExp(`${ending}$`, "i"));
      const [beginning] = byFrequency(long.map((word) => word.slice(0, letters).join("")));
      if (beginning !== undefined) shared.push(new RegExp(`^\\s*${beginning}`, "i"));
    }
    const covers = (pattern: RegExp) =>
      tokens.filter((id) => pattern.test(this.#texts[id]!)).length >= COVERED * tokens.length;
    const found = [...shared, ...PATTERNS].filter(covers);
    return found.map((pattern) => {
      const holding = this.#holdingFor(String(pattern), (text) => pattern.test(text));
      return { kind: "regex", text: String(pattern), holds: (token) => holding[token] === 1 };
    });
  }

  #holdingFor(name: string, holds: (text: string) => boolean): Uint8Array {
    const known = this.#holding.get(name);
    if (known) return known;
    const holding = Uint8Array.from(this.#texts, (text) => (holds(text) ? 1 : 0));
    this.#holding.set(name, holding);
    return holding;
  }
}
