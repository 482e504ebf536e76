/** @file concord interpret: scores of a run's latents, by local proxies or by a language model. */

import type { FoundBy, ListedAnalysis } from "../../../../analyses/analyses.ts";
import { given } from "../../../../base/given.ts";
import type { Analysis } from "../../../../domains/analysis.ts";
import type { Cost } from "../../../../domains/language/interpret/by-model/budget.ts";
import {
  byModel,
  interpretationByModel,
} from "../../../../domains/language/interpret/by-model/by-model.ts";
import type { ByModelOptions } from "../../../../domains/language/interpret/by-model/judge-run.ts";
import { interpretation } from "../../../../domains/language/interpret/interpretation.ts";
import { exportedSets } from "../../../../domains/language/interpret/sets/export-sets.ts";
import type { JudgeSet } from "../../../../domains/language/interpret/sets/sets-file.ts";
import { ConfigError } from "../../../../errors.ts";
import { analyseRun } from "../../../../experiments/analyse-run.ts";
import { Chat } from "../../../../fetch/chat/chat.ts";
import { isLoopback } from "../../../../fetch/http/credentials.ts";
import { writeFileAtomically } from "../../../../formats/atomic-file.ts";
import { serializeJsonl } from "../../../../formats/jsonl.ts";
import { findRun, type RunFolder } from "../../../../runs/run-folder.ts";
import { analysisTables } from "../../../analysis-tables.ts";
import {
  backendFor,
  cacheDir,
  catalogueOptions,
  interruptSignal,
  isOffline,
  processFacts,
  timing,
} from "../../../environment.ts";
import { CollectLine } from "../../../output.ts";
import { print, say } from "../../../print.ts";
import { variable } from "../../../variables.ts";
import { reportRun } from "../../../write-reports.ts";
import { scoreSets } from "./score-sets.ts";

interface Options {
  readonly root: string;
  readonly base: string;
  readonly latents?: number;
  readonly rows: number;
  readonly fragment?: number;
  readonly embedders?: readonly string[];
  readonly encoder?: string;
  readonly endpoint?: string;
  readonly judge?: string;
  readonly member?: readonly string[];
  readonly price?: readonly number[];
  readonly budget?: number;
  readonly budgetTokens?: number;
  readonly dryRun?: boolean;
  readonly untilSpent?: boolean;
  readonly exportSets?: string;
  readonly scoreAnswers?: string;
  readonly sets?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

const WITH_ENDPOINT = [
  "member",
  "price",
  "budget",
  "budgetTokens",
  "dryRun",
  "untilSpent",
] as const;
const WITHOUT_ENDPOINT = ["embedders", "encoder"] as const;

const typed = (key: string) => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** @throws {ConfigError} for options that do not go together, or lack one. */
function requireTogether(options: Options): void {
  const { endpoint, judge, price, budget, dryRun, offline } = options;
  const unused = (endpoint === undefined ? WITH_ENDPOINT : WITHOUT_ENDPOINT).find(
    (key) => options[key] !== undefined,
  );
  if (unused !== undefined)
    throw new ConfigError(
      `${typed(unused)} ${endpoint === undefined ? "needs --endpoint" : "decides nothing with --endpoint"}.`,
    );
  if (options.sets !== undefined && options.scoreAnswers === undefined)
    throw new ConfigError("--sets needs --score-answers.");
  if (judge !== undefined && endpoint === undefined && options.scoreAnswers === undefined)
    throw new ConfigError("--judge needs --endpoint or --score-answers.");
  const asksNobody = options.exportSets ?? options.scoreAnswers;
  const idle = WITHOUT_ENDPOINT.find((key) => options[key] !== undefined);
  if (asksNobody !== undefined && idle !== undefined)
    throw new ConfigError(`${typed(idle)} decides nothing with --export-sets or --score-answers.`);
  if (options.exportSets !== undefined && endpoint !== undefined)
    throw new ConfigError("--export-sets asks nobody, so --endpoint decides nothing.");
  if (endpoint === undefined) return;
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    throw new ConfigError(`Expected an http address for --endpoint but received ${endpoint}.`, {
      hint: "It usually ends in /v1: http://127.0.0.1:8080/v1",
    });
  if (judge === undefined)
    throw new ConfigError("Expected --judge, the model that the endpoint is asked for.");
  if (price !== undefined && price.length !== 2)
    throw new ConfigError("Expected two numbers for --price: of questions and of answers.");
  if (budget !== undefined && price === undefined)
    throw new ConfigError("--budget needs --price, which says what tokens cost.");
  if (options.untilSpent && budget === undefined && options.budgetTokens === undefined)
    throw new ConfigError("--until-spent needs --budget or --budget-tokens.");
  if ((offline || isOffline()) && !dryRun && !isLoopback(new URL(endpoint)))
    throw new ConfigError(
      `${endpoint} is not on this machine, and the network is not to be used.`,
      {
        hint: "--dry-run says what it would cost.",
      },
    );
}

/** What questions cost at most. */
interface Estimate {
  readonly questions: number;
  readonly cost: Cost;
}

/** `1200 + 300 tokens, 0.0015`. */
function costText({ prompt, completion, money }: Cost, { price }: Options): string {
  return `${prompt} + ${completion} tokens${price ? `, ${money.toFixed(4)}` : ""}`;
}

/**
 * The analysis that asks the endpoint.
 *
 * @param priced Told what everything costs at most, before the first question.
 */
function askingEndpoint(
  folder: RunFolder,
  options: Options,
  signal: AbortSignal,
  priced: (estimate: Estimate) => void,
): Analysis {
  const { endpoint, judge, member, price, budget, budgetTokens, rows } = options;
  const { dryRun, untilSpent } = options;
  const key = variable("CONCORD_LLM_KEY");
  const chat = new Chat({
    endpoint: new URL(endpoint!),
    model: judge!,
    key: key === undefined ? undefined : { token: key },
    timing: timing(),
    signal,
    onEvent: (event) => {
      if (event.kind === "waiting")
        say(`${event.reason}; again in ${Math.ceil(event.ms / 1000)} s\n`);
    },
  });
  const by: ByModelOptions = {
    answering: { model: judge!, endpoint: endpoint!, ask: (question) => chat.ask(question) },
    answers: folder.file("interpretation-answers.jsonl"),
    budget: {
      pricePrompt: price?.[0] ?? 0,
      priceCompletion: price?.[1] ?? 0,
      money: budget,
      tokens: budgetTokens,
    },
    latents: options.latents ?? 20,
    members: member,
    dryRun,
    untilSpent,
    rows,
    fragment: options.fragment ?? 64,
    priced: (cost, questions) => priced({ cost, questions }),
    judged: (done, total, spent) =>
      say(`${done} of ${total} latents, ${costText(spent, options)}\n`),
  };
  return interpretationByModel(by) as Analysis;
}

/** The estimate in one line, or as JSON. */
function estimateText({ questions, cost }: Estimate, options: Options): string {
  const { json, price, budget, budgetTokens } = options;
  if (!json) return `${questions} questions are left to ask, at most ${costText(cost, options)}\n`;
  const answer = {
    questions,
    prompt_tokens: cost.prompt,
    completion_tokens: cost.completion,
    cost: price ? Number(cost.money.toFixed(6)) : null,
    budget: budget ?? null,
    budget_tokens: budgetTokens ?? null,
  };
  return `${JSON.stringify(answer)}\n`;
}

/** The analysis that needs no endpoint, with the agreement that recurrence comes from. */
function local({ latents, rows, fragment, embedders, encoder }: Options): ListedAnalysis[] {
  const options = given({ latents, rows, fragment, embedders, encoder });
  return ["agreement", { kind: interpretation.name, ...interpretationDefaults(), ...options }];
}

const interpretationDefaults = () => interpretation.options.parse({});

/** Looks at the run, with a line of progress. */
async function analyseWith(
  folder: RunFolder,
  analyses: readonly (ListedAnalysis | Analysis)[],
  { base, offline }: Options,
  signal: AbortSignal,
): Promise<readonly FoundBy[]> {
  const { backend } = backendFor();
  const line = new CollectLine(process.stderr, () => performance.now());
  const progress = (what: string, unit: string) => (done: number, total: number) =>
    line.progress({ what, done, total, unit, resumed: 0 });
  return analyseRun(folder, analyses, {
    backend,
    baseFolder: base,
    cacheDir: cacheDir(),
    signal,
    catalogue: catalogueOptions(offline, line.download, signal),
    onProgress: line.progress,
    onCompared: progress("comparing dictionaries", "pairs"),
    onLooked: progress("looking at tokens", "rows"),
    collectGarbage: processFacts().collectGarbage,
  }).finally(() => line.clear());
}

/** @throws {ConfigError} where the run's rows come from no language model. */
function requireFound(found: readonly FoundBy[], name: string, { path }: RunFolder): unknown {
  const own = found.find(({ analysis }) => analysis.name === name);
  if (own) return own.found;
  throw new ConfigError(`No language model is behind the rows of ${path}.`, {
    hint: "concord interpret is for runs on activations of a language model.",
  });
}

export async function interpret(name: string, options: Options): Promise<void> {
  requireTogether(options);
  const folder = await findRun(options.root, name);
  if (options.scoreAnswers !== undefined) return scoreSets(folder, options);
  const signal = interruptSignal();
  const { endpoint, exportSets, rows, latents, fragment } = options;
  if (exportSets !== undefined) {
    const asked = exportedSets({ rows, latents: latents ?? 20, fragment: fragment ?? 32 });
    const found = await analyseWith(folder, [asked as Analysis], options, signal);
    const sets = requireFound(found, asked.name, folder) as JudgeSet[];
    await writeFileAtomically(exportSets, serializeJsonl(sets));
    if (options.json) return print(`${JSON.stringify({ sets: sets.length, file: exportSets })}\n`);
    return print(`${sets.length} sets in ${exportSets}\n`);
  }
  const isLocal = endpoint === undefined;
  const priced = (estimate: Estimate) => {
    if (options.dryRun) print(estimateText(estimate, options));
    else say(estimateText(estimate, { ...options, json: false }));
  };
  const analyses = isLocal ? local(options) : [askingEndpoint(folder, options, signal, priced)];
  const found = await analyseWith(folder, analyses, options, signal);
  const wanted = isLocal ? interpretation.name : byModel.name;
  const own = requireFound(found, wanted, folder);
  if (options.dryRun) return;
  await reportRun(folder);
  if (options.json) return print(`${JSON.stringify(own)}\n`);
  print(`${(await analysisTables(folder, (one) => one.name === wanted)).join("\n").trimEnd()}\n`);
}
