/** @file How reports name metrics: every word comes from the registry of metrics. */

import type { Metric } from "../../metrics/metric.ts";
import { type Content, html, type Markup } from "./html.ts";
import { definitions } from "./table.ts";

/** The metric's label; its definition appears when one points at it. */
export function metricLabel(metric: Metric): Markup {
  return html`<abbr title="${`${metric.summary} ${metric.formula}`}">${metric.label}</abbr>`;
}

/** The label with an arrow to where better is, as the head of a column. */
export function metricHead(metric: Metric): Markup {
  const arrow = { lower: "\u00a0↓", higher: "\u00a0↑", neither: "" }[metric.better];
  const words = metric.better === "neither" ? "" : ` ${metric.better} is better.`;
  return html`<abbr title="${`${metric.summary} ${metric.formula}.${words}`}">${metric.label}${arrow}</abbr>`;
}

/** What each metric is: formula, unit, range, direction. */
export function metricDefinitions(metrics: readonly Metric[]): Markup {
  return definitions(
    metrics.map((m): readonly [Content, Content] => [
      m.label,
      html`${m.summary} <code>${m.formula}</code>. Unit: ${m.unit}; range ${m.range}${m.better !== "neither" && `; ${m.better} is better`}.`,
    ]),
  );
}
