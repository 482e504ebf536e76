/** @file The page of a run, or of a sweep's runs, written as a folder that opens without a server. */

import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { openEvidence } from "../analyses/features/open-evidence.ts";
import { PACKAGE_ROOT } from "../backend/native/package-root.ts";
import {
  type StaticPage,
  type StaticRun,
  writeStaticPage,
} from "../report/static-page/static-page.ts";
import { readEvaluation } from "../runs/results.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { openAnswers } from "../server/ask.ts";
import { hasFeatures } from "../server/evidences.ts";
import { isProcessAlive } from "./environment.ts";
import { packageVersion } from "./package-version.ts";

/** Name of the folder that is written. */
const PAGE = "page";

async function staticRun(run: RunFolder, root: string): Promise<StaticRun> {
  const evaluation = await readEvaluation(run);
  return {
    name: relative(root, resolve(run.path)).split(sep).join("/"),
    members: evaluation?.members.map(({ name }) => name) ?? [],
    evidence: hasFeatures(run) ? await openEvidence(run.path) : undefined,
  };
}

/**
 * Writes `page/` in `folder`.
 *
 * @param folder The run, or the sweep that has all of `runs`.
 * @throws {ConcordError} `file/missing` when the page was not built; {FormatError} for results that
 *   are damaged; `file/io`.
 */
export async function staticPage(
  folder: string,
  folders: readonly RunFolder[],
): Promise<StaticPage> {
  const root = dirname(resolve(folder));
  const runs: StaticRun[] = [];
  try {
    for (const run of folders) runs.push(await staticRun(run, root));
    const version = packageVersion();
    const answer = await openAnswers({
      folder: root,
      shown: basename(resolve(folder)),
      only: runs.map(({ name }) => name),
      isAlive: isProcessAlive,
      version,
    });
    const web = join(PACKAGE_ROOT, "dist", "web");
    return await writeStaticPage({ folder: join(folder, PAGE), web, runs, answer, version });
  } finally {
    for (const { evidence } of runs) await evidence?.close();
  }
}
