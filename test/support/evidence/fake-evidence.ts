/**
 * @file Evidence of a population that never was, for pages and their tests: latents that fire on
 *   words of made-up stories, recur in some members, and are dead now and then. Everything follows
 *   from the seed.
 */

import { integerAt, normalAt, permutation, uniformAt } from "../../../src/base/philox.ts";
import { ConcordError } from "../../../src/errors.ts";
import type {
  Example,
  FeaturesSummary,
  LatentCard,
  LatentColumns,
  ListedLatent,
} from "../../../src/evidence/card.ts";
import type { Evidence } from "../../../src/evidence/evidence.ts";
import { type Concept, FakePopulation, NULL_COSINE, THRESHOLD } from "./fake-population.ts";

export interface FakeOptions {
  readonly members?: readonly string[];
  readonly latents?: number;
  readonly documents?: number;
  /** Tokens on each side of an example. */
  readonly around?: number;
  /** Examples that a card has, in all kinds together about 3.5 times as many. */
  readonly examples?: number;
  readonly seed?: number;
  /** Whether there are no texts but pictures, as with rows that are not text. */
  readonly pictures?: boolean;
}

/** What an analysis says of every latent. */
const NOTES = [
  {
    title: "Scored by local proxies",
    text: 'Explained by " car".',
    scores: [
      { name: "detection", value: 0.9, chance: 0.5 },
      { name: "simulation", value: 0.7, chance: null },
    ],
  },
];

class FakeEvidence implements Evidence {
  readonly summary: FeaturesSummary;
  readonly #of: FakePopulation;
  readonly #members: readonly string[];
  readonly #latents: number;
  readonly #around: number;
  readonly #examples: number;
  readonly #pictures: boolean;

  constructor(options: FakeOptions) {
    this.#members = options.members ?? [0, 1, 2, 3].map((i) => `member-${i}`);
    this.#latents = options.latents ?? 130;
    this.#around = options.around ?? 10;
    this.#examples = options.examples ?? 6;
    this.#pictures = options.pictures ?? false;
    this.#of = new FakePopulation(
      this.#members,
      this.#latents,
      options.documents ?? 60,
      options.seed ?? 0,
    );
    this.summary = this.#summarise();
  }

  #example(member: number, concept: number, row: number, value: number): Example {
    const { tokens, starts, documentOf } = this.#of.text;
    const document = documentOf[row]!;
    const from = Math.max(starts[document]!, row - this.#around);
    const to = Math.min(starts[document + 1] ?? tokens.length, row + this.#around + 1);
    const fires = new Set(this.#of.firesAt(this.#of.concepts[concept]!));
    const base = {
      row,
      value,
      held_out: document % 5 === 4,
      where: `document ${document}, position ${row - starts[document]!}`,
      group: document,
    };
    if (this.#pictures) return { ...base, pieces: [], peak: 0, svg: picture(row) };
    const pieces = tokens.slice(from, to).map((text, i) => {
      const at = from + i;
      const lives =
        at === row ? value : fires.has(at) ? this.#of.activation(member, concept, at) : 0;
      return { text, value: round(lives) };
    });
    return { ...base, pieces, peak: row - from };
  }

  #exampleGroups(member: number, concept: number): LatentCard["examples"] {
    const n = this.#examples;
    const made = (rows: readonly number[], of = concept) =>
      rows.map((at) => this.#example(member, of, at, round(this.#of.activation(member, of, at))));
    const fires = this.#of.firesAt(this.#of.concepts[concept]!);
    const sorted = [...fires].sort(
      (a, b) => this.#of.activation(member, concept, b) - this.#of.activation(member, concept, a),
    );
    const order = permutation(
      this.#of.stream(`random/${member}/${concept}`),
      Math.max(1, fires.length),
    );
    const random = [...order].slice(0, Math.min(n, fires.length)).map((i) => fires[i]!);
    const top = sorted[0] === undefined ? 0 : this.#of.activation(member, concept, sorted[0]);
    const groups = 5;
    const quantiles = Array.from({ length: groups }, (_, g) => {
      const [from, to] = [(top * (groups - 1 - g)) / groups, (top * (groups - g)) / groups];
      const inside = sorted.filter((at) => {
        const value = this.#of.activation(member, concept, at);
        return value > from && value <= to;
      });
      return {
        from,
        to,
        share: fires.length === 0 ? 0 : inside.length / fires.length,
        examples: made(inside.slice(0, Math.ceil(n / 4))),
      };
    }).filter(({ examples }) => examples.length > 0);
    const next = (concept + 1) % this.#latents;
    const near =
      fires.length === 0 ? [] : this.#of.firesAt(this.#of.concepts[next]!).slice(0, n / 2);
    return {
      top: made(sorted.slice(0, n)),
      quantiles,
      random: made(random),
      near_misses: near.map((at) => ({
        ...this.#example(member, concept, at, 0),
        value: round(this.#of.activation(member, next, at)),
      })),
    };
  }

  #label({ word, after, dead }: Concept): string {
    if (dead) return "";
    const quoted = JSON.stringify(word);
    return after === undefined ? quoted : `${JSON.stringify(after)} then ${quoted}`;
  }

  #rules(concept: Concept): LatentCard["rules"] {
    const rows = this.#of.text.tokens.length;
    const fires = this.#of.firesAt(concept).length;
    const all = this.#of.text.positions.get(concept.word)?.length ?? 0;
    if (fires === 0 || all === 0) return [];
    const { word, after } = concept;
    const precision = fires / all;
    const token = { kind: "token", text: JSON.stringify(word), precision, recall: 0.97 };
    const pattern = word.trim().slice(0, 2).replace(/\W/g, ".");
    return [
      ...(after === undefined
        ? []
        : [
            {
              kind: "bigram",
              text: `${JSON.stringify(after)} then ${JSON.stringify(word)}`,
              precision: 0.98,
              recall: 0.96,
              rows: fires / rows,
            },
          ]),
      { ...token, rows: all / rows },
      {
        kind: "pattern",
        text: `/^ ${pattern}/`,
        precision: precision / 3,
        recall: 1,
        rows: (3 * all) / rows,
      },
    ];
  }

  #indexOf(member: string): number {
    const index = this.#members.indexOf(member);
    if (index >= 0) return index;
    throw new ConcordError("argument/invalid", `There is no member "${member}".`, {
      hint: `Members: ${this.#members.join(", ")}`,
    });
  }

  async card(name: string, latent: number): Promise<LatentCard> {
    const member = this.#indexOf(name);
    const number = this.#of.conceptOf[member]?.[latent];
    if (number === undefined)
      throw new ConcordError("argument/invalid", `${name} has no latent ${latent}.`, {
        hint: `Its latents are 0 to ${this.#latents - 1}.`,
      });
    const concept = this.#of.concepts[number]!;
    const fires = this.#of.firesAt(concept);
    const values = fires.map((at) => this.#of.activation(member, number, at)).sort((a, b) => a - b);
    const max = values.at(-1) ?? null;
    const rows = this.#of.text.tokens.length;
    const others = (salt: string) =>
      Array.from({ length: 8 }, (_, i) => ({
        latent: integerAt(this.#of.stream(`${salt}/${name}/${latent}`), i, this.#latents),
        value: 0.62 * 0.85 ** i,
      })).filter((other) => other.latent !== latent);
    const recurrence = this.#of.recurrence(member, number);
    const isAlone = recurrence.found_in === 0 && !concept.dead;
    const words = this.#of.words;
    const logits = (sign: number) =>
      Array.from({ length: 10 }, (_, i) => ({
        text: words[integerAt(this.#of.stream(`logit/${number}/${sign}`), i, words.length)]!,
        value: round(sign * (1.9 - 0.14 * i)),
      }));
    return {
      member: name,
      latent,
      latents: this.#latents,
      label: this.#label(concept),
      rows,
      active_rows: fires.length,
      density: fires.length / rows,
      dead: fires.length === 0,
      mean: values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length,
      max,
      quantiles: [0.1, 0.25, 0.5, 0.75, 0.9, 0.99].flatMap((at) =>
        values.length === 0 ? [] : [{ at, value: values[Math.floor(at * values.length)]! }],
      ),
      histogram: histogram(values),
      alignment: concept.dead ? 0.02 : 0.55 + 0.4 * uniformAt(this.#of.stream("align"), number),
      initial_distance: concept.dead
        ? 0.003
        : 0.5 + 0.4 * uniformAt(this.#of.stream("start"), number),
      recurrence: this.#members.length < 2 ? null : recurrence,
      partners: this.#of.partners(member, number),
      nearest: others("nearest"),
      coactive: concept.dead ? [] : others("coactive"),
      rebuilt: isAlone
        ? this.#of.partners(member, number).map(({ member: other }) => ({
            member: other,
            latents: [3, 11, 29].map((l) => l % this.#latents),
            cosine: 0.71,
            null_cosine: 0.33,
          }))
        : [],
      examples: this.#exampleGroups(member, number),
      rules: this.#pictures ? [] : this.#rules(concept),
      logits: this.#pictures ? null : { top: logits(1), bottom: logits(-1) },
      notes: this.#pictures ? [] : NOTES,
      ...(this.#pictures ? { logits_absent: "These rows come from no model." } : {}),
      figures: this.#pictures ? [{ title: "Atom", svg: picture(number) }] : [],
    };
  }

  async columns(name: string): Promise<LatentColumns> {
    const member = this.#indexOf(name);
    const concepts = [...this.#of.conceptOf[member]!];
    const values = concepts.map((concept) =>
      this.#of
        .firesAt(this.#of.concepts[concept]!)
        .map((at) => this.#of.activation(member, concept, at)),
    );
    const recurrences = concepts.map((concept) => this.#of.recurrence(member, concept));
    const around = (axis: string, concept: number) =>
      8 * uniformAt(this.#of.stream(axis), this.#of.has(member, concept) ? concept % 24 : concept) +
      0.4 * normalAt(this.#of.stream(`${axis}/${name}`), concept);
    return {
      member: name,
      label: concepts.map((c) => this.#label(this.#of.concepts[c]!)),
      density: values.map((v) => v.length / this.#of.text.tokens.length),
      max: values.map((v) => Math.max(0, ...v)),
      mean: values.map((v) => (v.length === 0 ? 0 : v.reduce((a, b) => a + b, 0) / v.length)),
      alignment: concepts.map((c) => 0.55 + 0.4 * uniformAt(this.#of.stream("align"), c)),
      found_in: recurrences.map((r) => r.found_in),
      mean_cosine: recurrences.map((r) => r.mean_cosine),
      truth: concepts.map((c) => (this.#of.has(member, c) ? 0.9 : 0.35)),
      map: { x: concepts.map((c) => around("x", c)), y: concepts.map((c) => around("y", c)) },
    };
  }

  #listed(member: number, latent: number): ListedLatent {
    const number = this.#of.conceptOf[member]![latent]!;
    const concept = this.#of.concepts[number]!;
    const { found_in, mean_cosine } = this.#of.recurrence(member, number);
    return {
      member: this.#members[member]!,
      latent,
      label: this.#label(concept),
      density: this.#of.firesAt(concept).length / this.#of.text.tokens.length,
      found_in,
      mean_cosine,
      best_rule: this.#rules(concept)[0] ?? null,
    };
  }

  /** Ten latents of the first member that are active. */
  #standOut(order: (a: ListedLatent, b: ListedLatent) => number): ListedLatent[] {
    return Array.from({ length: this.#latents }, (_, latent) => this.#listed(0, latent))
      .filter(({ density }) => density > 0)
      .sort(order)
      .slice(0, 10);
  }

  async find(query: string, options: { member?: string; limit?: number } = {}) {
    const wanted = query.toLowerCase();
    const found: ListedLatent[] = [];
    for (const name of options.member === undefined ? this.#members : [options.member])
      for (let latent = 0; latent < this.#latents; latent++) {
        const listed = this.#listed(this.#indexOf(name), latent);
        const text = `${latent} ${listed.label} ${listed.best_rule?.text ?? ""}`.toLowerCase();
        if (text.includes(wanted)) found.push(listed);
      }
    return found.slice(0, options.limit ?? 50);
  }

  #summarise(): FeaturesSummary {
    const held = this.#of.text.documentOf.filter((d) => d % 5 === 4).length;
    return {
      version: 1,
      kind: this.#pictures ? "arrays" : "language_model",
      unit: this.#pictures ? "rows" : "tokens",
      rows: this.#of.text.tokens.length,
      held_out_rows: held,
      around: this.#around,
      threshold: THRESHOLD,
      members: this.#members.map((name, m) => {
        const found = [...this.#of.conceptOf[m]!].map((c) => this.#of.recurrence(m, c).found_in);
        return {
          name,
          latents: this.#latents,
          dead: [...this.#of.conceptOf[m]!].filter((c) => this.#of.concepts[c]!.dead).length,
          compared_with: this.#members.filter((other) => other !== name),
          null_cosine: NULL_COSINE,
          null_found_in: 0,
          recurring: this.#members.map((_, i) => found.filter((f) => f === i).length),
        };
      }),
      most_recurrent: this.#standOut((a, b) => b.found_in - a.found_in),
      most_idiosyncratic: this.#standOut((a, b) => a.found_in - b.found_in),
      left_out: ["Made up for tests: nothing was looked at."],
    };
  }

  async close(): Promise<void> {}
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

function histogram(sorted: readonly number[]): LatentCard["histogram"] {
  const width = ((sorted.at(-1) ?? 0) * 1.0001) / 40 || 1;
  const counts = new Array<number>(sorted.length === 0 ? 0 : 40).fill(0);
  for (const value of sorted) counts[Math.floor(value / width)]!++;
  return { bin_width: width, counts };
}

/** A wave as an SVG element, in the colour of the text around it. */
function picture(seed: number): string {
  const points = Array.from({ length: 60 }, (_, x) =>
    [2 * x, 20 - 16 * Math.sin((x + seed) / 4)].map((v) => v.toFixed(1)).join(" "),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40" width="120" height="40" role="img" aria-label="wave ${seed}"><path d="M${points.join("L")}" fill="none" stroke="currentColor"/></svg>`;
}

/** Evidence that was made up, with plausible numbers. */
export function fakeEvidence(options: FakeOptions = {}): Evidence {
  return new FakeEvidence(options);
}
