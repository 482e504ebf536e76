/** @file How alike members become while they train: a similarity over steps, next to its null. */

import { type Curve, lineChart } from "./plot/line-chart.ts";
import type { Specification } from "./plot/specification.ts";
import type { Point } from "./thinning.ts";

/** A curve with what unrelated dictionaries of the same shapes show. */
export interface BesideNull extends Curve {
  /** In order of x. It has one height, because a null depends on shapes alone. */
  readonly nullPoints: readonly Point[];
}

/**
 * A similarity over steps. The null of each shape is one level line from step 0 to the last
 * measurement, so that it shows beside a single point as well.
 *
 * @param label What is measured: `PW-MCC`.
 */
export function agreementOverSteps(label: string, curves: readonly BesideNull[]): Specification {
  const last = Math.max(0, ...curves.map(({ points }) => points.at(-1)?.x ?? 0));
  const levels = [...new Set(curves.flatMap(({ nullPoints }) => nullPoints.at(-1)?.y ?? []))];
  return lineChart({
    title: `${label} over steps`,
    description: `${curves.length} ${curves.length === 1 ? "curve" : "curves"} over the steps of training, next to what unrelated dictionaries of the same shapes show.`,
    curves,
    nullCurve: levels.flatMap((y) => [
      { x: 0, y },
      { x: last, y },
      { x: Number.NaN, y },
    ]),
    xLabel: "step",
    xInclude: [0],
    yLabel: label,
    include: [0, 1],
  });
}
