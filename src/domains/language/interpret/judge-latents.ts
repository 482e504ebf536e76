/** @file Judges the latents of one SAE: explanations, scores, and the same of the control. */

import { integerAt, type RandomStream, randomStream } from "../../../base/philox.ts";
import type { Rules } from "../evidence/rules.ts";
import { type Activations, activationsOf, type LatentActivations, shifted } from "./activations.ts";
import { chooseLatents } from "./choose-latents.ts";
import {
  activeContexts,
  type Context,
  type DrawnContexts,
  drawContexts,
  RANDOM,
  STRONGEST,
  type Unjudged,
} from "./draw-contexts.ts";
import type { Embedder } from "./embedders/embedder.ts";
import { type ExplainedRows, type Explanation, explain, RuleRows } from "./explanation.ts";
import type { Fragments } from "./fragments.ts";
import { embeddingAuroc, findsIntruder, OWN } from "./scores/embedding-scores.ts";
import { ruleScores } from "./scores/rule-scores.ts";

/** Rows that propose rules, at most. */
const PROPOSING = 100;
/** Sets of the intruder game per latent. */
const SETS = 20;

/** The text that latents are judged on. */
export interface JudgedText {
  readonly fragments: Fragments;
  /** Of all rows. */
  readonly rows: ExplainedRows;
  /** The first row that training never saw. */
  readonly heldOutFrom: number;
  readonly rules: Rules;
  readonly embedders: readonly Embedder[];
}

/** How a latent was judged: its scores by name, and its rules as a person reads them. */
export interface JudgedLatent {
  readonly latent: number;
  readonly rules: readonly string[];
  readonly scores: Readonly<Record<string, number>>;
  /** The same scores of the same activations in other rows. */
  readonly control: Readonly<Record<string, number>>;
}

/** What came of one SAE. */
export interface JudgedSae {
  readonly latents: readonly JudgedLatent[];
  /** Latents that were not judged, by reason. */
  readonly unjudged: Readonly<Record<Unjudged, number>>;
}

/** Judges latents of one SAE. */
export class LatentJudge {
  readonly #text: JudgedText;
  readonly #fitRows: RuleRows;
  readonly #seed: number;

  constructor(text: JudgedText, seed: number) {
    const { tokens, before } = text.rows;
    const end = text.heldOutFrom;
    this.#text = text;
    this.#fitRows = new RuleRows({
      tokens: tokens.subarray(0, end),
      before: before.subarray(0, end),
    });
    this.#seed = seed;
  }

  /**
   * Judges up to `most` of the latents that can be judged, evenly spread over them by density.
   *
   * @param name Of the SAE; what is drawn depends on it.
   */
  async judge(
    name: string,
    activations: Activations,
    most: number,
    pause: () => Promise<void>,
  ): Promise<JudgedSae> {
    const { fragments } = this.#text;
    const of = { seed: this.#seed, most };
    const { chosen, unjudged } = await chooseLatents(name, activations, fragments, of, pause);
    const latents: JudgedLatent[] = [];
    for (const { latent, contexts } of chosen) {
      const own = activationsOf(activations, latent);
      // Intruders come from the others, and must not be active here.
      const others = chosen.filter((one) => one.latent !== latent);
      const foreign = others.flatMap((one) => one.contexts.active);
      const stream = this.#stream(`${name}/${latent}/control`);
      const rows = { rows: this.#text.rows.tokens.length, heldOutFrom: this.#text.heldOutFrom };
      const moved = shifted(own, rows, stream);
      const movedContexts = this.#draw(moved, this.#stream(`${name}/${latent}/control/contexts`));
      const explanation = this.#explain(own, `${name}/${latent}`);
      const scores = await this.#scores(`${name}/${latent}`, own, contexts, explanation, foreign);
      const control =
        typeof movedContexts === "string"
          ? {}
          : await this.#scores(
              `${name}/${latent}/control`,
              moved,
              movedContexts,
              this.#explain(moved, `${name}/${latent}/control`),
              foreign,
            );
      latents.push({ latent, rules: explanation.map(({ rule }) => rule.text), scores, control });
      await pause();
    }
    latents.sort((a, b) => a.latent - b.latent);
    return { latents, unjudged };
  }

  #stream(name: string): RandomStream {
    return randomStream(this.#seed, `interpretation/${name}`);
  }

  #draw(latent: LatentActivations, stream: RandomStream) {
    const { fragments } = this.#text;
    return drawContexts(activeContexts(latent, fragments), fragments, stream);
  }

  #explain({ rows, values }: LatentActivations, name: string): Explanation {
    const { heldOutFrom, rules, rows: text } = this.#text;
    const count = rows.findIndex((row) => row >= heldOutFrom);
    const end = count < 0 ? rows.length : count;
    const fit = { rows: rows.subarray(0, end), values: values.subarray(0, end) };
    if (end === 0) return [];
    const stream = this.#stream(`${name}/proposing`);
    const sample = Array.from({ length: Math.min(PROPOSING, end) }, (_, i) => {
      const row = end <= PROPOSING ? fit.rows[i]! : fit.rows[integerAt(stream, i, end)]!;
      return { token: text.tokens[row]!, before: text.before[row]! };
    });
    return explain(rules.propose(sample), this.#fitRows, fit);
  }

  async #scores(
    name: string,
    activations: LatentActivations,
    contexts: DrawnContexts,
    explanation: Explanation,
    foreign: readonly Context[],
  ): Promise<Record<string, number>> {
    const { fragments, rows, embedders } = this.#text;
    const latent = { contexts, activations, fragments, rows };
    const { detection, fuzzing, simulation } = ruleScores(explanation, latent);
    const scores: Record<string, number> = { detection, simulation };
    if (fuzzing !== undefined) scores["fuzzing"] = fuzzing;
    const active = contexts.active.length;
    const isActive = new Set(activeContexts(activations, fragments).map((one) => one.fragment));
    const intruders = foreign.filter(({ fragment }) => !isActive.has(fragment));
    for (const embedder of embedders) {
      const both = [...contexts.active, ...contexts.inactive];
      const cosines = await embedder.cosines(both);
      const cosine = (i: number, j: number) => cosines[i * both.length + j]!;
      scores[`auroc_${embedder.name}`] = embeddingAuroc(cosine, active, both.length);
      if (intruders.length === 0) continue;
      const stream = this.#stream(`${name}/intruders`);
      let found = 0;
      for (let set = 0; set < SETS; set++)
        found += findsIntruder(await this.#setCosines(embedder, contexts, intruders, stream, set));
      scores[`intruder_${embedder.name}`] = found / SETS;
    }
    return scores;
  }

  /** Four of the active contexts, drawn, and an intruder behind them. */
  async #setCosines(
    embedder: Embedder,
    { active }: DrawnContexts,
    intruders: readonly Context[],
    stream: RandomStream,
    set: number,
  ) {
    const at = set * (STRONGEST + RANDOM);
    const left = [...active];
    const own = Array.from(
      { length: OWN },
      (_, i) => left.splice(integerAt(stream, at + i, left.length), 1)[0]!,
    );
    const intruder = intruders[integerAt(stream, at + OWN, intruders.length)]!;
    const cosines = await embedder.cosines([...own, intruder]);
    return (i: number, j: number) => cosines[i * (OWN + 1) + j]!;
  }
}
