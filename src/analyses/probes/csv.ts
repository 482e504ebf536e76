/** @file Every score of every task as CSV, a line each. */

import { csvField } from "../../formats/text/csv-field.ts";
import { settingText } from "../../runs/settings.ts";
import { type ProbesResult, SCORES } from "./result.ts";

const HEADING = [
  "input",
  "architecture",
  "setting",
  "seed",
  "k",
  "probe",
  "length",
  "by",
  "task",
  "class",
  ...SCORES,
];

/** The text of `probe_results/results_<n>.csv`, n the number of orbits or pictures. */
export function probesCsv({ probed, tasks, by }: ProbesResult): string {
  const lines = probed.flatMap((one) => {
    const { input, member, k, probe, length } = one;
    const words = [
      input,
      member?.architecture ?? "",
      member ? settingText(member.setting) : "",
      member?.seed ?? "",
      k ?? "",
      probe,
      length ?? "",
      length === null ? "" : by,
    ];
    return tasks.map(({ name, class: kind }, t) => [
      ...words,
      name,
      kind,
      ...SCORES.map((score) => one.tasks[score][t]!),
    ]);
  });
  return [HEADING, ...lines]
    .map((line) => `${line.map(String).map(csvField).join(",")}\n`)
    .join("");
}
