/** @file The command line of `concord lens`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily } from "../../../verb.ts";

export function addLens(program: Command): void {
  addVerb(program, "lens", {
    group: "data",
    library: "logitLens",
    summary: "read a prompt through the logit lens: what each layer would predict",
    examples: [['lens stories15m --prompt "One day, Tom and Lily went to the"', "layer by layer"]],
  })
    .argument("<model>", "a name from `concord models list`, org/name on the hub, or a folder")
    .requiredOption("--prompt <text>", "what is read")
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/lens.ts")).lens));
}
