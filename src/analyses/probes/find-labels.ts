/** @file Where a run's labels come from: a file that the config names, or its source. */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { ConcordError } from "../../errors.ts";
import { type AlignedLabels, alignLabels } from "../../evaluate/probes/align-labels.ts";
import { readLabels } from "../../evaluate/probes/labels.ts";
import type { RowLabels } from "../../sources/row-labels.ts";
import type { Source } from "../../sources/source.ts";
import type { ProbeOptions } from "./options.ts";

async function labelsOf(
  source: Source,
  { labels }: ProbeOptions,
  baseFolder: string,
): Promise<RowLabels> {
  if (labels !== undefined) return readLabels(resolve(baseFolder, labels));
  const own = await source.labels?.();
  if (own) return own;
  const kept = source.store?.folder;
  if (kept !== undefined && existsSync(join(kept, "tasks.json"))) return readLabels(kept);
  throw new ConcordError("argument/invalid", "probes: this source knows no labels of its rows.", {
    hint: "Name a .csv, a .npy or a folder with tasks.json under analyses: [{ kind: probes, labels: … }].",
  });
}

/**
 * The labels of a source's held-out rows.
 *
 * @throws {ConcordError} when there are none, or when they do not fit the rows.
 */
export async function findLabels(
  source: Source,
  options: ProbeOptions,
  baseFolder: string,
): Promise<AlignedLabels> {
  return alignLabels(await labelsOf(source, options, baseFolder), source);
}
