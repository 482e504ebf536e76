/** @file The command line of `concord patch`: arguments, options and examples. */

import { type Command, Option } from "commander";
import { addVerb, lazily, positiveInteger } from "../../../verb.ts";
import { seed, share } from "../numbers-options.ts";

export function addPatch(program: Command): void {
  addVerb(program, "patch", {
    group: "saes",
    library: "patchTask",
    summary: "find the latents that carry a task, by patching them from counterfactual prompts",
    examples: [
      [
        "patch demo/coupling.weight=0 baselines --task ioi",
        "members and baselines on the same prompts: KL by the number of patched latents",
      ],
      ["patch my-run/saes/member-0 --task my-task.yaml --search threshold", "a task of your own"],
    ],
  })
    .argument(
      "<what...>",
      "runs below the folder of runs, folders of SAEs or hf:org/repo/path; others are compared with the first",
    )
    .requiredOption("--task <task>", "ioi, pronoun, name, or a YAML file")
    .option("--pairs <n>", "pairs of prompts measured; as many rank latents", positiveInteger, 48)
    .addOption(
      new Option("--search <how>", "latents by their own effects, or dropped below thresholds")
        .choices(["effect", "threshold"])
        .default("effect"),
    )
    .option("--thresholds <n>", "with --search threshold: how many, 1e-5 to 1", positiveInteger, 8)
    .option("--min-accuracy <share>", "refuse a model that does the task less often", share, 0.8)
    .option("--seed <n>", "decides prompts and drawn orders", seed, 0)
    .option("--model <model>", "the model (default: what the SAEs' files say)")
    .option("--hook <name>", "the hook (default: what the SAEs' files say)")
    .option("--root <folder>", "folder that contains the runs", "runs")
    .option("--out <folder>", "folder of results; what is there is not computed again", "patching")
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/patch.ts")).patch));
}
