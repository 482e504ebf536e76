/** @file The figures of a run's report. */

import { percentile } from "../base/statistics/percentile.ts";
import { agreementOverSteps, type BesideNull } from "../figures/agreement-over-steps.ts";
import { html, type Markup } from "../figures/html/html.ts";
import { figure } from "../figures/html/page.ts";
import { cosineHistogram, pooledSeries } from "../figures/latents/latent-histogram.ts";
import { densityScatter, latentCloud, truthScatter } from "../figures/latents/latent-scatters.ts";
import { DENSITY, OTHERS, TRUTH } from "../figures/latents/words.ts";
import { count, fixed } from "../figures/number-text.ts";
import { heatMap } from "../figures/plot/heat-map.ts";
import { histogram } from "../figures/plot/histogram.ts";
import { type Curve, lineChart } from "../figures/plot/line-chart.ts";
import type { Specification } from "../figures/plot/specification.ts";
import { settingText } from "../runs/settings.ts";
import type { BesideItsNull, MemberCurves } from "./logged.ts";
import { bestInOthersNull, type PooledLatents, pooledLatents } from "./pooled-latents.ts";
import type { RunData } from "./run-data.ts";

/** More curves than about this many are not drawn over each other. */
const MOST_CURVES = 64;

/** PW-MCC by setting, and GT-MCC by member, where they were measured while training. */
function agreementCurves(
  { metrics }: Pick<RunData, "metrics">,
  members: readonly (readonly [string, MemberCurves])[],
  of: string,
): Markup[] {
  const curve = (name: string, { value, null: nothing }: BesideItsNull): BesideNull[] =>
    value.logged === 0 ? [] : [{ name, ...value, nullPoints: nothing.points }];
  const among = metrics.pwMcc.flatMap((one) => curve(settingText(one.setting) || "PW-MCC", one));
  const truth = members.flatMap(([name, { gtMcc }]) => curve(name, gtMcc));
  return [
    ...(among.length > 0
      ? [
          figure(
            agreementOverSteps("PW-MCC", among),
            "Agreement while training",
            "Mean over the pairs of members of the mean cosine of atoms matched one to one. Dotted: the null.",
          ),
        ]
      : []),
    ...(truth.length > 0
      ? [
          figure(
            agreementOverSteps("GT-MCC", truth),
            "Likeness to the true features while training",
            `Mean cosine of a member's atoms and the true features, matched one to one. Dotted: the null.${of}`,
          ),
        ]
      : []),
  ];
}

/**
 * Loss and FVU of the training batches by member, agreement where it was measured, and the
 * coupling's loss when there is one.
 */
export function learningCurves({ metrics }: RunData): Markup[] {
  if (metrics.lines === 0) return [];
  const all = [...metrics.members];
  const members = all.filter((_, i) => i % Math.ceil(all.length / MOST_CURVES) === 0);
  const curves = (key: "fvu" | "loss"): Curve[] =>
    members.map(([name, logged]) => ({ name, ...logged[key] }));
  const { couplingLoss } = metrics;
  const of = members.length < all.length ? ` ${members.length} of ${all.length} members.` : "";
  const each = `${members.length} curves over the steps of training, one a member.`;
  const fvu = lineChart({
    title: "FVU of the training batch over steps",
    description: each,
    curves: curves("fvu"),
    xLabel: "step",
    xInclude: [0],
    yLabel: "FVU of the batch",
    yKind: "log",
  });
  const loss = lineChart({
    title: "Loss of the training batch over steps",
    description: each,
    curves: curves("loss"),
    xLabel: "step",
    xInclude: [0],
    yLabel: "loss",
    yKind: "log",
  });
  const coupled = couplingLoss.points.some(({ y }) => y !== 0);
  return [
    figure(
      fvu,
      "Variance unexplained while training",
      `On each logged step's batch, before the update; the table has held-out numbers.${of}`,
    ),
    figure(loss, "Loss while training", `Each member's own loss, without the coupling's.${of}`),
    ...agreementCurves({ metrics }, members, of),
    ...(coupled
      ? [
          figure(
            lineChart({
              title: "Loss of the coupling over steps",
              description: "One curve over the steps of training.",
              curves: [{ name: "coupling", ...couplingLoss }],
              xLabel: "step",
              xInclude: [0],
              yLabel: "coupling loss",
              include: [0],
            }),
            "Loss of the coupling",
            "Weight and warm-up included; 0 when all dictionaries are the same.",
          ),
        ]
      : []),
  ];
}

function nullOfTruth({ consistency }: RunData, members: readonly string[]): number | undefined {
  const rows = (consistency?.ground_truth ?? []).filter((g) => members.includes(g.member));
  if (rows.length === 0) return undefined;
  return rows.reduce((sum, g) => sum + g.mean_max_null[0], 0) / rows.length;
}

/**
 * Agreement of members with each other and with the truth: every latent, every pair, and how often
 * agreed latents are active.
 */
export function agreementFigures(data: RunData): Markup[] {
  const pooled = pooledLatents(data.evaluation, data.latents);
  const map = similarityMap(data);
  const present = (...items: readonly (Markup | undefined)[]) =>
    items.filter((item) => item !== undefined);
  if (!pooled?.bestInOthers) return present(map, ...similarityHistograms(data, undefined));
  const nullOthers = bestInOthersNull(pooled, data.latents, data.dIn);
  const scatters = pooled.bestInTruth
    ? [foundingFigure(data, pooled, nullOthers), map, ...clouds(data, pooled, nullOthers)]
    : [densityFigure(pooled, nullOthers), map];
  return present(...scatters, ...similarityHistograms(data, nullOthers));
}

function who(pooled: PooledLatents): string {
  const n = pooled.density.length;
  return `${count(n)} latents of ${pooled.members.length} members`;
}

function foundingFigure(data: RunData, pooled: PooledLatents, nullY: number | undefined): Markup {
  const { bestInOthers: y, bestInTruth: x, density, members } = pooled;
  const nullX = nullOfTruth(data, members);
  const drawing = truthScatter({
    who: who(pooled),
    density,
    others: y!,
    truth: x!,
    othersNull: nullY,
    truthNull: nullX,
  });
  return figure(
    drawing,
    "What members agree on, and what is true",
    html`Each mark is a latent of one of the ${members.length} members. Dotted: what unrelated directions would
show${nullX !== undefined && html`, ${fixed(nullX, 3)} for the truth`}${nullY !== undefined && html`, ${fixed(nullY, 3)} for the nearest atom of any other member`}.`,
  );
}

function densityFigure(pooled: PooledLatents, nullY: number | undefined): Markup {
  const { bestInOthers: y, density } = pooled;
  const drawing = densityScatter({
    who: who(pooled),
    density,
    others: y!,
    othersNull: nullY,
  });
  return figure(
    drawing,
    "What members agree on, and how often it is active",
    "Each mark is a latent that is active at least once on the held-out activations. Dotted: the null.",
  );
}

/** The 3-D figure of the MFR paper, with all latents and without the most active hundredth. */
function clouds(data: RunData, pooled: PooledLatents, othersNull: number | undefined): Markup[] {
  const { bestInOthers, bestInTruth, density, members } = pooled;
  const truthNull = nullOfTruth(data, members);
  const limit = percentile(density, 0.99) ?? Number.POSITIVE_INFINITY;
  const usual = Array.from(density.keys()).filter((i) => density[i]! < limit);
  const cloud = (positions: readonly number[] | undefined, which: string) => {
    const take = (values: Float32Array) =>
      positions ? Float32Array.from(positions, (i) => values[i]!) : values;
    const taken = {
      density: take(density),
      others: take(bestInOthers!),
      truth: take(bestInTruth!),
      othersNull,
      truthNull,
    };
    return latentCloud(taken, which);
  };
  const caption =
    "How often a latent is active, by its agreement with the truth and with other members. Dotted on the floor: the nulls.";
  return [
    figure(cloud(undefined, "all latents"), "Agreement and activation density", caption),
    ...(usual.length > 0 && usual.length < density.length
      ? [
          figure(
            cloud(usual, "latents below the 99th percentile"),
            "The same without the most active hundredth",
            `Latents whose activation density is below its 99th percentile, ${fixed(limit, 4)}.`,
          ),
        ]
      : []),
  ];
}

/** How often latents are active, by member. */
export function densityHistogram({ evaluation }: RunData): Markup | undefined {
  const members = evaluation?.members ?? [];
  const [first] = members;
  if (!first) return undefined;
  const dead = members.map((m) => count(m.density.dead)).join(", ");
  const drawing = histogram({
    title: "Activation density of latents",
    description: "Histogram over powers of ten.",
    start: first.density.edges[0] ?? -6,
    width: first.density.width,
    crop: true,
    series: pooledSeries(members.map((m) => ({ name: m.name, counts: m.density.counts }))),
    xLabel: DENSITY,
    yLabel: "latents",
    powers: true,
  });
  return figure(
    drawing,
    "How often latents are active",
    `Share of the ${count(evaluation!.rows)} held-out activations. Never active, and not in the histogram: ${dead}${members.length > 1 ? " (members in order)" : ""}.`,
  );
}

/** How near the nearest atom of another member, and the nearest true feature, are. */
function similarityHistograms(data: RunData, nullOthers: number | undefined): Markup[] {
  const members = data.evaluation?.members ?? [];
  const figureOf = (
    key: "bestInOthers" | "bestInTruth",
    xLabel: string,
    value: number | undefined,
    words: readonly [string, string],
  ): Markup[] => {
    const cosines = members.flatMap(({ name }, colour) => {
      const values = data.latents.get(name)?.[key];
      return values ? [{ name, colour, values }] : [];
    });
    if (cosines.length === 0) return [];
    const drawing = cosineHistogram(cosines, xLabel, value);
    return [figure(drawing, ...words)];
  };
  const names = members.map((m) => m.name);
  return [
    ...figureOf("bestInOthers", OTHERS, nullOthers, [
      "How near the nearest atom of another member is",
      "Dotted: the mean over unrelated directions, as many as the other members have atoms.",
    ]),
    ...figureOf("bestInTruth", TRUTH, nullOfTruth(data, names), [
      "How near the nearest true feature is",
      "Dotted: the mean over unrelated directions, as many as there are true features.",
    ]),
  ];
}

/**
 * MCC of every pair of members as a heat map, independent ones included where they were compared.
 * Undefined without pairs or with a sample of them.
 */
export function pairMap({ evaluation, consistency }: RunData): Specification | undefined {
  const names = evaluation?.members.map((m) => m.name) ?? [];
  if (!consistency || consistency.pairs.length === 0 || consistency.sampled_pairs) return undefined;
  const known = new Map<string, number>();
  const nulls: number[] = [];
  const learn = (a: string, b: string, mcc: number, mccNull: number) => {
    known.set(JSON.stringify([a, b]), mcc).set(JSON.stringify([b, a]), mcc);
    nulls.push(mccNull);
  };
  for (const { a, b, mcc, mcc_null } of consistency.pairs) learn(a, b, mcc, mcc_null);
  for (const { member, independent, mcc, mcc_null } of consistency.independent ?? [])
    learn(member, independent, mcc, mcc_null);
  return heatMap({
    title: "MCC of every pair of members",
    description: "Symmetric table of similarities; the numbers are in the table of pairs as well.",
    names,
    label: "MCC",
    null: nulls.reduce((sum, v) => sum + v / nulls.length, 0),
    value: (i, j) => (i === j ? 1 : known.get(JSON.stringify([names[i], names[j]]))),
  });
}

function similarityMap(data: RunData): Markup | undefined {
  const drawing = pairMap(data);
  if (drawing === undefined) return undefined;
  return figure(
    drawing,
    "Agreement of every pair",
    "Mean cosine of atoms matched one to one. The quiet end of the colours is the null of unrelated dictionaries of these shapes.",
  );
}

/** Milliseconds of every logged step, by what they were spent on. */
export function timingFigure({ timings }: RunData): Markup | undefined {
  if (timings.lines === 0) return undefined;
  const curves = (["members", "coupling", "source"] as const).map(
    (name): Curve => ({ name, ...timings.curves[name] }),
  );
  const drawing = lineChart({
    title: "Milliseconds of a step",
    description: "Curves over the steps of training.",
    curves: curves.filter(({ points }) => points.some(({ y }) => y >= 0.01)),
    xLabel: "step",
    xInclude: [0],
    yLabel: "milliseconds",
    yKind: "log",
  });
  return figure(drawing, "Where the time went", "Wall-clock time of the logged steps.");
}
