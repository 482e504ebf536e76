/** @file The command line of `concord case`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily, positiveInteger } from "../../../verb.ts";
import { TEXT_COLUMN_OPTION, textFormatOption, textOption } from "../text-options.ts";

export function addCase(program: Command): void {
  addVerb(program, "case", {
    group: "saes",
    library: "studyLatent",
    summary: "study one latent on a text: examples, precision and recall of a pattern, its effects",
    examples: [
      [
        "case demo/coupling.weight=0 member-1:232 --text stories15m-samples --out latent-232.md",
        "a page in Markdown",
      ],
      [
        "case my-sae 17 --text book.txt --regex '\\((?=[A-Z])' --json",
        "does it fire on a parenthesis before a capital, and only there?",
      ],
    ],
  })
    .argument("<sae>", "run below the folder of runs, folder of an SAE, or hf:org/repo/path")
    .argument("<latent>", "its number; in a run with the member in front: member-1:232")
    .addOption(textOption())
    .addOption(textFormatOption())
    .option(...TEXT_COLUMN_OPTION)
    .option("--max-tokens <n>", "of --text, at most", positiveInteger, 8192)
    .option("--regex <pattern...>", "patterns over the text of tokens, as in JavaScript")
    .option("--model <model>", "the model (default: what the SAE's files say)")
    .option("--hook <name>", "the hook (default: what the SAE's files say)")
    .option("--root <folder>", "folder that contains the runs", "runs")
    .option("--out <file>", "write the page there instead of printing it")
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/case.ts")).studyCase));
}
