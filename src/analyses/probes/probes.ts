/**
 * @file Probes: what can be read off the codes of members, task by task, next to what can be read
 *   off activations themselves. Rows are held-out ones; of these, 80 % are learnt from.
 *
 * Erdogan and Lucic 2025 (arXiv:2511.09432) probe codes with logistic regression and XGBoost; their
 * flags name truncation lengths and several k. How codes are truncated is not written anywhere that
 * can be read: to keep the largest activations of a row is our reading.
 */

import type { Analysis, AnalysisContext } from "../../domains/analysis.ts";
import { openXgboost } from "../../evaluate/probes/xgboost/library.ts";
import { readResult } from "../../runs/parse-result.ts";
import { probesCsv } from "./csv.ts";
import { findLabels } from "./find-labels.ts";
import { type ProbeOptions, probeOptions } from "./options.ts";
import { type ProbesResult, probesSchema } from "./result.ts";
import { runProbes } from "./run-probes.ts";
import { probeSections } from "./sections.ts";
import { probeTables } from "./tables.ts";

const FILE = "probes";

const opened = ({ probes, xgboostLibrary }: ProbeOptions) =>
  probes.includes("xgboost") ? openXgboost(xgboostLibrary) : undefined;

async function analyse(context: AnalysisContext, options: ProbeOptions): Promise<ProbesResult> {
  const xgboost = await opened(options);
  const labels = await findLabels(context.source, options, context.baseFolder);
  return runProbes(context, labels, options, xgboost);
}

export const probes = {
  name: FILE,
  summary: "What logistic regression and boosted trees read off codes, task by task",
  options: probeOptions,
  onRequest: true,
  applies: () => true,
  async prepare(source, options, baseFolder) {
    await opened(options);
    await findLabels(source, options, baseFolder);
  },
  analyse,
  results: (found) => ({
    json: { [FILE]: found },
    texts: { [`probe_results/results_${found.groups}.csv`]: probesCsv(found) },
  }),
  read: (folder) => readResult(folder, FILE, probesSchema),
  sections: probeSections,
  table: probeTables,
} as const satisfies Analysis<ProbesResult, ProbeOptions>;
