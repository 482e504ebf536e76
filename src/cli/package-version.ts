/** @file The version of this package, by itself: `concord --version` waits for nothing else. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../backend/native/package-root.ts";

/** Version of this package. */
export function packageVersion(): string {
  const text = readFileSync(join(PACKAGE_ROOT, "package.json"), "utf8");
  return String((JSON.parse(text) as { version: string }).version);
}
