/** @file How well rules predict a latent on rows that they were not made from. */

import type { KeptCodes } from "../../../consistency/lab/codes/kept-codes.ts";
import type { LatentWords } from "../../evidence-maker.ts";
import type { Rule } from "./rules.ts";

/** Rules that are kept of each latent. */
const KEPT = 3;

/** Tokens of some rows, and those before them: −1 where none is, [rows] each. */
export interface JudgedRows {
  readonly tokens: Int32Array;
  readonly before: Int32Array;
}

/** Tries rules on the rows whose codes are kept. */
export class RuleJudge {
  readonly #rows: JudgedRows;
  readonly #byLatent: ReturnType<KeptCodes["byLatent"]>;
  /** Rows that satisfy a rule, by the rule's text. */
  readonly #satisfying = new Map<string, number>();

  /** @param rows Those that `codes` are of. */
  constructor(rows: JudgedRows, codes: KeptCodes) {
    this.#rows = rows;
    this.#byLatent = codes.byLatent();
  }

  #count(rule: Rule): number {
    const known = this.#satisfying.get(rule.text);
    if (known !== undefined) return known;
    const { tokens, before } = this.#rows;
    let count = 0;
    for (let i = 0; i < tokens.length; i++) if (rule.holds(tokens[i]!, before[i]!)) count++;
    this.#satisfying.set(rule.text, count);
    return count;
  }

  /**
   * The best rules for a latent by F1; none where it is active in no row, or no rule ever holds
   * where it is.
   */
  judge(latent: number, rules: readonly Rule[]): LatentWords["rules"] {
    const { tokens, before } = this.#rows;
    const { indptr, rows } = this.#byLatent;
    const [from, to] = [indptr[latent]!, indptr[latent + 1]!];
    const judged = rules.map(({ kind, text, holds }, order) => {
      let hits = 0;
      for (let e = from; e < to; e++) if (holds(tokens[rows[e]!]!, before[rows[e]!]!)) hits++;
      return { kind, text, hits, order };
    });
    return judged
      .filter(({ hits }) => hits > 0)
      .map(({ kind, text, hits, order }) => {
        const count = this.#count(rules[order]!);
        const [precision, recall] = [hits / count, hits / (to - from)];
        const f1 = (2 * precision * recall) / (precision + recall);
        return { kind, text, precision, recall, rows: count / tokens.length, f1, order };
      })
      .sort((a, b) => b.f1 - a.f1 || a.order - b.order)
      .slice(0, KEPT)
      .map(({ kind, text, precision, recall, rows: share }) => {
        const rounded = (value: number) => Number(value.toPrecision(4));
        return {
          kind,
          text,
          precision: rounded(precision),
          recall: rounded(recall),
          rows: rounded(share),
        };
      });
  }
}
