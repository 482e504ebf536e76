import { expect, test } from "vitest";
import { allElements, parseMarkup, textOf } from "../../../test/support/markup.ts";
import type { Metric } from "../../metrics/metric.ts";
import type { Markup } from "./html.ts";
import { metricDefinitions, metricHead, metricLabel } from "./metric-words.ts";

const metric = (better: Metric["better"]): Metric => ({
  name: "loss",
  label: "Loss",
  formula: "Σ a < b",
  unit: "nats",
  range: "[0, ∞)",
  summary: "What is lost.",
  better,
});
const first = ({ markup }: Markup) => allElements(parseMarkup(markup))[0]!;

test.each([
  ["lower", "Loss\u00a0↓", "What is lost. Σ a < b. lower is better."],
  ["higher", "Loss\u00a0↑", "What is lost. Σ a < b. higher is better."],
  ["neither", "Loss", "What is lost. Σ a < b."],
] as const)("the head of a column says that %s is better", (better, text, title) => {
  const head = first(metricHead(metric(better)));
  expect([textOf(head), head.attributes["title"]]).toEqual([text, title]);
});

test("a label has its definition as a tooltip", () => {
  const label = first(metricLabel(metric("lower")));
  expect([textOf(label), label.attributes["title"]]).toEqual(["Loss", "What is lost. Σ a < b"]);
});

test("a definition has formula, unit, range, and a direction where there is one", () => {
  const text = (better: Metric["better"]) => textOf(first(metricDefinitions([metric(better)])));
  expect(text("higher")).toBe(
    "LossWhat is lost. Σ a < b. Unit: nats; range [0, ∞); higher is better.",
  );
  expect(text("neither")).toBe("LossWhat is lost. Σ a < b. Unit: nats; range [0, ∞).");
});
