/** @file A run's consensus next to the members that it was made of, for reports and terminals. */

import type { ResultTable } from "../../domains/analysis.ts";
import { html, type Markup } from "../../figures/html/html.ts";
import { type Column, numberCell, table } from "../../figures/html/table.ts";
import type { ConsensusResult, JudgedRow } from "./consensus-result.ts";

/** Columns that are empty for all rows are left out. */
const COLUMNS: readonly {
  head: string;
  of: (row: JudgedRow) => number | null;
  decimals: number;
}[] = [
  { head: "latents", of: (row) => row.latents, decimals: 0 },
  { head: "FVU", of: (row) => row.fvu, decimals: 4 },
  { head: "L0", of: (row) => row.l0, decimals: 1 },
  { head: "GT-MCC", of: (row) => row.gt_mcc, decimals: 3 },
  { head: "GT-MCC null", of: (row) => row.gt_mcc_null, decimals: 3 },
  { head: "features found", of: (row) => row.found, decimals: 0 },
  { head: "MCC with independent", of: (row) => row.independent_mcc, decimals: 3 },
];

function known(rows: readonly JudgedRow[]) {
  return COLUMNS.filter(({ of }) => rows.some((row) => of(row) !== null));
}

/** One sentence: how many latents it has, and how they came about. */
function consensusSentence(found: ConsensusResult): string {
  const { latents, filled, min_members, of, tau } = found;
  if (latents === 0)
    return `No latent is in ${min_members} of the ${of.length} members with cosines of at least ${tau}.`;
  const more = filled === 0 ? "" : `, and ${filled} of ${of[0]} that fill it up`;
  return `${latents - filled} latents are in at least ${min_members} of ${of.length} members (every pair with a cosine of at least ${tau})${more}.`;
}

/** For reports. */
export function consensusSection(found: ConsensusResult): Markup {
  const columns: Column<JudgedRow>[] = [
    { head: "SAE", cell: ({ name }) => name },
    ...known(found.judged).map(
      ({ head, of, decimals }): Column<JudgedRow> => ({
        head,
        kind: "number",
        cell: (row) => numberCell(of(row) ?? undefined, decimals),
      }),
    ),
  ];
  const note = `The averaged encoder is only a start; the refit trains it for ${found.refit_steps} steps ${found.train_atoms ? "together with the atoms" : "while the atoms stay"}. Members did not train those steps.`;
  return html`<p>${consensusSentence(found)} ${found.latents > 0 && found.refit_steps > 0 && note}</p>
${found.judged.length > 0 && table("The consensus and its members on held-out rows", columns, found.judged)}`;
}

/** For a terminal. */
export function consensusTable(found: ConsensusResult): ResultTable {
  const columns = known(found.judged);
  return {
    title: consensusSentence(found),
    header: ["SAE", ...columns.map(({ head }) => head)],
    rows: found.judged.map((row) => [row.name, ...columns.map(({ of }) => of(row) ?? "–")]),
  };
}
