/** @file Where this package lies, for what it reads of itself and for the commands it advises. */

import { resolve } from "node:path";

/**
 * The folder of this package, a clone or a folder of `node_modules`: three above
 * `src/backend/native` and `dist/backend/native`.
 */
export const PACKAGE_ROOT = resolve(import.meta.dirname, "../../..");

/** A path as it is typed in a command: in quotes where it needs them. */
export function typedPath(path: string): string {
  return /^[\w./@:\\-]+$/.test(path) ? path : `"${path}"`;
}
