import { expect, test } from "vitest";
import { TEST_NUMBERS, TEST_STUDY } from "../../../test/support/test-study.ts";
import { studyFigure } from "./study-figure.ts";
import { StudyResults } from "./study-results.ts";

const results = new StudyResults(TEST_STUDY, TEST_NUMBERS);

test("a figure stands alone: its style and a surface are inside, and nothing is loaded", () => {
  const svg = studyFigure(results, TEST_STUDY.figures!["change"]!);
  expect(svg).toMatch(/^<svg [^>]*viewBox="-14 -14 /);
  expect(svg).toContain("prefers-color-scheme:dark");
  expect(svg).toContain("var(--fig-surface)");
  expect(svg.replaceAll("http://www.w3.org/2000/svg", "")).not.toContain("http");
});

test("changes are percentages with a sign, around a line at 0", () => {
  const svg = studyFigure(results, TEST_STUDY.figures!["change"]!);
  expect(svg).toContain("−10");
  expect(svg).toContain('data-mark="frame"');
});

test("values stand beside their null, differences do not", () => {
  const isNull = 'stroke="var(--fig-null)"';
  expect(studyFigure(results, TEST_STUDY.figures!["values"]!)).toContain(isNull);
  const rows = [{ arm: "mfr", measure: "pw_mcc", difference: "none" }];
  expect(studyFigure(results, { title: "t", label: "l", rows })).not.toContain(isNull);
});

test("a study says what its nulls are", () => {
  const rows = [{ arm: "mfr", measure: "pw_mcc" }];
  const nullName = "null: the same rows, shuffled";
  expect(studyFigure(results, { title: "t", label: "l", rows, nullName })).toContain(nullName);
});

test("an arm without numbers keeps its row", () => {
  const rows = [{ arm: "kept", measure: "pw_mcc" }];
  expect(studyFigure(results, { title: "t", label: "l", rows })).toContain("no value");
});
