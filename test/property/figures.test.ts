import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { binCounts } from "../../src/base/statistics/bin-counts.ts";
import { linearFit } from "../../src/base/statistics/linear-fit.ts";
import { scalpLayout } from "../../src/domains/eeg/figures/scalp.ts";
import { scalpMaps } from "../../src/domains/eeg/figures/scalp-maps.ts";
import { templateCard } from "../../src/domains/eeg/figures/template-card.ts";
import { traces } from "../../src/domains/eeg/figures/traces.ts";
import { TEN_TWENTY } from "../../src/domains/eeg/signal/electrodes.ts";
import { describeTemplate } from "../../src/domains/eeg/signal/template.ts";
import { makeAxis, placed } from "../../src/figures/plot/axis.ts";
import { heatMap } from "../../src/figures/plot/heat-map.ts";
import { histogram } from "../../src/figures/plot/histogram.ts";
import { intervalChart } from "../../src/figures/plot/interval-chart.ts";
import { lineChart } from "../../src/figures/plot/line-chart.ts";
import { scatter } from "../../src/figures/plot/scatter.ts";
import { scatter3d } from "../../src/figures/plot/scatter-3d.ts";
import { checkFigure } from "../support/figure.ts";

const words = { title: "A figure", description: "of random data" };

/** Numbers of every kind: usual ones, and those that break arithmetic. */
const number = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: -1, max: 1, noNaN: true }) },
  { weight: 2, arbitrary: fc.integer({ min: -1e6, max: 1e6 }) },
  { weight: 2, arbitrary: fc.double() },
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.constantFrom(0, -0, 5e-324, 1.7e308, -1.7e308, 1e-9, 1e9),
);

/** Lists of them: none, one, equal ones, many. */
const numbers = fc.oneof(
  fc.array(number, { maxLength: 40 }),
  fc.tuple(number, fc.nat({ max: 9 })).map(([v, n]) => new Array<number>(n).fill(v)),
);
const kind = fc.constantFrom("linear" as const, "log" as const);
const name = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.constantFrom(
    "member-0",
    "independent-0",
    "<script>alert(1)</script>",
    "a & b",
    "\u0000\u202e",
  ),
);

test("an axis reaches over every value, with ticks inside, in order and with texts of their own", () => {
  fc.assert(
    fc.property(
      numbers,
      kind,
      fc.integer({ min: 1, max: 8 }),
      fc.boolean(),
      (values, k, wanted, nice) => {
        const { domain, ticks, texts } = makeAxis({ label: "x", values, kind: k, nice }, wanted);
        const [low, high] = domain;
        expect(low).toBeLessThan(high);
        for (const v of values.map((value) => placed(value, k)))
          if (!Number.isNaN(v)) expect(v >= low && v <= high).toBe(true);
        const slack = 1e-9 * (high / 2 - low / 2);
        for (const tick of ticks) expect(tick >= low - slack && tick <= high + slack).toBe(true);
        expect(ticks).toEqual(ticks.toSorted((a, b) => a - b));
        expect(ticks.length).toBeLessThanOrEqual(40);
        expect(new Set(texts).size).toBe(texts.length);
      },
    ),
  );
});

describe("whatever the data, a figure is sound", () => {
  const runs = { numRuns: 150, seed: 7 };

  test("line charts", () => {
    const point = fc.record({
      x: number,
      y: number,
      low: fc.option(number, { nil: undefined }),
      high: fc.option(number, { nil: undefined }),
    });
    const curve = fc.record({ name, points: fc.array(point, { maxLength: 20 }) });
    fc.assert(
      fc.property(fc.array(curve, { maxLength: 12 }), kind, name, (curves, yKind, label) => {
        checkFigure(lineChart({ ...words, curves, yKind, xLabel: label, yLabel: label }));
      }),
      runs,
    );
  });

  test("scatters", () => {
    fc.assert(
      fc.property(
        numbers,
        numbers,
        numbers,
        kind,
        number,
        number,
        (x, y, values, xKind, nullX, nullY) => {
          const colour = { label: "density", values };
          checkFigure(
            scatter({
              ...words,
              x,
              y,
              xKind,
              xLabel: "x",
              yLabel: "y",
              colour,
              nullX,
              nullY,
              fit: linearFit(x, y),
            }),
          );
        },
      ),
      runs,
    );
  });

  test("clouds in three dimensions", () => {
    const axis = fc.record({
      label: name,
      values: numbers,
      include: fc.constantFrom([], [0], [0, 1]),
    });
    fc.assert(
      fc.property(axis, axis, axis, (x, y, z) => {
        checkFigure(scatter3d({ ...words, x, y, z, colour: { label: "z", values: z.values } }));
      }),
      runs,
    );
  });

  test("histograms", () => {
    const series = fc.record({ name, counts: numbers });
    fc.assert(
      fc.property(
        fc.array(series, { maxLength: 9 }),
        fc.boolean(),
        fc.boolean(),
        number,
        (all, powers, crop, chance) => {
          checkFigure(
            histogram({
              ...words,
              start: -6,
              width: 0.1,
              series: all,
              powers,
              crop,
              null: chance,
              xLabel: "x",
              yLabel: "latents",
            }),
          );
        },
      ),
      runs,
    );
  });

  test("heat maps", () => {
    fc.assert(
      fc.property(fc.array(name, { maxLength: 30 }), numbers, number, (names, values, chance) => {
        const value = (i: number, j: number) => values[(i * 7 + j * 3) % (values.length + 1)];
        checkFigure(heatMap({ ...words, names, value, label: "MCC", null: chance }));
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  test("interval charts", () => {
    const row = fc.record({
      name,
      mean: number,
      low: fc.option(number, { nil: undefined }),
      high: number,
      values: numbers,
      null: number,
    });
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 8 }),
        fc.constantFrom(undefined, 0),
        name,
        (rows, reference, label) => {
          const against = reference === undefined ? {} : { reference };
          checkFigure(intervalChart({ ...words, rows, label, signed: true, ...against }));
        },
      ),
      runs,
    );
  });
});

describe("whatever the signals, a figure is sound", () => {
  const runs = { numRuns: 80, seed: 7 };
  const layouts = [["Fz", "ECG", "Oz"], TEN_TWENTY, []].map(scalpLayout);
  const layout = fc.constantFrom(...layouts);
  const label = fc.oneof(name, fc.constantFrom(...TEN_TWENTY));

  test("traces", () => {
    const role = fc.constantFrom("input" as const, "target" as const, "reconstruction" as const);
    fc.assert(
      fc.property(
        fc.array(label, { maxLength: 40 }),
        fc.array(fc.record({ name, role, values: numbers }), { maxLength: 3 }),
        fc.integer({ min: 1, max: 9 }),
        fc.double({ min: 1, max: 5000, noNaN: true }),
        (channels, series, samples, rate) => {
          checkFigure(traces({ ...words, channels, series, samples, rate, unit: "µV" }));
        },
      ),
      runs,
    );
  });

  test("maps of the scalp", () => {
    const map = fc.record({ name, note: name, values: numbers });
    const kinds = fc.constantFrom("diverging" as const, "amount" as const);
    fc.assert(
      fc.property(layout, fc.array(map, { maxLength: 5 }), kinds, name, (on, maps, of, what) => {
        checkFigure(scalpMaps({ ...words, layout: on, maps, kind: of, label: what }));
      }),
      { ...runs, numRuns: 40 },
    );
  });

  test("template cards", () => {
    const match = fc.record({ name, cosine: number, independent: fc.boolean() });
    fc.assert(
      fc.property(
        layout,
        fc.array(label, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 2, max: 40 }),
        numbers,
        fc.array(match, { maxLength: 5 }),
        number,
        (on, channels, samples, some, matches, chance) => {
          const n = channels.length * samples;
          const values = Array.from({ length: n }, (_, i) => some[i % (some.length + 1)] ?? 0);
          const rate = 100;
          const facts = describeTemplate({ values, channels: channels.length, samples, rate });
          const card = { ...words, layout: on, channels, facts, matches, null: chance };
          checkFigure(templateCard(card));
        },
      ),
      runs,
    );
  });
});

test("bins hold every finite value once", () => {
  fc.assert(
    fc.property(numbers, (values) => {
      const counts = binCounts(values, 0, 1, 50);
      expect(counts.reduce((a, b) => a + b, 0)).toBe(values.filter(Number.isFinite).length);
    }),
  );
});
