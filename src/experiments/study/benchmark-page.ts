/** @file The values of the placeholders on a benchmark's page. */

import { count } from "../../figures/number-text.ts";
import { claimText, entryOf, unknownPlaceholder, wordsOf } from "./experiment-page.ts";
import type { Benchmark, BenchRecord } from "./study.ts";
import { markdownTable } from "./study-table.ts";
import type { Placeholder } from "./template.ts";

const FORMS: Readonly<Record<string, string>> = {
  value: "value NAME",
  table: "table NAME",
  claim: "claim NAME is OUTCOME | WORDS",
  lines: "lines",
};

/** What stands in the place of a benchmark's placeholders. */
export function benchmarkWords(
  study: Benchmark,
  lines: readonly BenchRecord[],
): (placeholder: Placeholder) => string {
  return (placeholder) => {
    const { kind } = placeholder;
    const form = FORMS[kind];
    if (form === undefined) throw unknownPlaceholder(kind, Object.values(FORMS));
    if (kind === "claim")
      return claimText(placeholder, (name) => ({
        outcome: entryOf(study.verdicts, name, "verdict")(lines),
      }));
    const [name = ""] = wordsOf(placeholder, form);
    if (kind === "lines") return count(lines.length);
    if (kind === "value") return entryOf(study.values, name, "value")(lines);
    const { head, text, rows } = entryOf(study.tables, name, "table");
    return markdownTable(head, rows(lines), text);
  };
}
