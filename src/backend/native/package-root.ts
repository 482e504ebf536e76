/** @file The folder of this package, to read its files and to name it in suggested commands. */

import { resolve } from "node:path";

/**
 * The folder of this package, in a clone or in `node_modules`: three levels above
 * `src/backend/native` and `dist/backend/native`.
 */
export const PACKAGE_ROOT = resolve(import.meta.dirname, "../../..");

/** A path as one types it in a command, quoted where necessary. */
export function typedPath(path: string): string {
  return /^[\w./@:\\-]+$/.test(path) ? path : `"${path}"`;
}
