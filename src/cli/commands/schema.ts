/** @file concord schema: every key of a config, as JSON Schema. */

import { configJsonSchema } from "../../config/json-schema.ts";
import { print } from "../print.ts";

export function schema(): void {
  print(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
}
