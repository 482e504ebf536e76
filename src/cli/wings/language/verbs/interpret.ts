/** @file The command line of `concord interpret`: arguments, options and examples. */

import { type Command, InvalidArgumentError, Option } from "commander";
import { addVerb, lazily, positiveInteger } from "../../../verb.ts";

const EMBEDDERS = ["n_grams", "hidden_state", "sentence_encoder"];

function price(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError("Expected a number that is not negative.");
  return value;
}

export function addInterpret(program: Command): void {
  addVerb(program, "interpret", {
    group: "runs",
    library: "interpretationByModel",
    summary: "score how well latents can be interpreted: local proxies, or a language model",
    examples: [
      [
        "interpret demo/coupling.weight=0",
        "without any API: rules and embedders, next to a control",
      ],
      [
        "interpret demo/coupling.weight=0 --endpoint http://127.0.0.1:8080/v1 --judge qwen3 --latents 50",
        "explain, simulate, detect and fuzz with a model on this machine",
      ],
      [
        "interpret demo/coupling.weight=0 --latents 20 --export-sets sets.jsonl",
        "questions for any other judge; then --score-answers answers.jsonl --sets sets.jsonl --judge ann",
      ],
      [
        "interpret mine --endpoint https://api.openai.com/v1 --judge gpt-4.1-mini --price 0.4 1.6 --dry-run",
        "what that would cost; the key is in CONCORD_LLM_KEY",
      ],
    ],
  })
    .argument("<run>", "run of a language model: name below the folder of runs, or path")
    .option("--root <folder>", "folder that contains the runs", "runs")
    .option("--base <folder>", "folder that paths of the run's config are relative to", ".")
    .option(
      "--latents <n>",
      "latents of each member, evenly spread by density (default: 200; with --endpoint 20)",
      positiveInteger,
    )
    .option("--rows <n>", "tokens that are looked at, at most", positiveInteger, 131_072)
    .option(
      "--fragment <n>",
      "tokens of a fragment (default: 32; with --endpoint 64)",
      positiveInteger,
    )
    .addOption(
      new Option(
        "--embedders <names...>",
        "what compares contexts (default: n_grams hidden_state)",
      ).choices(EMBEDDERS),
    )
    .option("--encoder <model>", "model of sentence_encoder (default: minilm)")
    .option("--endpoint <url>", "ask a language model that speaks OpenAI's chat protocol")
    .option(
      "--judge <name>",
      "with --endpoint: the model, as the endpoint names it; with --score-answers: who answered",
    )
    .option("--member <names...>", "with --endpoint: only these members (default: the first)")
    .option(
      "--price <prompt-completion...>",
      "with --endpoint: prices per million tokens, of questions and of answers",
      (text: string, before: number[] = []) => [...before, price(text)],
    )
    .option("--budget <money>", "with --endpoint: the most it may cost, by --price", price)
    .option("--budget-tokens <n>", "with --endpoint: the most tokens", positiveInteger)
    .option(
      "--until-spent",
      "begin although all questions may cost more than the budget, and stop where it is spent",
    )
    .option(
      "--export-sets <file>",
      "write detection and intruder sets for any judge, as JSON lines",
    )
    .option("--score-answers <file>", "score what a judge answered: JSON lines of id and answer")
    .option("--sets <file>", "with --score-answers: the sets that were answered")
    .option("--dry-run", "with --endpoint: say what it would cost at most, and ask nothing")
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/interpret.ts")).interpret));
}
