/** @file Divergence from the counterfactual by the number of patched latents, and by the edit. */

import { lineChart } from "../../../figures/plot/line-chart.ts";
import type { Specification } from "../../../figures/plot/specification.ts";
import type { PatchingResult } from "../causal/patching/result.ts";

/** Both figures, by the names of their files. */
export function patchingFigures({
  task,
  model,
  hook,
  pairs,
  dictionaries,
}: PatchingResult): Readonly<Record<string, Specification>> {
  const yLabel = "KL(counterfactual ‖ patched), nats";
  const of = (x: (point: PatchingResult["dictionaries"][number]["points"][number]) => number) =>
    dictionaries.map(({ name, points }) => ({
      name,
      points: points.map((point) => ({
        x: x(point),
        y: point.kl.mean,
        low: point.kl.interval?.[0],
        high: point.kl.interval?.[1],
      })),
    }));
  const where = `Task ${task}, ${model} at ${hook}, ${pairs} pairs of prompts; bands are 95 % intervals over pairs (bootstrap).`;
  return {
    latents: lineChart({
      title: "Divergence by the number of patched latents",
      description: `${where} Latents in the order of their effects on other pairs.`,
      curves: of(({ latents }) => latents),
      xLabel: "patched latents",
      xKind: "log",
      yLabel,
      include: [0],
    }),
    edit: lineChart({
      title: "Divergence by the size of the edit",
      description: `${where} The edit is the mean of ‖Δ‖ per token, over the mean distance of the counterfactual's activations.`,
      curves: of((point) => point.edit_relative),
      xLabel: "size of the edit, relative to the counterfactual's distance",
      yLabel,
      include: [0],
    }),
  };
}
