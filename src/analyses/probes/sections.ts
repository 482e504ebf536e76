/** @file The section of a report on probes: a figure, and tables by class of tasks. */

import { html, type Markup } from "../../figures/html/html.ts";
import { figure, section } from "../../figures/html/page.ts";
import { type Column, numberCell, table } from "../../figures/html/table.ts";
import { intervalChart } from "../../figures/plot/interval-chart.ts";
import { classesOf, type ProbesResult } from "./result.ts";
import { meanOf, type ProbedSetting, probedSettings } from "./settings.ts";
import { intervalSentence, rowsSentence } from "./tables.ts";

/** Rows of the figure, at most; the table has all. */
const MOST_ROWS = 24;

const rowName = ({ name, probe, length }: ProbedSetting) =>
  `${name}, ${probe}${length === null ? "" : `, ${length === "all" ? "all latents" : `${length} latents`}`}`;

function scoresFigure(result: ProbesResult, settings: readonly ProbedSetting[]): Markup {
  const whole = classesOf(result.tasks).at(-1)!;
  const drawing = intervalChart({
    title: "F1 of probes",
    description: "Mean F1 over tasks, a row for each setting and probe; small dots are members.",
    label: "F1",
    nullName: "always yes",
    rows: settings.slice(0, MOST_ROWS).map((one, colour) => ({
      name: rowName(one),
      mean: undefined,
      colour,
      null: result.blind[whole]!.f1,
      ...meanOf(one, whole, "f1"),
    })),
  });
  const cut = settings.length > MOST_ROWS ? ` The first ${MOST_ROWS} of ${settings.length}.` : "";
  return figure(drawing, "F1 of probes", `Mean over tasks. Higher is better.${cut}`);
}

/** The section. */
export function probeSections(result: ProbesResult): Markup {
  const classes = classesOf(result.tasks);
  const settings = probedSettings(result);
  const score = (head: string, kind: string, key: "accuracy" | "f1" | "auroc") => ({
    head,
    sub: classes.length > 1 ? kind : undefined,
    kind: "number" as const,
    cell: (one: ProbedSetting) => numberCell(meanOf(one, kind, key)?.mean, 3),
  });
  const columns: Column<ProbedSetting>[] = [
    { head: "probed", cell: ({ name }) => name },
    { head: "probe", cell: ({ probe }) => probe },
    { head: "latents", cell: ({ length }) => (length === null ? "–" : String(length)) },
    ...classes.flatMap((kind) => [
      score("accuracy", kind, "accuracy"),
      score("F1", kind, "f1"),
      score("AUROC", kind, "auroc"),
    ]),
  ];
  const blind = classes.map((kind) => {
    const { accuracy, f1, auroc } = result.blind[kind]!;
    return { kind, accuracy, f1, auroc };
  });
  const chosen =
    result.by === "best"
      ? "Latents are those that go best with the training answers of a task."
      : "Latents are the largest activations of each row.";
  return section(
    "Probes",
    html`<p>${rowsSentence(result)} ${chosen} ${intervalSentence(result)}</p>
${scoresFigure(result, settings)}
${table("Probes by class of tasks", columns, settings)}
${table(
  "Answers without looking: the commoner one (accuracy), always yes (F1)",
  [
    { head: "tasks", cell: ({ kind }) => kind },
    { head: "accuracy", kind: "null", cell: (row) => numberCell(row.accuracy, 3) },
    { head: "F1", kind: "null", cell: (row) => numberCell(row.f1, 3) },
    { head: "AUROC", kind: "null", cell: (row) => numberCell(row.auroc, 3) },
  ],
  blind,
)}`,
  );
}
