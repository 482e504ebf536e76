/** @file A folder that lasts as long as a run of the tests, for what several test files share. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How the processes of the tests learn of it. */
const VARIABLE = "CONCORD_TEST_SHARED";

/** Makes the folder; returns what removes it. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "concord-shared-"));
  process.env[VARIABLE] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** The path of the folder. */
export function sharedFolder(): string {
  return process.env[VARIABLE]!;
}
