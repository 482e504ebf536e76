/** @file The page of a study that nobody has written one for yet. */

import type { Study } from "./study.ts";
import { isBenchmark } from "./study.ts";

/** A table of all arms and measures, where the study declares none. */
export const ALL_TABLE = "all";

/** A page with everything that the study declares, as a template. */
export function defaultTemplate(study: Study): string {
  const names = Object.keys(study.tables ?? {});
  const tables = names.map((name) => `{{table ${name}}}`);
  if (isBenchmark(study))
    return `${[`# ${study.title}`, study.question, ...tables].join("\n\n")}\n`;
  const verdicts = Object.keys(study.verdicts ?? {}).map(
    (name) => `- ${name}: {{verdict ${name}}}`,
  );
  const figures = Object.keys(study.figures ?? {}).map((name) => `{{figure ${name}}}`);
  const parts = [
    `# ${study.title}`,
    study.question,
    ...(verdicts.length > 0 ? [verdicts.join("\n")] : []),
    ...tables,
    ...(names.length === 0 ? [`{{table ${ALL_TABLE}}}`] : []),
    ...figures,
    "± is half of a 95 % Student-t interval over {{seeds}} seeds; differences are paired by seed.",
    "{{runs}} runs. {{versions}}.",
  ];
  return `${parts.join("\n\n")}\n`;
}
