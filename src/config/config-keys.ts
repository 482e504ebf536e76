/** @file The keys that a config can have, for messages that name one. */

import { configJsonSchema } from "./json-schema.ts";

/** Every key of a config, at whatever depth. */
export function configKeys(): ReadonlySet<string> {
  const keys = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { properties } = node as { properties?: object };
    for (const key of Object.keys(properties ?? {})) keys.add(key);
    for (const value of Object.values(node)) visit(value);
  };
  visit(configJsonSchema());
  return keys;
}
