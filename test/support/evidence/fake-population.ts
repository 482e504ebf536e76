/**
 * @file A population that never was: latents that stand for words of made-up stories, or for words
 *   after another word. Members have them or something of their own. Everything follows from the
 *   seed.
 */

import {
  normalAt,
  permutation,
  type RandomStream,
  randomStream,
  uniformAt,
} from "../../../src/base/philox.ts";
import type { LatentCard } from "../../../src/evidence/card.ts";
import { type FakeText, fakeText, GAP_WORDS, ODD_WORDS } from "./fake-text.ts";

/** Cosine from which a partner counts, and that of random atoms. */
export const THRESHOLD = 0.7;
export const NULL_COSINE = 0.21;

/** What one latent stands for: a word, perhaps after another, and how often it recurs. */
export interface Concept {
  readonly word: string;
  /** The latent fires only after this token. */
  readonly after: string | undefined;
  readonly strength: number;
  /** Probability with which a member has it. */
  readonly recurrence: number;
  readonly dead: boolean;
}

/** Members, each with one latent for every concept, in an order of its own. */
export class FakePopulation {
  readonly text: FakeText;
  readonly words: readonly string[];
  readonly concepts: readonly Concept[];
  /** Concept of each latent, and latent of each concept, by member. */
  readonly conceptOf: readonly Int32Array[];
  readonly latentOf: readonly Int32Array[];
  readonly #members: readonly string[];
  readonly #seed: number;
  readonly #streams = new Map<string, RandomStream>();

  constructor(members: readonly string[], latents: number, documents: number, seed: number) {
    this.#members = members;
    this.#seed = seed;
    this.text = fakeText(seed, documents);
    const rest = [...this.text.positions.keys()].sort();
    this.words = [...new Set([...ODD_WORDS, ...GAP_WORDS, ...rest])];
    this.concepts = Array.from({ length: latents }, (_, i) => this.#concept(i));
    this.conceptOf = members.map((_, m) => permutation(this.stream(`order/${m}`), latents));
    this.latentOf = this.conceptOf.map((order) => {
      const inverse = new Int32Array(order.length);
      order.forEach((concept, latent) => {
        inverse[concept] = latent;
      });
      return inverse;
    });
  }

  /** Random numbers of this name. */
  stream(name: string): RandomStream {
    const known = this.#streams.get(name) ?? randomStream(this.#seed, `fake evidence/${name}`);
    this.#streams.set(name, known);
    return known;
  }

  #concept(i: number): Concept {
    const stream = this.stream(`concept/${i}`);
    const word = this.words[i % this.words.length]!;
    const first = this.text.positions.get(word)?.[0] ?? 0;
    return {
      word,
      after: i < this.words.length ? undefined : this.text.tokens[Math.max(0, first - 1)],
      strength: 1 + 4 * uniformAt(stream, 0),
      recurrence: Math.sqrt(uniformAt(stream, 1)),
      dead: i % 37 === 36,
    };
  }

  /** Whether a member has learnt the concept, and not something of its own in its place. */
  has(member: number, concept: number): boolean {
    const drawn = uniformAt(this.stream(`has/${member}`), concept);
    return drawn < this.concepts[concept]!.recurrence;
  }

  #cosine(a: number, b: number, concept: number): number {
    const both = this.has(a, concept) && this.has(b, concept);
    const stream = this.stream(`cosine/${Math.min(a, b)}/${Math.max(a, b)}`);
    const noise = normalAt(stream, concept);
    return Math.min(0.995, Math.max(0.05, both ? 0.93 + 0.03 * noise : 0.34 + 0.11 * noise));
  }

  /** The same concept in the other members. */
  partners(member: number, concept: number): LatentCard["partners"] {
    return this.#members.flatMap((name, other) => {
      if (other === member) return [];
      const cosine = this.#cosine(member, other, concept);
      const dead = this.concepts[concept]!.dead;
      return [
        {
          member: name,
          latent: this.latentOf[other]![concept]!,
          cosine,
          counts: cosine >= THRESHOLD,
          code_correlation: dead ? null : cosine ** 2,
          jaccard: dead ? null : cosine ** 3,
        },
      ];
    });
  }

  /** Rows in which a latent of the concept is active, ascending. */
  firesAt(concept: Concept): readonly number[] {
    if (concept.dead) return [];
    const all = this.text.positions.get(concept.word) ?? [];
    return concept.after === undefined
      ? all
      : all.filter((at) => this.text.tokens[at - 1] === concept.after);
  }

  /** Activation of `member`'s version of the concept at a token where it fires. */
  activation(member: number, concept: number, at: number): number {
    const { strength } = this.concepts[concept]!;
    const shared = uniformAt(this.stream(`value/${concept}`), at);
    const own = uniformAt(this.stream(`value/${concept}/${member}`), at);
    return strength * (0.15 + 0.5 * shared ** 2 + 0.35 * own);
  }

  /** How many other members have it, beside the null. */
  recurrence(member: number, concept: number): NonNullable<LatentCard["recurrence"]> {
    const cosines = this.partners(member, concept).map(({ cosine }) => cosine);
    const counting = cosines.filter((c) => c >= THRESHOLD);
    const mean = cosines.reduce((a, b) => a + b, 0) / cosines.length;
    const spread = Math.sqrt(cosines.reduce((a, b) => a + (b - mean) ** 2, 0) / cosines.length);
    return {
      found_in: counting.length,
      of: cosines.length,
      threshold: THRESHOLD,
      mean_cosine: cosines.length === 0 ? null : mean,
      spread: cosines.length === 0 ? null : spread,
      null_cosine: NULL_COSINE,
      null_found_in: 0,
    };
  }
}
