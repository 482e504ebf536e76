/** Outcomes that the page states, and texts that follow from several numbers. */

import { mean } from "../../src/base/statistics/mean.ts";
import { meanInterval } from "../../src/base/statistics/mean-interval.ts";
import { intervalText } from "../../src/experiments/study/number-words.ts";
import { outcomeOf } from "../../src/experiments/study/study-results.ts";
import { markdownTable } from "../../src/experiments/study/study-table.ts";
import { fixed } from "../../src/figures/number-text.ts";
import type { Comparison, StudyResults, Verdict } from "../../src/index.ts";
import { BASE_RATIO, BASE_STEPS, BATCH, GRID_RATIOS, LAYERS, SMOLLM2_LAYERS } from "./arms.ts";
import { toRatio } from "./measures.ts";
import { ratios, WIDEST } from "./shown.ts";

const cell = (ratio: number) => `relu.l0.r${ratio}`;

/** A number of each seed. */
type Numbers = (results: StudyResults) => readonly number[] | undefined;

const mcs =
  (from: number, to: number): Numbers =>
  (results) =>
    results.values(cell(from), toRatio(to));
/** The same on the way from its null to 1. */
const excess =
  (from: number, to: number): Numbers =>
  (results) => {
    const none = results.null(cell(from), toRatio(to));
    const values = results.values(cell(from), toRatio(to));
    return none === undefined ? undefined : values?.map((v) => (v - none) / (1 - none));
  };

/** Whether one number is above another, paired by seed. */
const above =
  (own: Numbers, other: Numbers): Verdict =>
  (results) => {
    const [a, b] = [own(results), other(results)];
    const found = a && b && meanInterval(a.map((v, i) => v - b[i]!));
    return found ? outcomeOf(found) : "too few seeds";
  };

const compare = (measure: string, arm: string, against: string): Comparison => ({
  measure,
  arm,
  against,
});

const SELECTIONS = ["relu", "topk", "deep"] as const;

const causes = SELECTIONS.flatMap((selection): [string, Verdict][] => {
  const [half, order, draw] = ["", ".order", ".draw"].map((s) => `${selection}.half${s}`) as [
    string,
    string,
    string,
  ];
  return [
    [`${selection}-order`, compare("cause_mcc", order, half)],
    [`${selection}-draw`, compare("cause_mcc", draw, half)],
    [`${selection}-draw-order`, compare("cause_mcc", draw, order)],
    [`${selection}-order-init`, compare("cause_init_mcc", order, half)],
    [`${selection}-draw-init`, compare("cause_init_mcc", draw, half)],
  ];
});

const firstLayer = GRID_RATIOS.map((ratio) => `l0.r${ratio}`);
const everyCell = [
  ...firstLayer,
  ...LAYERS.slice(1).flatMap((layer) => [2, BASE_RATIO].map((ratio) => `l${layer}.r${ratio}`)),
];

/** Whether all cells have one outcome. */
const everywhere =
  (comparisons: readonly Comparison[]): Verdict =>
  (results) => {
    const found = new Set(comparisons.map((one) => results.outcome(one)));
    return found.size === 1 ? [...found][0]! : "mixed";
  };

const against = (measure: string, places: readonly string[]) =>
  places.map((place) => compare(measure, `topk.${place}`, `relu.${place}`));
const topkAgainstRelu = (measure: string, places: readonly string[]) =>
  everywhere(against(measure, places));

export const verdicts: Readonly<Record<string, Verdict>> = {
  "equal-ratios": above(mcs(4, 8), mcs(8, 16)),
  "equal-ratios-excess": above(excess(4, 8), excess(8, 16)),
  "one-way": above(mcs(1, WIDEST), mcs(WIDEST, 1)),
  "one-way-excess": above(excess(1, WIDEST), excess(WIDEST, 1)),
  "to-wider": above(mcs(1, WIDEST), mcs(1, 1)),
  "to-wider-excess": above(excess(1, WIDEST), excess(1, 1)),
  width: compare("pw_mcc", cell(WIDEST), cell(1)),
  "width-excess": compare("pw_mcc_excess", cell(WIDEST), cell(1)),
  "width-topk": compare("pw_mcc_excess", "topk.l0.r8", "topk.l0.r1"),
  "width-shared": compare("shared", cell(WIDEST), cell(1)),
  length: compare("pw_mcc", "relu.steps8000", "relu.steps250"),
  "length-last": compare("pw_mcc", "relu.steps8000", "relu.steps4000"),
  "topk-mcc": topkAgainstRelu("pw_mcc", firstLayer),
  "topk-live": topkAgainstRelu("live_mcc", firstLayer),
  "topk-deep": topkAgainstRelu("pw_mcc", ["l2.r4", "l3.r4"]),
  "topk-shared": (results) =>
    results.count("higher", against("shared", everyCell)) === 0 ? "in none more" : "in some more",
  "topk-fvu": topkAgainstRelu("fvu", everyCell),
  ...Object.fromEntries(
    SMOLLM2_LAYERS.map((layer) => [
      `smollm2-width-l${layer}`,
      compare("pw_mcc_excess", `smollm2.topk.l${layer}.r8`, `smollm2.topk.l${layer}.r1`),
    ]),
  ),
  strong: compare("pw_mcc", "relu.strong", cell(BASE_RATIO)),
  "best-layer": (results) =>
    results.best(
      LAYERS.map((layer) => `relu.l${layer}.r${BASE_RATIO}`),
      "pw_mcc_excess",
      "higher",
    ),
  // Of the rare half of the latents, on average.
  "rare-half": (results) => {
    const none = results.null(cell(BASE_RATIO), "pw_mcc") ?? Number.NaN;
    const all = results.curves(cell(BASE_RATIO), "deciles").map(({ y }) => mean(y.slice(0, 5)));
    return all.length > 0 && Math.max(...all) < none + 0.02 ? "at the null" : "above it";
  },
  ...Object.fromEntries(causes),
};

/** MCS between cells that differ by a factor of two, both ways, with nulls. */
function ratioPairs(results: StudyResults): string {
  const pairs = ratios.slice(1).map((to) => [to / 2, to] as const);
  const text = (of: Numbers) => {
    const values = of(results);
    return intervalText(values && meanInterval(values));
  };
  const none = (from: number, to: number) => fixed(results.null(cell(from), toRatio(to)), 3);
  return markdownTable(
    ["ratios", "MCS to the wider", "null", "excess", "MCS to the narrower", "null", "excess"],
    pairs.map(([a, b]) => [
      `1:${a} and 1:${b}`,
      text(mcs(a, b)),
      none(a, b),
      text(excess(a, b)),
      text(mcs(b, a)),
      none(b, a),
      text(excess(b, a)),
    ]),
  );
}

/** Mean over seeds of the cosine with the partner, in a tenth of the live latents. */
const decile = (arm: string, tenth: number) => (results: StudyResults) => {
  const found = meanInterval(results.curves(arm, "deciles").map(({ y }) => y[tenth - 1]!));
  return intervalText(found);
};

export const values: Readonly<Record<string, (results: StudyResults) => string>> = {
  "ratio-pairs": ratioPairs,
  "rarest-relu": decile(cell(BASE_RATIO), 1),
  "commonest-relu": decile(cell(BASE_RATIO), 10),
  "commonest-l3": decile("relu.l3.r4", 10),
  "rarest-topk": decile("topk.l0.r4", 1),
  "commonest-topk": decile("topk.l0.r4", 10),
  "topk-shares-fewer": (results) =>
    `${results.count("lower", against("shared", everyCell))} of ${everyCell.length}`,
  widest: () => `1:${WIDEST}`,
  // Of the 112,750,592 tokens of their whole runs.
  "share-of-tokens": () => `${((100 * BASE_STEPS * BATCH) / 112_750_592).toFixed(2)} %`,
  cells: ({ numbers }) => String(new Set(numbers.runs.map(({ arm }) => arm)).size),
};
