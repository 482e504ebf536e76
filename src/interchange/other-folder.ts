/** @file An SAE is not written over one that it is made of. */

import { resolve } from "node:path";
import { ConcordError } from "../errors.ts";

/** @throws {ConcordError} `argument/invalid` when `out` is one of `folders`. */
export function requireOtherFolder(out: string, folders: readonly string[]): void {
  if (!folders.some((folder) => resolve(folder) === resolve(out))) return;
  throw new ConcordError("argument/invalid", `${out} is one of the SAEs that are read.`, {
    hint: "Give --out another folder: that SAE would be lost.",
  });
}
