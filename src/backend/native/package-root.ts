/** @file The folder of this package, to read its files and to name it in suggested commands. */

import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/**
 * The folder of this package, in a clone or in `node_modules`: three levels above
 * `src/backend/native` and `dist/backend/native`.
 */
export const PACKAGE_ROOT = resolve(import.meta.dirname, "../../..");

/** A path as one types it in a command, quoted where necessary. */
export function typedPath(path: string): string {
  return /^[\w./@:\\-]+$/.test(path) ? path : `"${path}"`;
}

/**
 * The command that installs an optional package where this one finds it.
 *
 * @param what With its options: `--ignore-scripts onnxruntime-node@1`.
 */
export function installCommand(what: string): string {
  const modules = dirname(PACKAGE_ROOT);
  const project = dirname(modules);
  if (basename(modules) !== "node_modules") return `npm --prefix ${typedPath(PACKAGE_ROOT)} ci`;
  // Packages that are installed globally lie in no project.
  const isProject = existsSync(join(project, "package.json"));
  const where = isProject ? `--prefix ${typedPath(project)}` : "--global";
  return `npm install ${where} ${what}`;
}
