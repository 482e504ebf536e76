/** The figures of latents, with ordinary data, with none, and with what is hard to place. */
import { describe, expect, test } from "vitest";
import { checkFigure, insideMarks, tooltipOf } from "../../../test/support/figure.ts";
import { atomMap } from "./atom-map.ts";
import { cosineHistogram, pooledSeries } from "./latent-histogram.ts";
import { densityScatter, latentCloud, truthScatter } from "./latent-scatters.ts";
import { partnerStrip } from "./partner-strip.ts";
import { recurringBars, recurringFill } from "./recurring-bars.ts";
import { OTHERS } from "./words.ts";

const partner = (member: string, cosine: number) => ({ member, cosine, counts: cosine >= 0.7 });

describe("partners of a latent", () => {
  test("are dots by their cosine, filled where they count, beside the null", () => {
    const partners = [partner("member-1", 0.95), partner("member-2", 0.4)];
    const { elements, texts } = checkFigure(partnerStrip({ partners, threshold: 0.7, null: 0.2 }));
    const dots = insideMarks(elements, "dot");
    expect(dots.map(tooltipOf)).toEqual(["member-1 0.950", "member-2 0.400"]);
    const places = dots.map(({ attributes }) => Number(attributes["cx"]));
    expect(places[0]).toBeGreaterThan(places[1]!);
    expect(dots.map(({ attributes }) => attributes["fill"])).toEqual([
      "var(--fig-c0)",
      "var(--fig-surface)",
    ]);
    expect(texts).toEqual(expect.arrayContaining(["null", "counts from 0.70"]));
  });

  test("may be none, opposite, or without a null", () => {
    expect(
      checkFigure(partnerStrip({ partners: [], threshold: 0.7, null: null })).texts,
    ).not.toContain("null");
    checkFigure(partnerStrip({ partners: [partner("a", -1)], threshold: 0.7, null: 0.02 }));
  });
});

describe("latents that recur", () => {
  test("are bars, those that all others have first", () => {
    const members = [
      { name: "member-0", recurring: [5, 3, 2] },
      { name: "independent-1", recurring: [10, 0, 0] },
    ];
    const { elements } = checkFigure(recurringBars(members));
    const bars = insideMarks(elements, "rect");
    const first = bars.filter((bar) => tooltipOf(bar)?.startsWith("member-0"));
    expect(first.map(tooltipOf)).toEqual([
      "member-0: 2 found in 2",
      "member-0: 3 found in 1",
      "member-0: 5 found in 0",
    ]);
    const lefts = first.map(({ attributes }) => Number(attributes["x"]));
    expect(lefts).toEqual([...lefts].sort((a, b) => a - b));
    expect(first[0]!.attributes["fill"]).toBe(recurringFill(2, 2));
  });

  test("of one member alone", () => {
    checkFigure(recurringBars([{ name: "only", recurring: [7] }]));
  });
});

test("a map has a dot for each atom, in its colour", () => {
  const [x, y] = [
    [0, 1, 2],
    [0, 4, 1],
  ];
  const colours = ["--fig-c0", "--fig-c1", "--fig-c0"];
  const { elements } = checkFigure(atomMap({ x: x!, y: y!, colours, height: 200 }));
  expect(insideMarks(elements, "dot")).toHaveLength(3);
});

describe("latents as dots", () => {
  const latents = {
    who: "3 latents of one member",
    density: [0.1, 0.01, 0],
    others: [0.9, 0.5, 0.3],
    truth: [0.95, 0.4, 0.2],
    othersNull: 0.2,
    truthNull: 0.1,
  };

  test("leave those that are never active off a logarithmic axis", () => {
    const { elements, texts } = checkFigure(densityScatter(latents));
    expect(insideMarks(elements, "dot")).toHaveLength(2);
    expect(texts).toContain("Not drawn, having no place on the axes: 1.");
  });

  test("have the line through all, and both nulls", () => {
    const { texts } = checkFigure(truthScatter(latents));
    expect(texts.join("\n")).toMatch(/least squares, r = 0\.99/);
    expect(texts).toContain("null 0.100 and 0.200");
    checkFigure(truthScatter({ ...latents, density: [], others: [], truth: [] }));
  });

  test("stand in three dimensions", () => {
    expect(latentCloud(latents, "all latents").title).toContain("of all latents");
    const { texts, elements } = checkFigure(latentCloud(latents, "all latents"));
    expect(texts).toContain("null 0.100 and 0.200");
    // Two lines on the floor, and the one of the legend.
    expect(elements.filter((e) => e.attributes["stroke-dasharray"] === "1.5 3")).toHaveLength(2);
  });
});

test("cosines of very many members are one outline", () => {
  const members = Array.from({ length: 9 }, (_, colour) => ({
    name: `member-${colour}`,
    colour,
    values: [0.1 * colour],
  }));
  expect(cosineHistogram(members, OTHERS, 0.2).title).toBe(`Latents by ${OTHERS}`);
  checkFigure(cosineHistogram(members, OTHERS, undefined));
  const pooled = pooledSeries(members.map(({ name }) => ({ name, counts: [1, 2] })));
  expect(pooled).toEqual([{ name: "all 9 members", counts: [9, 18] }]);
});
