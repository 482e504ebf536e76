/**
 * @file The floor among embedders: tokens and pairs of tokens near the peak, weighted by how rare
 *   they are (TF-IDF). It knows no meaning.
 */

import type { Context } from "../draw-contexts.ts";
import type { ExplainedRows } from "../explanation.ts";
import type { Fragments } from "../fragments.ts";
import type { Embedder } from "./embedder.ts";

/** Rows on each side of the peak that count; the peak itself counts as much as all of them. */
const AROUND = 4;

/** Weights of terms; those of one name stand for one token or pair. */
type Terms = ReadonlyMap<number, number>;

/** log((1 + rows) / (1 + occurrences)) + 1 of every token, as scikit-learn's smoothed idf. */
function rarities(tokens: Int32Array): (token: number) => number {
  const counts = new Map<number, number>();
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  return (token) => Math.log((1 + tokens.length) / (1 + (counts.get(token) ?? 0))) + 1;
}

/** @param rows All rows, with their tokens by number. */
export function nGramEmbedder({ tokens, before }: ExplainedRows, fragments: Fragments): Embedder {
  const rarity = rarities(tokens);
  const vocabulary = tokens.reduce((most, token) => Math.max(most, token), 0) + 2;
  const termsOf = ({ fragment, peak }: Context): Terms => {
    const first = fragments.starts[fragment]!;
    const terms = new Map<number, number>();
    const add = (term: number, weight: number) => terms.set(term, (terms.get(term) ?? 0) + weight);
    const last = first + fragments.length - 1;
    for (let row = Math.max(first, peak - AROUND); row <= Math.min(last, peak + AROUND); row++) {
      const [token, previous] = [tokens[row]!, before[row]!];
      const weight = row === peak ? 2 * AROUND : 1;
      add(token, weight * rarity(token));
      if (previous >= 0)
        add((previous + 1) * vocabulary + token, (weight * (rarity(token) + rarity(previous))) / 2);
    }
    return terms;
  };
  return {
    name: "n_grams",
    about: "tokens and pairs near the peak, TF-IDF",
    async cosines(contexts) {
      const all = contexts.map(termsOf);
      const dot = (a: Terms, b: Terms) =>
        [...a].reduce((sum, [term, weight]) => sum + weight * (b.get(term) ?? 0), 0);
      const lengths = all.map((terms) => Math.sqrt(dot(terms, terms)));
      return Float32Array.from({ length: all.length ** 2 }, (_, at) => {
        const [i, j] = [Math.floor(at / all.length), at % all.length];
        return dot(all[i]!, all[j]!) / (lengths[i]! * lengths[j]!);
      });
    },
    close: async () => undefined,
  };
}
