import { describe, expect, test } from "vitest";
import { checkFigure, insideMarks } from "../../../../test/support/figure.ts";
import { COLOURS, seriesColour } from "../../../figures/palette.ts";
import { renderFigure } from "../../../figures/plot/render.ts";
import { TEN_TWENTY } from "../signal/electrodes.ts";
import { describeTemplate } from "../signal/template.ts";
import { amountColours, divergingColours, scalpLayout, scalpSteps } from "./scalp.ts";
import { scalpMaps } from "./scalp-maps.ts";
import { templateCard } from "./template-card.ts";
import { traces } from "./traces.ts";

const words = { title: "A title", description: "A description" };

describe("the electrodes of a recording", () => {
  test("are found by their labels, once each; what has no place has none", () => {
    const labels = ["EEG Fp1-Ref", "T3", "Cz", "cz.", "ECG", "Fpz-Cz"];
    const { electrodes, weights } = scalpLayout(labels);
    expect(electrodes.map(({ channel, name }) => [channel, name])).toEqual([
      [0, "Fp1"] as const,
      [1, "T7"] as const,
      [2, "Cz"] as const,
    ]);
    expect(weights).toBeUndefined();
    expect(scalpLayout(["A1", "B2", "B3", "B7", "D12", "Cz"]).electrodes).toEqual([]);
    expect(scalpLayout(TEN_TWENTY).weights).toHaveLength(19 * 19 * 72);
  });
});

describe("maps of the scalp", () => {
  const layout = scalpLayout(TEN_TWENTY);
  const left = layout.electrodes.map(({ at }) => -at[0]);

  test("colour what is high warm and what is low cold, where it is", () => {
    const svg = scalpMaps({
      ...words,
      layout,
      label: "left minus right",
      kind: "diverging",
      maps: [{ name: "left", values: left }],
    });
    const { elements, texts } = checkFigure(svg);
    expect(texts.toSorted()).toEqual(["1", "left", "left minus right", "−1"]);
    const heads = elements.filter(
      (e) => e.name === "circle" && e.attributes["fill"] === "var(--fig-d0)",
    );
    // The coldest colour lies all over, and each warmer one on it, further to the left.
    expect(heads).toHaveLength(1);
    const middle = Number(heads[0]!.attributes["cx"]);
    const region = (step: string) =>
      elements.find((e) => e.name === "path" && e.attributes["fill"] === `var(--fig-${step})`)!
        .attributes["d"]!;
    const rightmost = (step: string) => {
      let [x, most] = [0, 0];
      for (const [, command, value] of region(step).matchAll(/([Ml])(-?[\d.]+) /g)) {
        x = command === "M" ? Number(value) : x + Number(value);
        most = Math.max(most, x);
      }
      return most;
    };
    expect(rightmost("d10")).toBeLessThan(middle - 30);
    expect(rightmost("d6")).toBeLessThan(middle);
    expect(rightmost("d1")).toBeGreaterThan(middle + 30);
  });

  test("have one scale for all, from the smallest amount to the largest", () => {
    const maps = [0.2, 0.4].map((v, i) => ({ name: `map ${i}`, values: left.map(() => v) }));
    const { elements, texts } = checkFigure(
      scalpMaps({ ...words, layout, label: "amount", kind: "amount", maps }),
    );
    expect(texts).toEqual(expect.arrayContaining(["0.2", "0.4"]));
    const heads = elements.filter(
      (e) => e.name === "circle" && /--fig-h\d/.test(e.attributes["fill"] ?? ""),
    );
    expect(heads.map((e) => e.attributes["fill"])).toEqual(["var(--fig-h0)", "var(--fig-h8)"]);
    expect(amountColours([Number.NaN, 3, 1])).toEqual({ kind: "amount", low: 1, high: 3 });
    expect(divergingColours([-2, 1])).toEqual({ kind: "diverging", low: -2, high: 2 });
    expect(scalpSteps(divergingColours([1]))).toHaveLength(11);
  });

  test("of few electrodes colour these alone, and say so", () => {
    const few = scalpLayout(["Cz", "Pz", "Oz"]);
    const values = [1, Number.NaN, -1];
    const svg = scalpMaps({
      ...words,
      layout: few,
      label: "value",
      kind: "diverging",
      maps: [{ name: "few", values }],
    });
    const { elements, texts } = checkFigure(svg);
    expect(texts).toContain("Too few electrodes to map what lies between them.");
    const dots = elements.filter((e) => e.name === "circle" && e.attributes["r"] === "5");
    expect(dots.map((e) => e.attributes["fill"])).toEqual([
      "var(--fig-d10)",
      "none",
      "var(--fig-d0)",
    ]);
    const nowhere = { layout: scalpLayout([]), maps: [], label: "value", kind: "amount" } as const;
    expect(checkFigure(scalpMaps({ ...words, ...nowhere })).texts).toContain("Nothing to show.");
  });
});

describe("traces", () => {
  const wave = (channels: number, samples: number, height = 1) =>
    Float32Array.from({ length: channels * samples }, (_, i) => height * Math.sin(i / 5));
  const of = (n: number) => Array.from({ length: n }, (_, c) => `E${c}`);

  test("have a row a channel and a line a series, behind each other as given", () => {
    const { elements, texts } = checkFigure(
      traces({
        ...words,
        channels: of(3),
        rate: 100,
        samples: 100,
        unit: "µV",
        series: [
          { name: "noisy", role: "input", values: wave(3, 100, 3) },
          { name: "clean", role: "target", values: wave(3, 100) },
          { name: "made", role: "reconstruction", values: wave(3, 100, 0.8) },
        ],
      }),
    );
    expect(texts).toEqual(expect.arrayContaining(["E0", "E1", "E2", "noisy", "clean", "made"]));
    expect(texts).toContain("2 µV");
    const lines = elements.filter((e) => e.attributes["data-mark"] === "line");
    expect(lines.map((e) => e.attributes["stroke"])).toEqual([
      COLOURS.pale,
      COLOURS.ink,
      seriesColour(1),
    ]);
    expect(insideMarks(elements, "line")).toHaveLength(3 * 3);
  });

  test("stop where there is no value, leave out channels beyond what fits, and stay small", () => {
    const values = wave(100, 5000).map((v, i) => (i % 5000 === 2500 ? Number.NaN : v));
    const window = traces({
      ...words,
      channels: of(100),
      rate: 1000,
      samples: 5000,
      unit: "SD",
      series: [{ name: "window", role: "target", values }],
    });
    const { elements, texts } = checkFigure(window);
    expect(texts).toContain("32 of 100 channels are drawn.");
    const lines = insideMarks(elements, "line");
    expect(lines).toHaveLength(32);
    for (const { attributes } of lines) expect(attributes["d"]!.split("M")).toHaveLength(3);
    expect(renderFigure(window).length).toBeLessThan(150_000);
  });
});

test("traces of chosen channels are those", () => {
  const series = [{ name: "window", role: "target" as const, values: new Float32Array(30) }];
  const some = { channels: ["A", "B", "C"], shown: [2, 0], rate: 10, samples: 10, unit: "µV" };
  const { texts } = checkFigure(traces({ ...words, ...some, series }));
  expect(texts.filter((t) => /^[ABC]$/.test(t))).toEqual(["C", "A"]);
  expect(texts).toContain("2 of 3 channels are drawn.");
});

describe("a template card", () => {
  const channels = TEN_TWENTY;
  const samples = 128;
  /** Ten cycles a second, strongest at the back. */
  const values = Float32Array.from({ length: 19 * samples }, (_, i) => {
    const c = Math.floor(i / samples);
    const gain = channels[c]!.startsWith("O") ? 1 + 0.1 * c : -0.2;
    return gain * Math.cos((2 * Math.PI * 10 * ((i % samples) - 64)) / 128);
  });
  const card = {
    ...words,
    channels,
    layout: scalpLayout(channels),
    facts: describeTemplate({ values, channels: 19, samples, rate: 128 }),
  };

  test("says when, where and at which frequency it is strongest, and what agrees with it", () => {
    const matches = [0.9, 0.8, 0.3].map((cosine, i) => ({
      name: `member-${i}`,
      cosine,
      independent: i === 2,
    }));
    const { texts, elements } = checkFigure(templateCard({ ...card, matches, null: 0.1234 }));
    for (const text of [
      "spectrum, Hz: peak 10 (alpha)",
      "over seconds, O2 in colour",
      "null 0.123",
    ])
      expect(texts).toContain(text);
    // The mean is over the members that are coupled.
    expect(texts).toContain("0.850");
    expect(texts).toContain("independent members");
    expect(insideMarks(elements, "dot").map((e) => e.attributes["fill"])).toEqual(
      [0, 0, 1].map(seriesColour),
    );
  });

  test("does without a map where no channel has a place, and without matches", () => {
    const { texts, elements } = checkFigure(
      templateCard({ ...card, layout: scalpLayout([]), matches: [] }),
    );
    expect(texts).toContain("no other member to match it with");
    expect(elements.filter((e) => e.name === "circle")).toEqual([]);
  });
});
