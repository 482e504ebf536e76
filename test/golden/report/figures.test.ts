/**
 * @file A picture of every figure, on small fixed data. The files are SVG that any browser shows;
 *   `npx vitest run test/golden/report --update` makes them again, and the difference is to be
 *   looked at.
 */

import { describe, expect, test } from "vitest";
import { normalAt, randomStream, uniformAt } from "../../../src/base/philox.ts";
import { binCounts } from "../../../src/base/statistics/bin-counts.ts";
import { linearFit } from "../../../src/base/statistics/linear-fit.ts";
import { scalpLayout } from "../../../src/domains/eeg/figures/scalp.ts";
import { scalpMaps } from "../../../src/domains/eeg/figures/scalp-maps.ts";
import { templateCard } from "../../../src/domains/eeg/figures/template-card.ts";
import { traces } from "../../../src/domains/eeg/figures/traces.ts";
import { TEN_TWENTY } from "../../../src/domains/eeg/signal/electrodes.ts";
import { simulateEeg } from "../../../src/domains/eeg/signal/simulated-eeg.ts";
import { describeTemplate } from "../../../src/domains/eeg/signal/template.ts";
import { standaloneSvg } from "../../../src/figures/palette.ts";
import { heatMap } from "../../../src/figures/plot/heat-map.ts";
import { histogram } from "../../../src/figures/plot/histogram.ts";
import { intervalChart } from "../../../src/figures/plot/interval-chart.ts";
import { lineChart } from "../../../src/figures/plot/line-chart.ts";
import { renderFigure } from "../../../src/figures/plot/render.ts";
import { scatter } from "../../../src/figures/plot/scatter.ts";
import { scatter3d } from "../../../src/figures/plot/scatter-3d.ts";
import type { Specification } from "../../../src/figures/plot/specification.ts";
import { checkFigure } from "../../support/figure.ts";

const stream = randomStream(1, "figures");

/**
 * Latents that the members agree on the more the truer they are, and that are active the more
 * often.
 */
const latents = Array.from({ length: 80 }, (_, i) => {
  const x = 0.3 + 0.7 * Math.sqrt(uniformAt(stream, i));
  const y = Math.min(1, Math.max(0, 0.1 + 0.85 * x + 0.05 * normalAt(stream, 100 + i)));
  return { x, y, density: 0.05 * x ** 6 * (0.5 + uniformAt(stream, 300 + i)) };
});
const of = (key: "x" | "y" | "density") => latents.map((latent) => latent[key]);
const colour = { label: "activation density", values: of("density") };

const curves = [0, 1, 2].map((member) => ({
  name: `member-${member}`,
  points: Array.from({ length: 12 }, (_, i) => ({
    x: 50 * i,
    y: 0.05 + 0.8 * Math.exp(-i / 2) + 0.01 * uniformAt(stream, 500 + 20 * member + i),
  })),
}));

const bands = [0, 3].map((weight) => ({
  name: `weight ${weight}`,
  points: Array.from({ length: 12 }, (_, i) => {
    const y = 1 / (1 + i * (weight === 0 ? 1 : 0.6));
    return { x: 50 * i, y, low: y * 0.9, high: y * 1.15 };
  }),
}));

const names = ["member-0", "member-1", "member-2", "independent-0"];
const similarity = [
  [1, 0.891, 0.874, 0.702],
  [0.891, 1, 0.902, 0.688],
  [0.874, 0.902, 1, 0.31],
  [0.702, 0.688, 0.31, 1],
];

const eeg = simulateEeg({ seed: 4, seconds: 1, rate: 100, blinksPerMinute: 60 });
const joined = (channels: readonly Float64Array[]) =>
  Float32Array.from(channels.flatMap((x) => [...x]));
const electrodes = scalpLayout(TEN_TWENTY);
/**
 * A source at the back left that swings ten times per second, in every channel the weaker the
 * farther it is.
 */
const template = Float32Array.from({ length: 19 * 100 }, (_, i) => {
  const { at } = electrodes.electrodes[Math.floor(i / 100)]!;
  const gain = Math.exp(-2 * Math.hypot(at[0] + 0.4, at[1] + 0.5)) - 0.15;
  const t = (i % 100) / 100;
  return gain * Math.sin(2 * Math.PI * 10 * t) * Math.exp(-(((t - 0.5) / 0.2) ** 2));
});
const fall = (steepness: number) =>
  electrodes.electrodes.map(({ at }) => Math.exp(-steepness * Math.hypot(at[0], at[1] - 1)));

const pictures: Record<string, Specification> = {
  "line-chart": lineChart({
    title: "FVU over steps",
    description: "Three falling curves.",
    curves,
    xLabel: "step",
    yLabel: "FVU",
    yKind: "log",
  }),
  "line-chart-bands": lineChart({
    title: "FVU over steps by weight",
    description: "Two curves with bands.",
    curves: bands,
    xLabel: "step",
    yLabel: "FVU",
    include: [0],
  }),
  scatter: scatter({
    title: "Agreement and truth",
    description: "A rising cloud.",
    x: of("x"),
    y: of("y"),
    xLabel: "largest cosine to a true feature",
    yLabel: "largest cosine to another member",
    fit: linearFit(of("x"), of("y")),
    nullX: 0.319,
    nullY: 0.361,
    colour,
  }),
  "scatter-3d": scatter3d({
    title: "Agreement, truth and density",
    description: "A rising cloud.",
    colour,
    x: { label: "largest cosine to a true feature", values: of("x"), include: [0, 1], null: 0.319 },
    y: { label: "largest cosine to another member", values: of("y"), include: [0, 1], null: 0.361 },
    z: { label: "activation density", values: of("density"), include: [0] },
  }),
  histogram: histogram({
    title: "Largest cosines",
    description: "One histogram.",
    start: 0,
    width: 0.02,
    series: [{ name: "all members", counts: binCounts(of("y"), 0, 1, 50) }],
    xLabel: "largest cosine to another member",
    yLabel: "latents",
    null: 0.361,
  }),
  "histogram-outlines": histogram({
    title: "Densities",
    description: "Two outlines.",
    start: -6,
    width: 0.1,
    series: [0, 1].map((half) => {
      const logs = of("density").map(Math.log10);
      const own = logs.filter((_, i) => i % 2 === half);
      return { name: names[half]!, counts: binCounts(own, -6, 0, 60) };
    }),
    xLabel: "activation density",
    yLabel: "latents",
    powers: true,
    crop: true,
  }),
  "heat-map": heatMap({
    title: "MCC of every pair",
    description: "A symmetric table.",
    names,
    label: "MCC",
    null: 0.299,
    value: (i, j) => (i + j === 3 && i % 3 === 0 ? undefined : similarity[i]![j]),
  }),
  traces: traces({
    title: "A simulated window",
    description: "Nineteen channels.",
    unit: "µV",
    channels: eeg.labels,
    rate: 100,
    samples: 100,
    series: [
      { name: "noisy input", role: "input", values: joined(eeg.noisy) },
      { name: "clean window", role: "target", values: joined(eeg.clean) },
      {
        name: "reconstruction",
        role: "reconstruction",
        values: joined(eeg.clean).map((v) => 0.7 * v),
      },
    ],
  }),
  "template-card": templateCard({
    title: "A template",
    description: "Alpha at the back.",
    channels: TEN_TWENTY,
    layout: electrodes,
    null: 0.081,
    facts: describeTemplate({ values: template, channels: 19, samples: 100, rate: 100 }),
    matches: [0.83, 0.79, 0.61].map((cosine, i) => ({
      name: names[i + 1]!,
      cosine,
      independent: i === 2,
    })),
  }),
  "scalp-maps": scalpMaps({
    title: "Error by place",
    description: "Five maps.",
    label: "Band FVU",
    kind: "amount",
    layout: electrodes,
    maps: ["delta", "theta", "alpha", "beta", "gamma"].map((name, b) => ({
      name,
      note: `${b + 1} of 5`,
      values: fall(0.3 + 0.3 * b),
    })),
  }),
  "interval-chart": intervalChart({
    title: "FVU by weight",
    description: "Two rows.",
    label: "FVU",
    rows: [
      {
        name: "weight 0",
        mean: 0.0583,
        low: 0.0492,
        high: 0.0675,
        values: [0.0597, 0.0541, 0.0611],
      },
      {
        name: "weight 3",
        mean: 0.1045,
        low: 0.0834,
        high: 0.1256,
        values: [0.1142, 0.1005, 0.0987],
      },
      { name: "weight 9", mean: undefined },
    ],
  }),
  "interval-chart-differences": intervalChart({
    title: "GT-MCC: difference",
    description: "Two rows.",
    label: "difference of GT-MCC",
    reference: 0,
    signed: true,
    rows: [
      { name: "weight 3", mean: -0.009, low: -0.057, high: 0.038, values: [-0.027, -0.012, 0.011] },
      { name: "weight 9", mean: 0.041 },
    ],
  }),
};

describe.each(Object.entries(pictures))("%s", (name, specification) => {
  const svg = renderFigure(specification);

  test("is the picture that was looked at", async () => {
    await expect(standaloneSvg(svg)).toMatchFileSnapshot(`./${name}.svg`);
  });

  test("is sound: well-formed, nothing cut off, no text on another", () => {
    checkFigure(svg);
    checkFigure(standaloneSvg(svg).replace(/<style>.*?<\/style>/, ""));
  });

  test("has the same bytes when it is drawn again", () => {
    expect(renderFigure(specification)).toBe(svg);
  });
});
