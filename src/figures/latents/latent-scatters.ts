/**
 * @file Latents by how well other members have them: against how often they are active, against
 *   what is true, and against both. Each beside what unrelated directions would show.
 */

import { linearFit } from "../../base/statistics/linear-fit.ts";
import { count, fixed } from "../number-text.ts";
import { scatter } from "../plot/scatter.ts";
import { scatter3d } from "../plot/scatter-3d.ts";
import type { Specification } from "../plot/specification.ts";
import { DENSITY, OTHERS, TRUTH } from "./words.ts";

/** Latents of one member or more, one element each. */
export interface ScatteredLatents {
  /** Which they are, in words: "96 latents of 3 members". */
  readonly who: string;
  readonly density: ArrayLike<number>;
  /** Largest cosine to another member. */
  readonly others: ArrayLike<number>;
  readonly othersNull: number | undefined;
}

/** Latents whose agreement with the truth is known as well. */
export interface LatentsWithTruth extends ScatteredLatents {
  /** Largest cosine to a true feature. */
  readonly truth: ArrayLike<number>;
  readonly truthNull: number | undefined;
}

/** Agreement with other members against activation density, on a logarithmic axis. */
export function densityScatter({
  who,
  density,
  others,
  othersNull,
}: ScatteredLatents): Specification {
  return scatter({
    title: "Agreement with other members against activation density",
    description: `${who}.`,
    x: density,
    y: others,
    xLabel: DENSITY,
    yLabel: OTHERS,
    nullY: othersNull,
    xKind: "log",
    xInclude: [],
    colour: { label: DENSITY, values: density },
  });
}

/**
 * Agreement with other members against that with the truth, with the line through all latents: the
 * figure published with Mutual Feature Regularization.
 */
export function truthScatter(latents: LatentsWithTruth): Specification {
  const { who, density, others, truth, othersNull, truthNull } = latents;
  const fit = linearFit(truth, others);
  const r = fit?.correlation;
  return scatter({
    title: "Agreement with other members against agreement with the truth",
    description: `${who}. ${r === undefined ? "" : `Correlation ${fixed(r, 3)}.`}`,
    x: truth,
    y: others,
    xLabel: TRUTH,
    yLabel: OTHERS,
    fit,
    nullX: truthNull,
    nullY: othersNull,
    colour: { label: DENSITY, values: density },
  });
}

/**
 * Both in three dimensions, with the density upwards.
 *
 * @param which Which latents they are, in the title.
 */
export function latentCloud(
  { density, others, truth, othersNull, truthNull }: Omit<LatentsWithTruth, "who">,
  which: string,
): Specification {
  return scatter3d({
    title: `Agreement and activation density of ${which}`,
    description: `Three-dimensional scatter of ${count(density.length)} latents, seen from 20° above at an azimuth of 120°.`,
    x: { label: TRUTH, values: truth, include: [0, 1], null: truthNull },
    y: { label: OTHERS, values: others, include: [0, 1], null: othersNull },
    z: { label: DENSITY, values: density, include: [0] },
    colour: { label: DENSITY, values: density },
  });
}
