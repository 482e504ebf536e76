/** @file The command line of `concord completion`: arguments, options and examples. */

import { Argument, type Command } from "commander";
import { addVerb, lazily } from "../verb.ts";

export function addCompletion(program: Command): void {
  addVerb(program, "completion", {
    group: "setup",
    summary: "print a shell script that completes commands, options and files",
    examples: [
      ["completion bash >> ~/.bashrc", "for every new bash"],
      ["completion zsh > ~/.zsh/completions/_concord", "in a folder of zsh's $fpath"],
      ["completion fish > ~/.config/fish/completions/concord.fish", "for every new fish"],
    ],
  })
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"]))
    .action(lazily(async () => (await import("../commands/completion.ts")).completion));
}
