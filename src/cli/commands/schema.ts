/** @file concord schema: every key of a config, as JSON Schema. */

import type { Command } from "commander";
import { configJsonSchema } from "../../config/json-schema.ts";
import { addVerb } from "../verb.ts";

export function addSchema(program: Command): void {
  addVerb(program, "schema", {
    group: "setup",
    library: "configJsonSchema",
    summary: "print the JSON Schema of config files, for editors and programs",
    examples: [["schema > config.schema.json", "for an editor's YAML language server"]],
  }).action(() => {
    process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  });
}
