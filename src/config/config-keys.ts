/** @file The keys of a config as paths with dots, from the schema. */

import { type JsonSchema, runJsonSchema } from "./json-schema.ts";

function pathsOf(schema: JsonSchema, path: string): string[] {
  const branches = [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return branches.flatMap((branch) =>
    Object.entries(branch.properties ?? {}).flatMap(([key, value]) => {
      const here = path === "" ? key : `${path}.${key}`;
      return [here, ...pathsOf(value, here)];
    }),
  );
}

/**
 * Every key, sections included, each once: `population.k`, `coupling`, `source.path`; of all kinds
 * of source.
 */
export function configKeys(): string[] {
  return [...new Set(pathsOf(runJsonSchema(), ""))];
}
