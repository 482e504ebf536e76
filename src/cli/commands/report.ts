/**
 * @file concord report: the page of a run, or of a sweep and its runs, written again; with
 *   `--static`, the page of `concord serve` as a folder.
 */

import { count, significant } from "../../figures/number-text.ts";
import { writeRunReport } from "../../report/run-report.ts";
import { writeSweepReport } from "../../report/sweep-report.ts";
import { findSweep } from "../../runs/find-runs.ts";
import { findRun } from "../../runs/run-folder.ts";
import { print } from "../print.ts";
import { staticPage } from "../static-page.ts";

interface Options {
  readonly root: string;
  readonly json?: boolean;
  readonly static?: boolean;
}

export async function report(name: string, options: Options): Promise<void> {
  const { root, json } = options;
  const sweep = await findSweep(root, name);
  const folders = sweep?.runs ?? [await findRun(root, name)];
  if (options.static) {
    const { path, bytes, cards } = await staticPage(sweep?.path ?? folders[0]!.path, folders);
    const size = `${significant(bytes / 2 ** 20, 3)} MiB of data, ${count(cards)} latents`;
    print(json ? `${JSON.stringify([path])}\n` : `${path} (${size})\n`);
    return;
  }
  const written: string[] = [];
  for (const folder of folders) written.push(await writeRunReport(folder));
  if (sweep) written.push(await writeSweepReport(sweep.path));
  print(json ? `${JSON.stringify(written)}\n` : `${written.join("\n")}\n`);
}
