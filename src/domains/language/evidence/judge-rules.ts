/** @file How well rules predict a latent on rows that they were not made from. */

import type { KeptCodes } from "../../../consistency/lab/codes/kept-codes.ts";
import { bestRules } from "../../../evidence/best-rules.ts";
import type { LatentWords } from "../../evidence-maker.ts";
import type { Rule } from "./rules.ts";

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
    const tried = rules.map((rule) => {
      const { kind, text, holds } = rule;
      let hits = 0;
      for (let e = from; e < to; e++) if (holds(tokens[rows[e]!]!, before[rows[e]!]!)) hits++;
      // Counting over all rows takes long; a rule that never hits needs no count.
      return { kind, text, hits, satisfying: hits > 0 ? this.#count(rule) : 0 };
    });
    return bestRules(tried, to - from, tokens.length);
  }
}
