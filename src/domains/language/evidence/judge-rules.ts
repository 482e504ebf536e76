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

/** What rules of each kind look at. */
const LOOKS_AT: Readonly<Record<Rule["kind"], "token" | "before" | "both">> = {
  token: "token",
  word: "token",
  regex: "token",
  before: "before",
  bigram: "both",
};

/** Rows that a rule cannot tell apart, once each, and how many rows they stand for. */
type Distinct = JudgedRows & { readonly count: Int32Array };

function distinct({ tokens, before }: JudgedRows, by: "token" | "before" | "both"): Distinct {
  const width = 1 + tokens.reduce((most, token) => Math.max(most, token), 0);
  const rowsOf = new Map<number, number>();
  for (let i = 0; i < tokens.length; i++) {
    const token = by === "before" ? 0 : tokens[i]!;
    const pair = by === "token" ? token : (before[i]! + 1) * width + token;
    rowsOf.set(pair, (rowsOf.get(pair) ?? 0) + 1);
  }
  const pairs = [...rowsOf.keys()];
  return {
    tokens: Int32Array.from(pairs, (pair) => pair % width),
    before: Int32Array.from(pairs, (pair) => Math.floor(pair / width) - 1),
    count: Int32Array.from(rowsOf.values()),
  };
}

/** Tries rules on the rows whose codes are kept. */
export class RuleJudge {
  readonly #rows: JudgedRows;
  readonly #distinct: Readonly<Record<"token" | "before" | "both", Distinct>>;
  readonly #byLatent: ReturnType<KeptCodes["byLatent"]>;
  /** Rows that satisfy a rule, by the rule's text. */
  readonly #satisfying = new Map<string, number>();

  /** @param rows Those that `codes` are of. */
  constructor(rows: JudgedRows, codes: KeptCodes) {
    this.#rows = rows;
    this.#distinct = {
      token: distinct(rows, "token"),
      before: distinct(rows, "before"),
      both: distinct(rows, "both"),
    };
    this.#byLatent = codes.byLatent();
  }

  #count(rule: Rule): number {
    const known = this.#satisfying.get(rule.text);
    if (known !== undefined) return known;
    const { tokens, before, count: rows } = this.#distinct[LOOKS_AT[rule.kind]];
    let count = 0;
    for (let i = 0; i < tokens.length; i++)
      if (rule.holds(tokens[i]!, before[i]!)) count += rows[i]!;
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
