/**
 * @file Latents by how well other members have them: against how often they are active, and against
 *   what is true. Both beside what unrelated directions would show.
 */

import { linearFit } from "../../base/statistics/linear-fit.ts";
import { count, fixed } from "../number-text.ts";
import { scatter } from "../plot/scatter.ts";
import type { Specification } from "../plot/specification.ts";

const TRUTH = "largest cosine to a true feature";
const OTHERS = "largest cosine to another member";
const DENSITY = "activation density";

/** Latents of one member or more, one element each. */
export interface ScatteredLatents {
  readonly density: readonly number[];
  readonly others: readonly number[];
  readonly truth: readonly number[] | undefined;
  readonly othersNull: number | undefined;
  readonly truthNull: number | undefined;
}

/** Agreement with other members against activation density, on a logarithmic axis. */
export function densityScatter(latents: ScatteredLatents): Specification {
  const { density, others, othersNull } = latents;
  return scatter({
    title: "Agreement with other members against activation density",
    description: `${count(density.length)} latents.`,
    x: density,
    y: others,
    xLabel: DENSITY,
    yLabel: OTHERS,
    nullY: othersNull,
    xKind: "log",
    xInclude: [],
  });
}

/** Agreement with other members against that with the truth, with the line through all latents. */
export function truthScatter(latents: ScatteredLatents): Specification {
  const { density, others, truth, othersNull, truthNull } = latents;
  const fit = linearFit(truth ?? [], others);
  const r = fit?.correlation;
  const correlation = r === undefined ? "" : ` Correlation ${fixed(r, 3)}.`;
  return scatter({
    title: "Agreement with other members against agreement with the truth",
    description: `${count(density.length)} latents.${correlation}`,
    x: truth ?? [],
    y: others,
    xLabel: TRUTH,
    yLabel: OTHERS,
    fit,
    nullX: truthNull,
    nullY: othersNull,
    colour: { label: DENSITY, values: density },
  });
}
