/**
 * @file Rules that say when a latent is active, in terms of the tokens: the token, the one before
 *   it, both, the word in any case, or a pattern of the token's text.
 */

/** Tokens by number: the texts that rows can have. */
export interface Vocabulary {
  /** Text of each token number, with its space. */
  readonly texts: readonly string[];
}

/** A rule that can be tried on a row. */
export interface Rule {
  readonly kind: "token" | "before" | "bigram" | "word" | "regex";
  /** As a person reads it. */
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

const quoted = (text: string) => JSON.stringify(text);
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
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
  readonly #holding = new Map<string, Uint8Array>();

  constructor({ texts }: Vocabulary) {
    this.#texts = texts;
  }

  /**
   * Rules that hold for many rows of a sample in which a latent is active.
   *
   * @param sample Tokens of the rows and those before them, −1 for none.
   */
  propose(sample: readonly { readonly token: number; readonly before: number }[]): Rule[] {
    const texts = this.#texts;
    const tokens = sample.map(({ token }) => token);
    const before = sample.map((row) => row.before).filter((id) => id >= 0);
    const pairs = sample.filter((row) => row.before >= 0).map((r) => `${r.before} ${r.token}`);
    const text = (id: number) => texts[id]!;
    const rules: Rule[] = [];
    for (const id of byFrequency(tokens).slice(0, TRIED))
      rules.push({ kind: "token", text: quoted(text(id)), holds: (token) => token === id });
    for (const id of byFrequency(before).slice(0, TRIED))
      rules.push({
        kind: "before",
        text: `behind ${quoted(text(id))}`,
        holds: (_, previous) => previous === id,
      });
    for (const pair of byFrequency(pairs).slice(0, TRIED)) {
      const [first, second] = pair.split(" ").map(Number) as [number, number];
      rules.push({
        kind: "bigram",
        text: `${quoted(text(first))} then ${quoted(text(second))}`,
        holds: (token, previous) => token === second && previous === first,
      });
    }
    const words = tokens.map((id) => wordOf(text(id)));
    for (const word of byFrequency(words).slice(0, 1))
      if (word !== "") rules.push(this.#asWord(word));
    return [...rules, ...this.#patterns(tokens, words)];
  }

  #asWord(word: string): Rule {
    const holding = this.#holdingFor(`word ${word}`, (text) => wordOf(text) === word);
    return { kind: "word", text: `${word} (any case)`, holds: (token) => holding[token] === 1 };
  }

  #patterns(tokens: readonly number[], words: readonly string[]): Rule[] {
    const covers = (holds: (i: number) => boolean) =>
      tokens.filter((_, i) => holds(i)).length >= COVERED * tokens.length;
    const found: RegExp[] = [];
    for (const letters of SHARED_LETTERS) {
      const long = words.filter((word) => word.length > letters && /^\p{L}+$/u.test(word));
      const [ending] = byFrequency(long.map((word) => word.slice(-letters)));
      if (ending !== undefined && covers((i) => words[i]!.endsWith(ending)))
        found.push(new RegExp(`${escaped(ending)}$`, "i"));
      const [beginning] = byFrequency(long.map((word) => word.slice(0, letters)));
      if (beginning !== undefined && covers((i) => words[i]!.startsWith(beginning)))
        found.push(new RegExp(`^\\s*${escaped(beginning)}`, "i"));
    }
    for (const pattern of PATTERNS)
      if (covers((i) => pattern.test(this.#texts[tokens[i]!]!))) found.push(pattern);
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
