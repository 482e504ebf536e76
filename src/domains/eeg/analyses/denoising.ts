/**
 * @file The analysis of members whose rows have targets: how well they make clean rows of noisy
 *   ones. Beside it stands what it is worth to leave these as they are.
 */

import { z } from "zod";
import { html } from "../../../figures/html/html.ts";
import { section } from "../../../figures/html/page.ts";
import { parseResult } from "../../../runs/parse-result.ts";
import { measured, readEvaluation } from "../../../runs/results.ts";
import type { Analysis, AnalysisContext } from "../../analysis.ts";
import { saeDenoiser } from "../denoise/denoisers/sae-denoiser.ts";
import { evaluateDenoising, NOTHING_DONE } from "../denoise/evaluate-denoising.ts";
import { denoisingTable } from "../figures/denoising-table.ts";
import type { DenoisingSums } from "../metrics/denoising-metric.ts";
import { DENOISING_METRICS } from "../metrics/eeg-metrics.ts";

const metrics = z.record(z.string(), measured);

/** `denoising` of results/evaluation.json: metrics by name, see `DENOISING_METRICS`. */
const denoisingSchema = z.object({
  /** Of the noisy rows as they are. */
  noisy: metrics,
  members: z.array(z.object({ name: z.string(), metrics })),
});

/** What was made of held-out rows that have targets. */
export type DenoisingResult = z.output<typeof denoisingSchema>;

/** The denoising metrics that sums have values for. */
function numbersOf(sums: DenoisingSums): Record<string, number> {
  const values = DENOISING_METRICS.map((m) => [m.name, m.compute(sums)] as const);
  return Object.fromEntries(values.filter(([, value]) => !Number.isNaN(value)));
}

async function analyse({ backend, members, source }: AnalysisContext): Promise<DenoisingResult> {
  const { heldOut, dIn, layout } = source;
  const named = members.map(({ name, sae }) => saeDenoiser(backend, name, sae));
  const denoisers = [NOTHING_DONE, ...(await Promise.all(named))];
  const [noisy, ...sums] = await evaluateDenoising(denoisers, heldOut, dIn, layout);
  return {
    noisy: numbersOf(noisy!),
    members: members.map(({ name }, i) => ({ name, metrics: numbersOf(sums[i]!) })),
  };
}

export const denoising: Analysis<DenoisingResult> = {
  name: "denoising",
  summary: "How well members make clean rows of noisy ones, where rows have targets",
  applies: ({ heldOut }) => heldOut.hasTargets === true,
  analyse,
  results: (found) => ({ json: { evaluation: { denoising: found } } }),
  async read(folder) {
    const evaluation: object = (await readEvaluation(folder)) ?? {};
    if (!("denoising" in evaluation)) return undefined;
    const where = folder.file("results", "evaluation.json");
    return parseResult(denoisingSchema, evaluation.denoising, where);
  },
  metrics: DENOISING_METRICS,
  sections: (found, { evaluation }) =>
    html`${section("Denoising", denoisingTable(found, evaluation.rows))}`,
  table(found) {
    const known = DENOISING_METRICS.filter(({ name }) => found.noisy[name] !== undefined);
    const row = (name: string, values: Readonly<Record<string, number>>) => [
      name,
      ...known.map((m) => values[m.name] ?? Number.NaN),
    ];
    return {
      title: "Noisy held-out rows against their targets:",
      header: ["noisy rows by", ...known.map((m) => m.label)],
      rows: [
        row("(left as they are)", found.noisy),
        ...found.members.map((m) => row(m.name, m.metrics)),
      ],
    };
  },
};
