/** @file The package without its native core, as it is where that could not be built. */

import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { temporaryFolder } from "./temporary-folder.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/**
 * Lays out scripts, configs and dependencies in a folder of the running test; `native/` is empty,
 * and there is no `dist/`.
 */
export function packageWithoutCore(): string {
  const folder = temporaryFolder();
  for (const name of ["scripts", "configs", "package.json"])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  mkdirSync(join(folder, "native"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}
