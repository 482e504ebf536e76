/**
 * @file One set of the intruder game, drawn from a run's evidence. It is the same for the same seed
 *   and number: nothing has to be remembered between question and answer.
 *
 * Latents are drawn evenly over the tenths of the latents by density, because rare and frequent
 * latents differ in how well a person knows them. The intruder's latent is of the same tenth, so
 * that its frequency does not give it away.
 */

import { createHash } from "node:crypto";
import { integerAt, permutation, type RandomStream, randomStream } from "../../base/philox.ts";
import type { Example, LatentCard, LatentColumns } from "../../evidence/card.ts";
import type { Evidence } from "../../evidence/evidence.ts";
import type { IntruderSet } from "../api/intruder.ts";

/** Contexts of the latent that the set is about. */
export const OWN_CONTEXTS = 4;

/** Groups of latents by density. */
export const DECILES = 10;

/** Latents that are tried before a set is given up: some have too few contexts. */
const MOST_TRIES = 32;

/** Which set: what the seed and the number say, among the latents of one member or of all. */
export interface SetNumber {
  readonly seed: number;
  readonly index: number;
  readonly member?: string | undefined;
}

/** A set with its solution. */
export interface DrawnSet {
  readonly member: string;
  readonly latent: number;
  readonly other: number;
  readonly decile: number;
  readonly contexts: readonly Example[];
  /** Which of the contexts is of the other latent. */
  readonly intruder: number;
}

/** Living latents of members, kept as long as their evidence is open. */
const LIVING = new WeakMap<Evidence, Map<string, Promise<number[]>>>();

function livingOf({ density }: LatentColumns): number[] {
  return density
    .flatMap((d, latent) => (d > 0 ? [latent] : []))
    .sort((a, b) => density[a]! - density[b]! || a - b);
}

/** Latents of a member that are active, by density from the rarest on. */
function livingLatents(evidence: Evidence, member: string): Promise<number[]> {
  const known = LIVING.get(evidence) ?? new Map<string, Promise<number[]>>();
  LIVING.set(evidence, known);
  const living = known.get(member) ?? evidence.columns(member).then(livingOf);
  known.set(member, living);
  // What could not be read is read again.
  living.catch(() => known.delete(member));
  return living;
}

/** All examples that can be shown in which the latent is active, each row once. */
function examplesOf({ examples }: LatentCard): Example[] {
  const groups = [examples.random, ...examples.quantiles.map((q) => q.examples), examples.top];
  const shown = groups.flat().filter((e) => e.pieces.length > 0 || e.svg !== undefined);
  const rows = new Map(shown.map((example) => [example.row, example]));
  return [...rows.values()];
}

/** Numbers that are drawn one after the other. */
class Draws {
  readonly #stream: RandomStream;
  #at = 0;

  constructor(seed: number, name: string) {
    this.#stream = randomStream(seed, name);
  }

  below(bound: number): number {
    return integerAt(this.#stream, this.#at++, bound);
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** `n` of the values in random order. */
  some<T>(values: readonly T[], n: number): T[] {
    const left = [...values];
    return Array.from(
      { length: Math.min(n, left.length) },
      () => left.splice(this.below(left.length), 1).at(0)!,
    );
  }
}

/**
 * Draws a set.
 *
 * @returns undefined where no latent has contexts enough.
 * @throws {ConcordError} "argument/invalid" for a member that there is not.
 */
export async function drawSet(
  evidence: Evidence,
  { seed, index, member: only }: SetNumber,
): Promise<DrawnSet | undefined> {
  const draws = new Draws(seed, `intruder/${only ?? ""}/${index}`);
  // Ten sets in a row have every tenth once, in an order of their own.
  const round = randomStream(seed, `intruder/deciles/${Math.floor(index / DECILES)}`);
  const decile = permutation(round, DECILES)[index % DECILES]!;
  const names = only === undefined ? evidence.summary.members.map(({ name }) => name) : [only];
  if (names.length === 0) return undefined;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const member = draws.of(names);
    const living = await livingLatents(evidence, member);
    const [from, to] = [decile, decile + 1].map((d) => Math.floor((d * living.length) / DECILES));
    const tenth = living.slice(from, to);
    if (living.length < 2 || tenth.length === 0) continue;
    const latent = draws.of(tenth);
    // Of fewer than twenty latents a tenth is too small for two.
    const other = draws.of(tenth.length < 2 ? living : tenth);
    const card = await evidence.card(member, latent);
    const alike = [...card.nearest, ...card.coactive].map((one) => one.latent);
    if (other === latent || alike.includes(other)) continue;
    const own = examplesOf(card);
    const rows = new Set(own.map(({ row }) => row));
    const foreign = examplesOf(await evidence.card(member, other)).filter((e) => !rows.has(e.row));
    if (own.length < OWN_CONTEXTS || foreign.length === 0) continue;
    const intruder = draws.below(OWN_CONTEXTS + 1);
    const contexts = draws.some(own, OWN_CONTEXTS);
    contexts.splice(intruder, 0, draws.of(foreign));
    return { member, latent, other, decile, contexts, intruder };
  }
  return undefined;
}

/**
 * The name of a set: what it takes to draw it again, and a checksum of what was drawn. The checksum
 * tells sets of evidence that was made anew.
 */
export function idOf({ seed, index, member }: SetNumber, set: DrawnSet): string {
  const rows = set.contexts.map(({ row }) => row);
  const drawn = JSON.stringify([set.member, set.latent, set.other, rows]);
  const sum = createHash("sha256").update(drawn).digest("hex").slice(0, 12);
  return [seed, index, sum, ...(member === undefined ? [] : [member])].join(".");
}

/** The set of a name; undefined for a text that is not one. */
export function numberOf(id: string): SetNumber | undefined {
  const [, seed, index, member] =
    /^(\d{1,10})\.(\d{1,6})\.[0-9a-f]{12}(?:\.(.+))?$/s.exec(id) ?? [];
  if (seed === undefined || index === undefined) return undefined;
  return { seed: Number(seed), index: Number(index), member };
}

/** The set as it is shown: without the sizes of activations, which would tell the intruder. */
export function shownSet(id: string, { decile, contexts }: DrawnSet): IntruderSet {
  return {
    id,
    decile,
    contexts: contexts.map(({ pieces, peak, svg }) => ({
      pieces: pieces.map(({ text }) => text),
      peak,
      svg: svg ?? null,
    })),
  };
}
