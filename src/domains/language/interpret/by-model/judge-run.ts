/** @file Judges latents of a run's members by a language model: the analysis behind `byModel`. */

import { randomStream } from "../../../../base/philox.ts";
import { ConfigError } from "../../../../errors.ts";
import type { ChatAnswer, Question } from "../../../../fetch/chat/chat.ts";
import type { AnalysisContext } from "../../../analysis.ts";
import { modelBehind } from "../../analyses/model-behind.ts";
import { activationsOf, type LatentActivations } from "../activations.ts";
import { openText } from "../open-text.ts";
import { readActivations } from "../read-codes.ts";
import { AnswersFile, questionKey } from "./answers-file.ts";
import { Asker } from "./asker.ts";
import { Budget, type BudgetOptions, type Cost } from "./budget.ts";
import { judgeByModel, type ModelJudgement, questionsLeft, type Shower } from "./judge-by-model.ts";
import { drawRecords, type Records } from "./records.ts";
import { type ByModelResult, judgedByModel } from "./result.ts";

/** Who judges which latents, and what that may cost. */
export interface ByModelOptions {
  readonly answering: {
    readonly model: string;
    readonly endpoint: string;
    ask(question: Question): Promise<ChatAnswer>;
  };
  /** File of the answers that were paid for. */
  readonly answers: string;
  readonly budget: BudgetOptions;
  /** Latents of each member; numbers, or how many, evenly spread by density. */
  readonly latents: readonly number[] | number;
  /** Members; the first one when left out. */
  readonly members?: readonly string[] | undefined;
  /** Say what it would cost, ask nothing and keep nothing. */
  readonly dryRun?: boolean | undefined;
  /** Begin although the budget may not suffice, and stop where the next question would pass it. */
  readonly untilSpent?: boolean | undefined;
  /** Tokens that are looked at, and tokens of a fragment. */
  readonly rows: number;
  readonly fragment: number;
  /** Told what all questions that are left cost at most, before the first of them. */
  readonly priced: (cost: Cost, questions: number) => void;
  /** Told of the latents that are done. */
  readonly judged: (done: number, total: number, spent: Cost) => void;
}

/** A latent that can be judged. */
interface Judgeable {
  readonly member: string;
  readonly latent: number;
  readonly activations: LatentActivations;
  readonly records: Records;
}

const TOO_MUCH =
  "Nothing was asked. Raise the budget, judge fewer latents (--latents), or stop where it is spent (--until-spent).";

const streamOf = (seed: number, { member, latent }: Pick<Judgeable, "member" | "latent">) =>
  randomStream(seed, `by-model/${member}/${latent}`);

/** Those of the latents that were asked for. */
function chosen(all: readonly Judgeable[], { latents }: ByModelOptions): Judgeable[] {
  if (typeof latents !== "number") return all.filter(({ latent }) => latents.includes(latent));
  const byDensity = [...all].sort(
    (a, b) => a.activations.rows.length - b.activations.rows.length || a.latent - b.latent,
  );
  const count = Math.min(latents, all.length);
  return Array.from(
    { length: count },
    (_, i) => byDensity[Math.floor(((i + 0.5) * all.length) / count)]!,
  );
}

/** @throws {ConfigError} for members that there are not. */
function askedMembers({ members }: AnalysisContext, { members: names }: ByModelOptions) {
  const unknown = names?.find((name) => !members.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new ConfigError(`There is no member "${unknown}".`, {
      hint: `Members: ${members.map(({ name }) => name).join(", ")}.`,
    });
  return names ? members.filter(({ name }) => names.includes(name)) : members.slice(0, 1);
}

/**
 * Judges latents, after telling what that costs at most.
 *
 * @throws {ConcordError} "budget/exceeded", before the first question unless `untilSpent`;
 *   "network/failed"; what `pause` throws. Answers until then are kept.
 */
export async function judgeRunByModel(
  context: AnalysisContext,
  options: ByModelOptions,
): Promise<ByModelResult> {
  const { backend, source, seed, pause } = context;
  const { rows: most, fragment: length, answering } = options;
  const members = askedMembers(context, options);
  const text = await openText(modelBehind(source)!, backend, { most, length });
  try {
    const { fragments, tokens } = text;
    const shower: Shower = { fragments, textOf: (row) => tokens.texts[tokens.numbers[row]!]! };
    const judgeable: Judgeable[] = [];
    const unjudged = new Map<string, { dead: number; rare: number; dense: number }>();
    for (const { name: member, sae } of members) {
      const activations = await readActivations(backend, sae, text.of.rows, pause);
      const reasons = { dead: 0, rare: 0, dense: 0 };
      unjudged.set(member, reasons);
      const own: Judgeable[] = [];
      for (let latent = 0; latent < sae.dSae; latent++) {
        const of = activationsOf(activations, latent);
        const records = drawRecords(of, fragments, streamOf(seed, { member, latent }));
        if (typeof records === "string") reasons[records]++;
        else own.push({ member, latent, activations: of, records });
      }
      judgeable.push(...chosen(own, options));
    }
    const answers = await AnswersFile.open(options.answers);
    const known = (question: Question) => answers.get(questionKey(answering.model, question));
    const questions = judgeable.flatMap((one) =>
      questionsLeft(shower, one.activations, one.records, streamOf(seed, one), known),
    );
    const budget = new Budget(options.budget);
    const asker = new Asker(answering, answers, budget);
    const estimate = budget.estimate(questions);
    options.priced(estimate, questions.length);
    if (!options.dryRun && !options.untilSpent) budget.require(estimate, TOO_MUCH);
    const found = new Map(members.map(({ name }) => [name, new Map<number, ModelJudgement>()]));
    for (const [i, one] of (options.dryRun ? [] : judgeable).entries()) {
      const { member, latent, activations, records } = one;
      const stream = streamOf(seed, one);
      const judgement = await judgeByModel(asker, shower, activations, records, stream);
      found.get(member)!.set(latent, judgement);
      options.judged(i + 1, judgeable.length, budget.spent);
      await pause();
    }
    const { asked, malformed } = asker;
    return {
      version: 1,
      judge: answering.model,
      endpoint: answering.endpoint,
      rows: text.of.rows.rows,
      fragment: length,
      questions: { asked, known: asker.known, malformed },
      members: members.map(({ name }) =>
        judgedByModel(name, unjudged.get(name)!, found.get(name)!, seed),
      ),
    };
  } finally {
    await text.close();
  }
}
