/**
 * @file Baselines next to members: dictionaries of other kinds, fitted to the training rows of the
 *   run, at the L0 that members have. Their folders are made by `concord baseline`.
 */

import { z } from "zod";
import type { Analysis, AnalysisContext } from "../domains/analysis.ts";
import { BASELINES, baselineNamed } from "../evaluate/baselines/baselines.ts";
import { fitComponents, saeOf } from "../evaluate/baselines/fit-baseline.ts";
import { openFittingRows } from "../evaluate/baselines/fitting-rows.ts";
import { judgeSaes } from "../evaluate/judge-saes.ts";
import { html, type Markup } from "../figures/html/html.ts";
import { section } from "../figures/html/page.ts";
import { type Column, numberCell, table } from "../figures/html/table.ts";
import { count, fixed } from "../figures/number-text.ts";
import { readResult } from "../runs/parse-result.ts";
import { measured } from "../runs/results.ts";
import { forRowsAsTheyCome, type Sae } from "../sae/sae.ts";
import { positiveInteger } from "../sources/schema-parts.ts";

const FILE = "baselines";

const NAMES = BASELINES.map(({ name }) => name);

const options = z.object({
  kinds: z
    .array(z.enum(NAMES))
    .min(1)
    .default(["pca", "random", "identity", "rotation"])
    .describe("dictionaries of docs/baselines.md; ica and nmf take long"),
  rows: positiveInteger
    .default(100_000)
    .describe("training rows that they are fitted to, one pass at most"),
});

const judged = z.object({
  name: z.string(),
  latents: z.number(),
  fvu: measured,
  l0: measured,
  /** Null without known features. */
  gt_mcc: measured.nullable(),
  gt_mcc_null: measured.nullable(),
});

const resultSchema = z.object({
  /** Held-out rows. */
  rows: z.number(),
  /** Training rows that baselines were fitted to. */
  fitted_rows: z.number(),
  members: z.array(judged),
  /** Of each kind one for every L0 of members, rounded. */
  baselines: z.array(judged.extend({ kind: z.string(), sign: z.string(), k: z.number() })),
});

type Result = z.output<typeof resultSchema>;

/** Numbers of active latents that are compared, at most. */
const MOST_K = 8;

/** The L0 of members, rounded, each once and ascending; evenly picked where there are many. */
function wantedK({ evaluation }: AnalysisContext): number[] {
  const all = evaluation.result.members.map(({ metrics }) => Math.round(metrics["l0"] ?? 0));
  const distinct = [...new Set(all.map((k) => Math.max(1, k)))].sort((a, b) => a - b);
  if (distinct.length <= MOST_K) return distinct;
  const at = (i: number) => Math.round((i * (distinct.length - 1)) / (MOST_K - 1));
  return Array.from({ length: MOST_K }, (_, i) => distinct[at(i)]!);
}

async function analyse(
  context: AnalysisContext,
  { kinds, rows: wanted }: { readonly kinds: readonly string[]; readonly rows: number },
): Promise<Result> {
  const { backend, members, source, beginning, seed, pause } = context;
  const { dIn, train, heldOut, normalization } = source;
  const made: { kind: string; sign: string; k: number; name: string; sae: Sae }[] = [];
  let fittedRows = 0;
  for (const kind of kinds) {
    const baseline = baselineNamed(kind);
    await train.seek(beginning);
    const rows = openFittingRows(backend, train, dIn, wanted, pause);
    fittedRows = rows.rows;
    const found = await fitComponents(baseline, { backend, rows, seed, pause: () => pause() });
    for (const k of wantedK(context)) {
      if (k > found.signed.count) continue;
      const sae = forRowsAsTheyCome(saeOf(found, k), normalization);
      made.push({ kind, sign: found.sign, k, name: `${kind}, k ${k}`, sae });
    }
  }
  const all = await judgeSaes(backend, [...members, ...made], source, pause);
  const numbers = all.map(({ name, latents, fvu, l0, gtMcc, gtMccNull }) => ({
    name,
    latents,
    fvu,
    l0,
    gt_mcc: gtMcc ?? null,
    gt_mcc_null: gtMccNull ?? null,
  }));
  return {
    rows: heldOut.rows,
    fitted_rows: fittedRows,
    members: numbers.slice(0, members.length),
    baselines: made.map(({ kind, sign, k }, i) => ({
      ...numbers[members.length + i]!,
      kind,
      sign,
      k,
    })),
  };
}

const sentence = ({ rows, fitted_rows }: Result) =>
  `Baselines next to members on ${count(rows)} held-out rows, fitted to ${count(fitted_rows)} training rows. Each keeps as many latents per row as members have, rounded.`;

type Row = z.output<typeof judged>;

/** Members, then baselines, with a row's number by head and decimals. */
const rowsOf = ({ members, baselines }: Result): readonly Row[] => [...members, ...baselines];

function cellsOf(row: Row): readonly (readonly [string, number | null, number])[] {
  const known: readonly (readonly [string, number | null, number])[] =
    row.gt_mcc === null
      ? []
      : [
          ["GT-MCC", row.gt_mcc, 4],
          ["(null)", row.gt_mcc_null, 4],
        ];
  return [["latents", row.latents, 0], ["FVU", row.fvu, 4], ["L0", row.l0, 2], ...known];
}

function headsOf(result: Result): string[] {
  const [first] = rowsOf(result);
  return first ? cellsOf(first).map(([head]) => head) : [];
}

function sections(result: Result): Markup {
  const columns: Column<Row>[] = [
    { head: "SAE", cell: ({ name }) => name },
    ...headsOf(result).map(
      (head, i): Column<Row> => ({
        head,
        kind: head.startsWith("(") ? "null" : "number",
        cell(row) {
          const [, value, decimals] = cellsOf(row)[i]!;
          return numberCell(value, decimals);
        },
      }),
    ),
  ];
  return section(
    "Baselines",
    html`<p>${sentence(result)}</p>${table("Members and baselines at equal L0", columns, rowsOf(result))}`,
  );
}

export const baselines = {
  name: FILE,
  summary: "PCA, random atoms and other dictionaries next to members, at their L0",
  options,
  onRequest: true,
  applies: () => true,
  analyse,
  results: (found) => ({ json: { [FILE]: found } }),
  read: (folder) => readResult(folder, FILE, resultSchema),
  sections,
  table: (result) => ({
    title: sentence(result),
    header: ["SAE", ...headsOf(result)],
    rows: rowsOf(result).map((row) => [
      row.name,
      ...cellsOf(row).map(([, value, decimals]) => fixed(value, decimals)),
    ]),
  }),
} as const satisfies Analysis<Result, { readonly kinds: readonly string[]; readonly rows: number }>;
