/** @file The pictures of the page on synthetic data. */

import { type IntervalRow, intervalChart } from "../../src/figures/interval-chart.ts";
import { type CurvePoint, lineChart } from "../../src/figures/line-chart.ts";
import type { Arm, ArmRun } from "./arm-runs.ts";
import { coupledNames, fvuCurve, gtMcc, pwMcc, type Results } from "./measures.ts";
import { picture } from "./page.ts";
import { coupledArms, type Support } from "./synthetic-arms.ts";
import type { Measured } from "./synthetic-verdicts.ts";

/**
 * Agreement of members with each other, with outsiders and with the truth, without and with a
 * coupling.
 */
export function agreementFigure(support: Support, { results, outside }: Measured): string {
  const rows = [support.arms.none, ...coupledArms(support)]
    .filter((arm) => results.complete(arm))
    .flatMap((arm) =>
      [
        { with: "each other", measure: pwMcc },
        { with: "uncoupled SAEs", measure: outside },
        { with: "the truth", measure: gtMcc },
      ].map(
        ({ with: other, measure }, colour): IntervalRow => ({
          name: `${arm.title}: ${other}`,
          mean: undefined,
          colour,
          ...results.cell(arm, measure),
        }),
      ),
    );
  const svg = intervalChart({
    title: `Who the members agree with, ${support.name}`,
    description: "Mean over seeds with its 95 % interval; small dots are seeds.",
    label: "MCC",
    rows,
  });
  const words = `MCC of the members with each other (PW-MCC), with uncoupled SAEs and with the truth (GT-MCC), ${support.name}`;
  return picture(svg, `mfr-synthetic-agreement-${support.name}`, words);
}

/** FVU of a run's training batches, mean over its members. */
function runCurve(run: ArmRun): Map<number, number> {
  const names = coupledNames(run.data);
  const sums = new Map<number, number>();
  for (const name of names)
    for (const { x, y } of fvuCurve(run, name)) sums.set(x, (sums.get(x) ?? 0) + y / names.length);
  return sums;
}

function armCurve(runs: readonly ArmRun[]): CurvePoint[] {
  const curves = runs.map(runCurve);
  return [...curves[0]!.keys()].map((x) => {
    const values = curves.map((curve) => curve.get(x)!);
    const y = values.reduce((sum, v) => sum + v / values.length, 0);
    return { x, y, low: Math.min(...values), high: Math.max(...values) };
  });
}

/** Learning curves of the arms. */
export function curveFigure(support: string, arms: readonly Arm[], results: Results): string {
  const svg = lineChart({
    title: `FVU of the training batches, ${support}`,
    description: "Mean over seeds and members, between the lowest and the highest seed.",
    curves: arms.map((arm) => ({ name: arm.title, points: armCurve(results.of(arm)) })),
    xLabel: "step",
    xInclude: [0],
    yLabel: "FVU of the batch",
    yKind: "log",
  });
  const words = `FVU of the training batches over steps by arm, ${support}`;
  return picture(svg, `mfr-synthetic-curves-${support}`, words);
}
