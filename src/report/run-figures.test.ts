import { describe, expect, test } from "vitest";
import { checkFigure } from "../../test/support/figure.ts";
import { allElements, parseMarkup, textOf } from "../../test/support/markup.ts";
import { madeMember, madeRun, madeSimilarity } from "../../test/support/run-data.ts";
import type { Markup } from "../figures/html/html.ts";
import { loggedMetrics, loggedTimings } from "./logged.ts";
import type { MemberLatents } from "./run-data.ts";
import {
  agreementFigures,
  densityHistogram,
  learningCurves,
  pairMap,
  timingFigure,
} from "./run-figures.ts";

/** The heading, the caption and the texts of a figure, which must be sound. */
function read({ markup }: Markup) {
  const part = (name: string) =>
    allElements(parseMarkup(markup))
      .filter((e) => e.name === name)
      .map(textOf)
      .join("");
  const { texts, elements } = checkFigure(/<svg .*?<\/svg>/s.exec(markup)![0]);
  return { heading: part("h3"), caption: part("figcaption"), texts, elements };
}

const floats = (...values: number[]) => Float32Array.from(values);

describe("learning curves", () => {
  const logged = (names: readonly string[], coupling: number) =>
    loggedMetrics(
      [1, 2].map((step) => ({
        step,
        members: Object.fromEntries(names.map((n) => [n, { fvu: 1 / step, loss: 2 / step }])),
        coupling_loss: coupling,
      })),
    );

  test("are those of FVU and of the loss, and of the coupling where it has one", async () => {
    const of = async (coupling: number) =>
      learningCurves(madeRun({ metrics: await logged(["a", "b"], coupling) })).map(
        (figure) => read(figure).heading,
      );
    expect(await of(0)).toEqual(["Variance unexplained while training", "Loss while training"]);
    expect(await of(0.5)).toEqual([
      "Variance unexplained while training",
      "Loss while training",
      "Loss of the coupling",
    ]);
  });

  test("have agreement beside its null where it was measured, by setting and by member", async () => {
    const lines = [10, 20].map((step) => ({
      step,
      members: { a: { fvu: 1, loss: 1, gt_mcc: 0.5, gt_mcc_null: 0.25 } },
      pw_mcc_by_setting: [{ setting: { k: 4 }, mean: 0.6, null: 0.2, pairs: 3 }],
    }));
    const figures = learningCurves(madeRun({ metrics: await loggedMetrics(lines) })).map(read);
    expect(figures.map(({ heading }) => heading)).toEqual([
      "Variance unexplained while training",
      "Loss while training",
      "Agreement while training",
      "Likeness to the true features while training",
    ]);
    expect(figures[2]!.texts).toEqual(expect.arrayContaining(["k 4", "null", "PW-MCC"]));
    expect(figures[3]!.texts).toEqual(expect.arrayContaining(["a", "null", "GT-MCC"]));
    // One level line of the null, dotted.
    for (const { elements } of figures.slice(2))
      expect(elements.filter((e) => e.attributes["stroke-dasharray"] !== undefined)).not.toEqual(
        [],
      );
  });

  test("of very many members show every second one, and say so", async () => {
    const names = Array.from({ length: 70 }, (_, i) => `m${i}`);
    const [fvu] = learningCurves(madeRun({ metrics: await logged(names, 0) }));
    expect(read(fvu!).caption).toContain("35 of 70 members.");
  });

  test("of a run that logged nothing are none", () => {
    expect(learningCurves(madeRun())).toEqual([]);
  });
});

describe("agreement", () => {
  const density = floats(0.5, 0.01);
  const latents = (truth: boolean) =>
    new Map<string, MemberLatents>(
      ["member-0", "member-1"].map((name) => [
        name,
        {
          density,
          bestInOthers: floats(0.9, 0.4),
          ...(truth ? { bestInTruth: floats(0.8, 0.3) } : {}),
        },
      ]),
    );
  const headings = (over: Parameters<typeof madeRun>[0]) =>
    agreementFigures(madeRun(over)).map((figure) => read(figure).heading);

  test("with a known truth is drawn against it", () => {
    expect(headings({ latents: latents(true) })).toEqual([
      "What members agree on, and what is true",
      "Agreement of every pair",
      "Agreement and activation density",
      "The same without the most active hundredth",
      "How near the nearest atom of another member is",
      "How near the nearest true feature is",
    ]);
  });

  test("without one is drawn against how often latents are active", () => {
    expect(headings({ latents: latents(false) })).toEqual([
      "What members agree on, and how often it is active",
      "Agreement of every pair",
      "How near the nearest atom of another member is",
    ]);
  });

  test("of one member has no figure of agreement", () => {
    const only = madeMember("member-0");
    const own = new Map([["member-0", { density }]]);
    const over = { evaluation: { rows: 1, members: [only] }, consistency: { pairs: [] } };
    expect(headings({ ...over, latents: own })).toEqual([]);
  });

  test("names the nulls of the truth and of the nearest other atom", () => {
    const ground_truth = [0, 1].map((i) => ({ member: `member-${i}`, ...madeSimilarity(0.5) }));
    const run = madeRun({
      latents: latents(true),
      consistency: { ...madeRun().consistency!, ground_truth },
    });
    const { caption } = read(agreementFigures(run)[0]!);
    expect(caption).toMatch(
      /Dotted: what unrelated directions would\s+show, 0\.300 for the truth, 0\.\d{3} for the nearest atom/,
    );
  });

  test("of latents that are all alike has no cloud without the most active", () => {
    const alike = new Map<string, MemberLatents>(
      ["member-0", "member-1"].map((name) => [
        name,
        { density: floats(0.5, 0.5), bestInOthers: floats(1, 1), bestInTruth: floats(1, 1) },
      ]),
    );
    expect(headings({ latents: alike })).not.toContain(
      "The same without the most active hundredth",
    );
  });
});

describe("the map of pairs", () => {
  test("has every comparison, those with independent members too", () => {
    const { elements } = checkFigure(pairMap(madeRun())!);
    const cells = elements.filter((e) => e.name === "rect" && e.children.length > 0);
    const words = cells.map((e) => textOf(e.children[0] as never));
    expect(words).toHaveLength(9);
    expect(words).toContain("member-0 and member-1: 0.750");
    expect(words).toContain("member-1 and member-0: 0.750");
    expect(words).toContain("independent-2 and member-1: 0.600");
    expect(words).toContain("member-0 and member-0: 1.000");
  });

  test("has the mean of the nulls as its quiet end", () => {
    expect(checkFigure(pairMap(madeRun())!).texts).toContain("null 0.250");
  });

  test("is not drawn without pairs, or of a sample of them", () => {
    expect(pairMap(madeRun({ consistency: { pairs: [] } }))).toBeUndefined();
    expect(pairMap(madeRun({ consistency: undefined }))).toBeUndefined();
    const sampled = { ...madeRun().consistency!, sampled_pairs: { compared: 1, of: 3 } };
    expect(pairMap(madeRun({ consistency: sampled }))).toBeUndefined();
  });
});

describe("how often latents are active", () => {
  test("counts the dead ones beside the histogram, in the order of the members", () => {
    const members = [1, 0, 30].map((dead, i) =>
      madeMember(`member-${i}`, { density: { edges: [-6], width: 0.1, counts: [4], dead } }),
    );
    const { caption } = read(densityHistogram(madeRun({ evaluation: { rows: 5, members } }))!);
    expect(caption).toBe(
      "Share of the 5 held-out activations. Never active, and not in the histogram: 1, 0, 30 (members in order).",
    );
  });

  test("of many members is one outline of all of them", () => {
    const members = Array.from({ length: 7 }, (_, i) => madeMember(`member-${i}`));
    const { elements } = read(densityHistogram(madeRun({ evaluation: { rows: 5, members } }))!);
    const titles = elements.filter((e) => e.name === "title").flatMap((e) => e.children);
    expect(titles).toContain("all 7 members");
    expect(titles).not.toContain("member-0");
  });

  test("is not drawn before a run is evaluated", () => {
    expect(densityHistogram(madeRun({ evaluation: undefined }))).toBeUndefined();
  });
});

test("times are drawn of the parts that took some", async () => {
  const lines = [2, 3].map((step) => ({ step, total: 10, members: 9, coupling: 0, source: 1 }));
  const { texts } = read(
    timingFigure(madeRun({ timings: await loggedTimings(lines, new Set()) }))!,
  );
  expect(texts).toEqual(expect.arrayContaining(["members", "source"]));
  expect(texts).not.toContain("coupling");
  expect(timingFigure(madeRun())).toBeUndefined();
});
