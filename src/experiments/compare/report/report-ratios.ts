/**
 * @file Figures over a quantity that decides the null. Mean-max cosine goes over the width of the
 *   other SAE, and the energy of unmatched latents over the rank of a span. The null is a curve
 *   there, and is drawn as one.
 */

import { largestRandomCosine } from "../../../base/statistics/largest-random-cosine.ts";
import { mean } from "../../../base/statistics/mean.ts";
import type { Markup } from "../../../figures/html/html.ts";
import { figure } from "../../../figures/html/page.ts";
import { type Curve, type CurvePoint, lineChart } from "../../../figures/plot/line-chart.ts";
import type { FolderComparison } from "../compare-folders.ts";

/** Points of a null curve between its ends. */
const CURVE_POINTS = 24;

/** One direction of a pair: how the latents of one SAE are found in another. */
interface Direction {
  /** Widths: of the SAE whose latents are looked for, and of the one they are looked for in. */
  readonly from: number;
  readonly into: number;
  readonly dIn: number;
  readonly meanMax: number;
}

function directions({ saes, pairs }: FolderComparison): Direction[] {
  return pairs.flatMap(({ a, b, measures: { meanMax } }) => {
    const [one, other] = [saes[a]!, saes[b]!];
    const { dIn } = one;
    return [
      { from: one.dSae, into: other.dSae, dIn, meanMax: meanMax[0] },
      { from: other.dSae, into: one.dSae, dIn, meanMax: meanMax[1] },
    ];
  });
}

/** Values by key, keys ascending. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => number): [number, T[]][] {
  const groups = new Map<number, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups].sort(([a], [b]) => a - b);
}

/** The mean of values, with their range. */
function point(x: number, values: readonly number[], name: string): CurvePoint {
  return { x, y: mean(values), low: Math.min(...values), high: Math.max(...values), name };
}

/** The d_in that most directions have, with those; undefined where all others have one width. */
function widest(comparison: FolderComparison): readonly [number, Direction[]] | undefined {
  const byWidth = grouped(directions(comparison), ({ dIn }) => dIn);
  const most = byWidth.sort(([, a], [, b]) => b.length - a.length)[0];
  if (!most || most[0] < 2 || new Set(most[1].map(({ into }) => into)).size < 2) return undefined;
  return most;
}

/** A curve per width of the SAE whose latents are looked for. */
function curves(
  found: readonly Direction[],
  dIn: number,
  of: (direction: Direction) => number,
): Curve[] {
  return grouped(found, ({ from }) => from).map(([from, those]) => ({
    name: `${from} latents`,
    points: grouped(those, ({ into }) => into).map(([into, same]) =>
      point(into / dIn, same.map(of), `${same.length} × ${from} latents looked for in ${into}`),
    ),
  }));
}

/** The null from the narrowest to the widest: largest cosines with that many random directions. */
function nullCurve(dIn: number, widths: readonly number[]): CurvePoint[] {
  const [low, high] = [Math.min(...widths), Math.max(...widths)];
  return Array.from({ length: CURVE_POINTS + 1 }, (_, i) => {
    const count = Math.round(low * (high / low) ** (i / CURVE_POINTS));
    return { x: count / dIn, y: largestRandomCosine(dIn, count) };
  });
}

const X_LABEL = "d_sae of the other SAE / d_in";

/** Mean-max cosine over the width of the other SAE; undefined where all have one width. */
export function meanMaxChart(comparison: FolderComparison): Markup | undefined {
  const found = widest(comparison);
  if (!found) return undefined;
  const [dIn, those] = found;
  const none = nullCurve(
    dIn,
    those.map(({ into }) => into),
  );
  const drawing = lineChart({
    title: "Mean-max cosine by the width of the other SAE",
    description:
      "One curve per width of the SAE whose latents are looked for; the null as a curve.",
    curves: curves(those, dIn, ({ meanMax }) => meanMax),
    nullCurve: none,
    xLabel: X_LABEL,
    xKind: "log",
    yLabel: "mean-max cosine",
    include: [0, 1],
    marks: true,
  });
  const [first, last] = [none[0]!.y.toFixed(3), none.at(-1)!.y.toFixed(3)];
  return figure(
    drawing,
    "A wider SAE offers more to be near to",
    `The largest cosine of a latent among the atoms of the other SAE, mean over latents; bars are the range over pairs. Random atoms give ${first} to ${last} over these widths in ${dIn} dimensions. A rise no steeper than the null says nothing about features.`,
  );
}

/** What is left of the mean-max cosine above its null; undefined where all have one width. */
export function excessChart(comparison: FolderComparison): Markup | undefined {
  const found = widest(comparison);
  if (!found) return undefined;
  const [dIn, those] = found;
  const excess = ({ meanMax, into }: Direction) => {
    const none = largestRandomCosine(dIn, into);
    return (meanMax - none) / (1 - none);
  };
  const drawing = lineChart({
    title: "Mean-max cosine above its null, by the width of the other SAE",
    description: "(s − s₀) / (1 − s₀): 0 at the null, 1 for the same atoms.",
    curves: curves(those, dIn, excess),
    xLabel: X_LABEL,
    xKind: "log",
    yLabel: "(s − s₀) / (1 − s₀)",
    include: [0, 1],
    marks: true,
  });
  return figure(
    drawing,
    "The same above the null",
    "The share of the way from the null s₀ to 1. Widths can be compared in this figure, and not in the one before.",
  );
}

/** Energy of unmatched latents by rank, mean over the directions of all pairs. */
export function unmatchedChart({
  dictionaries,
  saes,
  pairs,
}: FolderComparison): Markup | undefined {
  const all = dictionaries.pairs.flatMap(({ unmatched }, i) =>
    unmatched.flatMap((one) => (one ? [{ ...one, dIn: saes[pairs[i]!.a]!.dIn }] : [])),
  );
  const most = grouped(all, ({ dIn }) => dIn).sort(([, a], [, b]) => b.length - a.length)[0];
  if (!most) return undefined;
  const [, found] = most;
  const { ranks } = found[0]!;
  const at = (values: readonly (readonly number[])[]) =>
    ranks.map((x, i) => ({ x, y: mean(values.map((curve) => curve[i]!)) }));
  const controls = found.flatMap(({ matched }) => (matched ? [matched] : []));
  const drawing = lineChart({
    title: "Unmatched latents in the span of the other SAE's unmatched latents",
    description: "Share of an atom's squared length by the rank of the span, with two controls.",
    curves: [
      { name: "unmatched", points: at(found.map(({ energy }) => energy)) },
      ...(controls.length > 0 ? [{ name: "matched, same span", points: at(controls) }] : []),
      { name: "unmatched, own span", points: at(found.map(({ own }) => own)) },
    ],
    nullCurve: at(found.map((one) => one.null)),
    xLabel: "rank of the span",
    xKind: "log",
    yLabel: "share of the squared length",
    include: [0, 1],
  });
  return figure(
    drawing,
    "Do unmatched latents share a subspace?",
    "Latents without a partner may still lie where the other SAE's unmatched latents lie: one subspace in two bases. The dotted null is that of random atoms. Matched latents in the same span show how much of it comes from data that fills its space unevenly; only what exceeds both is a subspace of unmatched latents. Their own span is the most that could be had.",
  );
}
