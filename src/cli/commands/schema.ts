/** @file concord schema: every key of a config, as JSON Schema. */

import { configJsonSchema } from "../../config/json-schema.ts";

export function schema(): void {
  process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
}
