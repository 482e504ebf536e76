/**
 * @file A finite group by generators: its elements in a fixed order, what each is as a word, and
 *   how they multiply. Permutations are the model: two elements are one where they permute alike.
 */

import { ConcordError, expected } from "../errors.ts";

/** Larger groups are refused: an orbit has a row for each element. */
const MOST_ELEMENTS = 1024;

/** A generator: where each point goes. */
export interface GroupGenerator {
  /** One letter or word, for words of elements: `r`. */
  readonly name: string;
  /** Images of the points 0 … n − 1. */
  readonly permutation: readonly number[];
}

/** A finite group. */
export interface FiniteGroup {
  /** For people and configs: `c4`. */
  readonly name: string;
  /** Its elements, which is the number of poses. Element 0 is the identity. */
  readonly size: number;
  readonly generators: readonly GroupGenerator[];
  /** By element, a shortest word: numbers of generators, the last of which acts first. */
  readonly words: readonly (readonly number[])[];
  /** By element, for people: `e`, `r`, `r²`, `r f`. */
  readonly names: readonly string[];
  /** Element k · j, where j acts first, at [k · size + j]. */
  readonly products: Int32Array;
}

/** First `second`, then `first`. */
function compose(first: readonly number[], second: readonly number[]): number[] {
  return second.map((point) => first[point]!);
}

function checked({ name, permutation }: GroupGenerator, points: number): void {
  const isWhole = permutation.length === points && new Set(permutation).size === points;
  if (isWhole && permutation.every((p) => Number.isInteger(p) && p >= 0 && p < points)) return;
  throw expected(`generator ${name}`, `each of the numbers 0 to ${points - 1} once`, permutation);
}

/**
 * The group that generators make. Dimino's algorithm lists the powers of the first generator, then
 * their products with the next one, and so on.
 *
 * @throws {ConcordError} "argument/invalid" for generators that are not permutations of one set, or
 *   that make more than 1024 elements.
 * @see Butler 1991, "Fundamental Algorithms for Permutation Groups", §3.
 */
export function finiteGroup(name: string, generators: readonly GroupGenerator[]): FiniteGroup {
  const points = generators[0]?.permutation.length ?? 1;
  for (const generator of generators) checked(generator, points);
  const elements = [Array.from({ length: points }, (_, i) => i)];
  const known = new Map([[elements[0]!.join(), 0]]);
  const add = (element: number[]) => {
    if (elements.length >= MOST_ELEMENTS)
      throw new ConcordError(
        "argument/invalid",
        `The generators of ${name} do not close within ${MOST_ELEMENTS} elements.`,
        { hint: "An orbit has a row for each element: give generators of a smaller group." },
      );
    known.set(element.join(), elements.length);
    elements.push(element);
  };
  for (const [i, { permutation }] of generators.entries()) {
    if (known.has([...permutation].join())) continue;
    const before = elements.length;
    const coset = (representative: readonly number[]) => {
      for (let h = 0; h < before; h++) add(compose(elements[h]!, representative));
    };
    coset(permutation);
    for (let at = before; at < elements.length; at += before)
      for (const { permutation: s } of generators.slice(0, i + 1)) {
        const next = compose(elements[at]!, s);
        if (!known.has(next.join())) coset(next);
      }
  }
  const indexOf = (element: readonly number[]) => known.get(element.join())!;
  const size = elements.length;
  const products = Int32Array.from({ length: size * size }, (_, at) =>
    indexOf(compose(elements[Math.floor(at / size)]!, elements[at % size]!)),
  );
  const letters = generators.map(({ permutation }) => indexOf(permutation));
  const words = shortestWords(size, letters, products);
  const names = words.map((word) => nameOf(word.map((letter) => generators[letter]!.name)));
  return { name, size, generators, words, names, products };
}

/** Breadth first from the identity; each step lets one more generator act. */
function shortestWords(size: number, letters: readonly number[], products: Int32Array): number[][] {
  const words: number[][] = [[]];
  const queue = [0];
  for (let at = 0; at < queue.length; at++)
    for (const [i, letter] of letters.entries()) {
      const next = products[letter * size + queue[at]!]!;
      if (words[next]) continue;
      words[next] = [i, ...words[queue[at]!]!];
      queue.push(next);
    }
  return words;
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** `r r f` as `r² f`. */
function nameOf(letters: readonly string[]): string {
  const parts: [string, number][] = [];
  for (const letter of letters) {
    const last = parts.at(-1);
    if (last?.[0] === letter) last[1]++;
    else parts.push([letter, 1]);
  }
  const power = (n: number) =>
    n === 1 ? "" : [...String(n)].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
  return parts.length === 0 ? "e" : parts.map(([letter, n]) => letter + power(n)).join(" ");
}

/** How often an element acts until nothing has moved. */
export function orderOf({ size, products }: FiniteGroup, element: number): number {
  let order = 1;
  for (let at = element; at !== 0; at = products[element * size + at]!) order++;
  return order;
}

/** The element of a generator. */
export function elementOf({ words }: FiniteGroup, generator: number): number {
  return words.findIndex((word) => word.length === 1 && word[0] === generator);
}
