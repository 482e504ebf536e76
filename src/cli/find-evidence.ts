/** @file Where the evidence lies that a person names: in a run, or in a folder of its own. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { SUMMARY_FILE } from "../analyses/features/files.ts";
import { findRun } from "../runs/run-folder.ts";

/** Whether a folder holds evidence and nothing else. */
export const isEvidenceFolder = (path: string) => existsSync(join(path, `${SUMMARY_FILE}.json`));

/** @throws {ConcordError} naming the runs there are. */
export async function evidencePath(root: string, name: string): Promise<string> {
  return isEvidenceFolder(name) ? name : (await findRun(root, name)).path;
}
