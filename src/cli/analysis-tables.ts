/** @file What analyses of a run found, as tables for a terminal. */

import { readAnalyses } from "../analyses/analyses.ts";
import type { Analysis, ResultTable } from "../domains/analysis.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { short, table } from "./output.ts";

/**
 * The tables of the analyses that have some, each with an empty line and its title in front.
 *
 * @param shown Which analyses; all when left out.
 */
export async function analysisTables(
  folder: RunFolder,
  shown: (analysis: Analysis) => boolean = () => true,
): Promise<string[]> {
  const tables = (await readAnalyses(folder)).flatMap(
    ({ analysis, found }): readonly ResultTable[] => {
      const made = shown(analysis) ? analysis.table?.(found) : undefined;
      return made === undefined ? [] : [made].flat();
    },
  );
  const cell = (value: string | number) => (typeof value === "number" ? short(value) : value);
  return tables.flatMap(({ title, header, rows }) => [
    "",
    title,
    ...(rows.length === 0
      ? []
      : [
          table(
            header,
            rows.map((row) => row.map(cell)),
          ),
        ]),
  ]);
}
