import { expect, test } from "vitest";
import { checkFigure } from "../../../../test/support/figure.ts";
import type { Experiment } from "../study.ts";
import { StudyResults } from "../study-results.ts";
import { figureSpecification, reducedFigure, type StudyFigure } from "./kinds.ts";

const STUDY: Experiment = {
  title: "t",
  question: "q",
  seeds: [1, 2],
  arms: { a: { title: "arm a" }, b: { title: "arm b" } },
  measures: ["pw_mcc"],
  curves: [{ name: "loss", of: () => undefined }],
};
const run = (arm: string, seed: number, mcc: number, y: number[]) => ({
  arm,
  seed,
  numbers: { pw_mcc: mcc },
  nulls: { pw_mcc: 0.2 },
  curves: { loss: { x: [1, 10, 100], y } },
});
const results = new StudyResults(STUDY, {
  format: 1,
  made_with: [],
  runs: [run("a", 1, 0.5, [4, 2, 1]), run("a", 2, 0.7, [6, 4, 3]), run("b", 1, 0.8, [3, 2, 1])],
});
const point = (arm: string, x: number) => ({ arm, measure: "pw_mcc", x });
const axes = { title: "Title", xLabel: "ratio", yLabel: "MCC" };

const FIGURES: Readonly<Record<string, StudyFigure>> = {
  lines: {
    kind: "lines",
    ...axes,
    xKind: "log",
    lines: [{ name: "one", points: [point("a", 1), point("b", 2)] }],
    nulls: [point("a", 1), point("b", 2)],
  },
  curves: { kind: "curves", ...axes, curves: [{ name: "loss of a", arm: "a", curve: "loss" }] },
  heat: {
    kind: "heat",
    title: "Title",
    label: "MCC",
    rows: ["r1", "r2"],
    columns: ["c1"],
    cells: [[{ arm: "a", measure: "pw_mcc" }], [{ arm: "b", measure: "pw_mcc" }]],
  },
  histograms: {
    kind: "histograms",
    title: "Title",
    xLabel: "x",
    rows: ["row 1"],
    columns: ["column 1", "column 2"],
    curve: "loss",
    arms: [["a", "b"]],
  },
};
const draw = (figure: StudyFigure) => checkFigure(figureSpecification(results, figure));

test.each(Object.keys(FIGURES))("%s: is drawn, and drawn without some arms", (name) => {
  draw(FIGURES[name]!);
  const some = reducedFigure(FIGURES[name]!, (arm) => arm === "a");
  draw(some!);
  expect(reducedFigure(FIGURES[name]!, () => false)).toBeUndefined();
});

test("a heat map writes the mean of each cell; one that is not whole stays empty", () => {
  const { texts } = draw(FIGURES["heat"]!);
  expect(texts).toEqual(expect.arrayContaining(["0.600", "r1", "r2", "c1", "null 0.200"]));
  // Of b the second seed is missing.
  expect(texts).not.toContain("0.800");
});

test("lines have the null beside them", () => {
  expect(draw(FIGURES["lines"]!).texts).toEqual(expect.arrayContaining(["one", "null"]));
});

test("a grid of histograms names its rows and columns", () => {
  const { texts } = draw(FIGURES["histograms"]!);
  expect(texts).toEqual(expect.arrayContaining(["row 1", "column 1", "column 2", "x"]));
});
