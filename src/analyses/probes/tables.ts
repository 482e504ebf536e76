/** @file Tables of probes for a terminal. */

import type { ResultTable } from "../../domains/analysis.ts";
import { count, fixed } from "../../figures/number-text.ts";
import { classesOf, type ProbesResult, SCORES } from "./result.ts";
import { meanOf, probedSettings, type SettingMean } from "./settings.ts";

const HEADS = { accuracy: "accuracy", f1: "F1", auroc: "AUROC" } as const;

/** A sentence on rows and tasks. */
export function rowsSentence(result: ProbesResult): string {
  const { rows, train_rows, test_rows, group_size, groups, tasks, left_out } = result;
  const of = group_size > 1 ? ` of ${count(groups)} orbits or pictures` : "";
  const missing = left_out.map(({ name, why }) => `${name} (${why})`);
  const shown = missing.slice(0, 3).join(", ");
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : "";
  const left = missing.length > 0 ? ` Left out: ${shown}${more}.` : "";
  return `${count(tasks.length)} tasks on ${count(rows)} held-out rows${of}: ${count(train_rows)} to learn from, ${count(test_rows)} to try on.${left}`;
}

/** A sentence on what the intervals are. */
export function intervalSentence(result: ProbesResult): string {
  const [whole] = classesOf(result.tasks).slice(-1);
  const over =
    result.intervals[whole!] === "tasks"
      ? "tasks, drawn with replacement"
      : "rows to try on, drawn with replacement by orbit or picture";
  return `Intervals of 95 % are over members where a setting has several (Student's t), else over ${over}.`;
}

const lengthText = (length: number | "all" | null) => (length === null ? "–" : String(length));

function half(found: SettingMean | undefined): string {
  if (found?.low === undefined || found.high === undefined) return "–";
  return `${fixed(found.low, 3)} to ${fixed(found.high, 3)}`;
}

/** A table of means over all tasks, and one of F1 by class where there are several. */
export function probeTables(result: ProbesResult): ResultTable[] {
  const classes = classesOf(result.tasks);
  const whole = classes.at(-1)!;
  const settings = probedSettings(result);
  const blind = result.blind[whole]!;
  const first: ResultTable = {
    title: `${rowsSentence(result)} ${intervalSentence(result)}`,
    header: ["probed", "probe", "latents", "accuracy", "F1", "interval", "AUROC", "interval"],
    rows: [
      ...settings.map((one) => {
        const [accuracy, f1, auroc] = SCORES.map((score) => meanOf(one, whole, score));
        return [
          one.name,
          one.probe,
          lengthText(one.length),
          fixed(accuracy?.mean, 3),
          fixed(f1?.mean, 3),
          half(f1),
          fixed(auroc?.mean, 3),
          half(auroc),
        ];
      }),
      [
        "without looking",
        "",
        "",
        fixed(blind.accuracy, 3),
        fixed(blind.f1, 3),
        "",
        fixed(blind.auroc, 3),
        "",
      ],
    ],
  };
  if (classes.length === 1) return [first];
  const split: ResultTable = {
    title: `${HEADS.f1} by class of tasks`,
    header: ["probed", "probe", "latents", ...classes],
    rows: [
      ...settings.map((one) => [
        one.name,
        one.probe,
        lengthText(one.length),
        ...classes.map((kind) => fixed(meanOf(one, kind, "f1")?.mean, 3)),
      ]),
      ["without looking", "", "", ...classes.map((kind) => fixed(result.blind[kind]!.f1, 3))],
    ],
  };
  return [first, split];
}
