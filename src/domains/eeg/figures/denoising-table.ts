/**
 * @file The table of a run whose rows have targets: what members make of noisy rows, next to
 *   leaving these as they are.
 */

import type { Markup } from "../../../figures/html/html.ts";
import { metricHead } from "../../../figures/html/metric-words.ts";
import { type Column, numberCell, seriesName, table } from "../../../figures/html/table.ts";
import { columnDecimals, count } from "../../../figures/number-text.ts";
import type { DenoisingResult } from "../analyses/denoising.ts";
import { DENOISING_METRICS } from "../metrics/eeg-metrics.ts";

interface DenoisedRow {
  readonly name: string;
  /** Place among the members, for its colour; undefined for a row that is not a member. */
  readonly member: number | undefined;
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * Every member on noisy held-out rows.
 *
 * @param heldOutRows How many there were.
 */
export function denoisingTable(denoising: DenoisingResult, heldOutRows: number): Markup {
  const rows: DenoisedRow[] = [
    { name: "the noisy rows as they are", member: undefined, metrics: denoising.noisy },
    ...denoising.members.map(({ name, metrics }, member) => ({ name, member, metrics })),
  ];
  const columns: Column<DenoisedRow>[] = [
    {
      head: "Denoised by",
      cell: ({ name, member }) => (member === undefined ? name : seriesName(name, member)),
    },
    ...DENOISING_METRICS.flatMap((metric): Column<DenoisedRow>[] => {
      const value = (row: DenoisedRow) => row.metrics[metric.name];
      const values = rows.map(value);
      if (values.every((v) => v === undefined)) return [];
      const decimals = columnDecimals(values);
      return [
        {
          head: metricHead(metric),
          sub: metric.unit,
          kind: "number",
          cell: (row) => numberCell(value(row), decimals),
        },
      ];
    }),
  ];
  const title = `${count(heldOutRows)} noisy held-out rows, compared with their targets in the units of the rows`;
  return table(title, columns, rows);
}
