/** @file What a crash does to a store that is being written, and what is left of it. */

import { readdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";

/** Every file of a folder and its bytes, as hexadecimal text. */
export function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "hex")]));
}

/** Cuts `bytes` off the end of the shard that is being written, or of its journal. */
export function tear(folder: string, bytes: number, journal: boolean): void {
  const ending = journal ? ".journal" : ".partial";
  for (const name of readdirSync(folder).filter((n) => n.endsWith(ending))) {
    const path = join(folder, name);
    truncateSync(path, Math.max(0, readFileSync(path).byteLength - bytes));
  }
}
