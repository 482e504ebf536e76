/** @file The command line of `concord schema`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily } from "../verb.ts";

export function addSchema(program: Command): void {
  addVerb(program, "schema", {
    group: "setup",
    library: "configJsonSchema",
    summary: "print the JSON Schema of config files, for editors and programs",
    examples: [["schema > config.schema.json", "for an editor's YAML language server"]],
  }).action(lazily(async () => (await import("../commands/schema.ts")).schema));
}
