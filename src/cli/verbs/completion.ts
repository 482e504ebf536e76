/** @file What is typed behind `concord completion`: arguments, options and examples. */

import { Argument, type Command } from "commander";
import { addVerb, lazily } from "../verb.ts";

export function addCompletion(program: Command): void {
  addVerb(program, "completion", {
    group: "setup",
    summary: "print the script that completes commands, options and files in a shell",
    examples: [
      ["completion bash >> ~/.bashrc", "for every bash from the next on"],
      ["completion zsh > ~/.zsh/completions/_concord", "in a folder of zsh's $fpath"],
      ["completion fish > ~/.config/fish/completions/concord.fish", "for every fish"],
    ],
  })
    .addArgument(new Argument("<shell>", "which one").choices(["bash", "zsh", "fish"]))
    .action(lazily(async () => (await import("../commands/completion.ts")).completion));
}
