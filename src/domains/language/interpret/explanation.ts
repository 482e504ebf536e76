/**
 * @file An explanation of a latent that needs no language model. It is a short list of rules about
 *   tokens, and how active the latent is where each holds, found on rows that trained it.
 */

import type { Rule } from "../evidence/rules.ts";
import type { LatentActivations } from "./activations.ts";

/** Rules of one explanation, at most. */
const MOST_RULES = 4;
/** A further rule must raise F1 by this much. */
const WORTH = 0.01;

/** Tokens of rows, and those before them: −1 where none is, [rows] each. */
export interface ExplainedRows {
  readonly tokens: Int32Array;
  readonly before: Int32Array;
}

/** A rule, and the mean activation over the rows that it is the first to hold for. */
export interface ExplainingRule {
  readonly rule: Rule;
  readonly activation: number;
}

/** Rules in the order in which they apply. */
export type Explanation = readonly ExplainingRule[];

/** Rows by the rules that they satisfy; kept, because many latents share rules. */
export class RuleRows {
  readonly count: number;
  readonly #rows: ExplainedRows;
  readonly #known = new Map<string, Int32Array>();

  constructor(rows: ExplainedRows) {
    this.count = rows.tokens.length;
    this.#rows = rows;
  }

  /** Rows that satisfy a rule, ascending. */
  of({ text, holds }: Rule): Int32Array {
    const known = this.#known.get(text);
    if (known) return known;
    const { tokens, before } = this.#rows;
    const numbers = Int32Array.from(tokens.keys());
    const rows = numbers.filter((row) => holds(tokens[row]!, before[row]!));
    this.#known.set(text, rows);
    return rows;
  }
}

/** Rules that are taken so far, and what they cover. */
interface Taken {
  readonly covered: Uint8Array;
  rows: number;
  hits: number;
}

/** What a rule would add. */
function added(rows: Int32Array, values: Float32Array, { covered }: Taken) {
  let [fresh, hits, sum] = [0, 0, 0];
  for (const row of rows) {
    if (covered[row] === 1) continue;
    fresh++;
    if (values[row]! === 0) continue;
    hits++;
    sum += values[row]!;
  }
  return { fresh, hits, activation: sum / fresh };
}

/**
 * Takes rules one after the other, each time the one that raises F1 most, as long as one raises it
 * by 0.01. F1 is that of "some rule holds" as a prediction of "the latent is active".
 *
 * @param proposed Rules that may explain it.
 * @param rows     Those that trained it, numbered from 0.
 * @param active   The latent's activations in these rows.
 */
export function explain(
  proposed: readonly Rule[],
  rows: RuleRows,
  active: LatentActivations,
): Explanation {
  const values = new Float32Array(rows.count);
  for (const [i, row] of active.rows.entries()) values[row] = active.values[i]!;
  const taken: Taken = { covered: new Uint8Array(rows.count), rows: 0, hits: 0 };
  const explanation: ExplainingRule[] = [];
  let reached = 0;
  while (explanation.length < MOST_RULES) {
    const tried = proposed.map((rule) => {
      const more = added(rows.of(rule), values, taken);
      // F1 is 2 hits / (satisfying + active).
      const f1 = (2 * (taken.hits + more.hits)) / (taken.rows + more.fresh + active.rows.length);
      return { rule, ...more, f1 };
    });
    const best = tried.reduce((one, other) => (other.f1 > one.f1 ? other : one), tried[0]!);
    if (best === undefined || best.f1 < reached + WORTH) break;
    explanation.push({ rule: best.rule, activation: best.activation });
    for (const row of rows.of(best.rule)) taken.covered[row] = 1;
    taken.rows += best.fresh;
    taken.hits += best.hits;
    reached = best.f1;
  }
  return explanation;
}

/** The activation that an explanation expects of a row: 0 where no rule holds. */
export function expectedActivation(
  explanation: Explanation,
  token: number,
  before: number,
): number {
  return explanation.find(({ rule }) => rule.holds(token, before))?.activation ?? 0;
}
