/** @file What language models add to the evidence of latents: tokens, rules and logits. */

import type { Backend } from "../../../backend/backend.ts";
import { ConcordError } from "../../../errors.ts";
import type { KeptRows } from "../../../evidence/kept-rows.ts";
import type {
  DescribedMember,
  DomainEvidence,
  EvidenceMaker,
  LatentWords,
} from "../../evidence-maker.ts";
import { type ModelBehind, modelBehind } from "../analyses/model-behind.ts";
import type { NamedModel } from "../models/open-by-name.ts";
import { type JudgedRows, RuleJudge } from "./judge-rules.ts";
import { logitEffects, noLogits } from "./logit-effect.ts";
import { type NumberedTokens, numbered, tokensBefore } from "./numbered-tokens.ts";
import { tokenRowTensors } from "./row-words.ts";
import { quoted, Rules } from "./rules.ts";
import type { TokenRows } from "./token-rows.ts";

/** F1 from which a rule says what a latent fires on. */
const NAMING_F1 = 0.3;
/** Tokens that name a latent that no rule does. */
const NAMING_TOKENS = 3;

/** The words for one latent: the rule that names it, or the tokens of its top examples. */
function labelOf(rules: LatentWords["rules"], tokens: readonly string[]): string {
  const [best] = rules;
  const f1 = best ? (2 * best.precision * best.recall) / (best.precision + best.recall) : 0;
  if (best && f1 >= NAMING_F1) return best.text;
  const counts = new Map<string, number>();
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, NAMING_TOKENS)
    .map(([token]) => quoted(token))
    .join(", ");
}

/** Rows that are kept of a latent, ascending. */
function rowsOf({ rows, slots }: KeptRows, latent: number): number[] {
  return Array.from(rows.subarray(latent * slots, (latent + 1) * slots))
    .filter((row) => row >= 0)
    .sort((a, b) => a - b);
}

class TokenEvidence implements EvidenceMaker {
  readonly facts: Readonly<Record<string, string>>;
  readonly rows: TokenRows["rows"];
  readonly #of: TokenRows;
  readonly #named: NamedModel;
  readonly #hook: string;
  /** Texts of tokens that were asked for: the tokenizer takes long for each. */
  readonly #texts = new Map<number, string>();
  readonly #tokens: NumberedTokens;
  readonly #before: Int32Array;
  readonly #rules: Rules;

  constructor(of: TokenRows, named: NamedModel, { model, hook }: ModelBehind) {
    this.rows = of.rows;
    this.facts = { model, hook };
    this.#of = of;
    this.#named = named;
    this.#hook = hook;
    this.#tokens = numbered(of.tokens, this.#textOf);
    this.#before = tokensBefore(this.#tokens.numbers, of);
    this.#rules = new Rules(this.#tokens);
  }

  readonly #textOf = (id: number): string => {
    const known = this.#texts.get(id);
    if (known !== undefined) return known;
    const text = this.#named.tokenizer.tokenText(id);
    this.#texts.set(id, text);
    return text;
  };

  async rowTensors() {
    return tokenRowTensors(this.#of, this.#tokens);
  }

  async describe({ sae, seen }: DescribedMember, pause: () => Promise<void>) {
    const { model } = this.#named;
    const absent = noLogits(model, this.#hook, sae.dIn);
    const logits =
      absent === undefined ? await logitEffects(model, sae, this.#textOf, pause) : undefined;
    const kept: JudgedRows = {
      tokens: seen.keptRows.map((row) => this.#tokens.numbers[row]!),
      before: seen.keptRows.map((row) => this.#before[row]!),
    };
    const judge = new RuleJudge(kept, seen.codes);
    const latents: LatentWords[] = [];
    for (let latent = 0; latent < sae.dSae; latent++) {
      const sample = this.#sampleOf(seen.sample, latent);
      const rules = judge.judge(latent, sample.length === 0 ? [] : this.#rules.propose(sample));
      const tokens = rowsOf(seen.top, latent).map((row) => this.#textOfRow(row));
      latents.push({ label: labelOf(rules, tokens), rules, logits: logits?.[latent] ?? null });
      if (latent % 256 === 0) await pause();
    }
    return absent === undefined ? { latents } : { latents, logitsAbsent: absent };
  }

  /** Rows of the sample that training saw, so that rules are judged on others; else all. */
  #sampleOf(sample: KeptRows, latent: number) {
    const all = rowsOf(sample, latent);
    const trained = all.filter((row) => row < this.rows.heldOutFrom);
    return (trained.length > 0 ? trained : all).map((row) => {
      return { token: this.#tokens.numbers[row]!, before: this.#before[row]! };
    });
  }

  #textOfRow(row: number): string {
    return this.#tokens.texts[this.#tokens.numbers[row]!]!;
  }

  async close() {
    await this.#named.model.close();
    await this.rows.close();
  }
}

async function open(behind: ModelBehind, backend: Backend, most: number): Promise<EvidenceMaker> {
  // Stores and models are read when evidence is gathered, not with every config.
  const { openTokenRows } = await import("./token-rows.ts");
  const rows = await openTokenRows(behind, backend, most);
  try {
    const { openModelByName } = await import("../models/open-by-name.ts");
    const { model, catalogue, threads } = behind;
    return new TokenEvidence(rows, await openModelByName(model, { catalogue, threads }), behind);
  } catch (error) {
    await rows.rows.close();
    throw error;
  }
}

/** Looks at the tokens of a source's rows; see `DomainEvidence.make`. */
export const makeTokenEvidence: DomainEvidence["make"] = async (source, { backend, most }) => {
  const behind = modelBehind(source);
  if (!behind) return { cannot: "Where the rows come from is not known." };
  try {
    return await open(behind, backend, most);
  } catch (error) {
    // Numbers of latents are worth having without words.
    if (!(error instanceof ConcordError) || error.code === "interrupted") throw error;
    return { cannot: error.message };
  }
};
