/**
 * @file What members cost the model whose activations they were trained on. Their reconstructions
 *   take the place of the activations, and the model predicts windows that training never saw.
 */

import { z } from "zod";
import { ConcordError } from "../../../errors.ts";
import { html, type Markup } from "../../../figures/html/html.ts";
import { section } from "../../../figures/html/page.ts";
import { type Column, numberCell, table } from "../../../figures/html/table.ts";
import { count, fixed } from "../../../figures/number-text.ts";
import { readResult } from "../../../runs/parse-result.ts";
import { positiveInteger } from "../../../sources/schema-parts.ts";
import type { AnalysedRun, Analysis, AnalysisContext } from "../../analysis.ts";
import { type PerplexityRow, perplexityGrid } from "../evaluate/perplexity-grid.ts";
import { spliceNumbers, spliceSchema, spliceTable } from "../evaluate/splice-numbers.ts";
import { modelBehind, shortName } from "./model-behind.ts";

const FILE = "in_model";

const options = z.object({
  tokens: positiveInteger
    .default(8192)
    .describe(
      "held-out tokens that the model predicts, rounded up to whole windows; their activations are in memory",
    ),
  pass_dimensions: z
    .int()
    .min(0)
    .default(0)
    .describe("dimensions of largest variance that reconstructions leave as they are"),
});

const resultSchema = z.object({
  model: z.string(),
  /** Held-out windows that the model predicted. */
  windows: z.number(),
  context: z.number(),
  /** Dimensions that stayed as they are; missing in results from before there was a choice. */
  passed: z.number().optional(),
  /** Null where nothing could be measured; `reason` says why. */
  spliced: spliceSchema.nullable(),
  reason: z.string().optional(),
});

type InModelResult = z.output<typeof resultSchema>;

/** What members cannot help: a model that predicts nothing, or a hook that nothing reads. */
const IMPOSSIBLE = new Set(["model/unsupported", "hook/missing"]);

async function analyse(
  { backend, members, source, pause }: AnalysisContext,
  { tokens, passDimensions }: { readonly tokens: number; readonly passDimensions: number },
): Promise<InModelResult> {
  const { model: name, hook, folder, trainRows, threads, catalogue } = modelBehind(source)!;
  const skipSpecial = source.provenance["skip_special"] !== false;
  // Models and tokenizers are loaded when this runs, not with every config.
  const { heldOutWindows } = await import("./held-out-windows.ts");
  const packed = await heldOutWindows(folder, trainRows, tokens);
  const { windows, contextLength: context } = packed;
  const model = shortName(name);
  const untried = (reason: string) => ({ model, windows, context, spliced: null, reason });
  if (windows === 0) return untried(`no window of ${context} tokens is held out`);
  const { openModelByName } = await import("../models/open-by-name.ts");
  const { spliceSaes } = await import("../evaluate/splice-saes.ts");
  const opened = await openModelByName(name, { catalogue, threads });
  try {
    const shared = { model: opened.model, hook, packed, skipSpecial, pause };
    const options = { ...shared, saes: members, passDimensions };
    const spliced = spliceNumbers(await spliceSaes(backend, options));
    return { model, windows, context, passed: passDimensions, spliced };
  } catch (error) {
    // The other analyses are not lost for it.
    if (!(error instanceof ConcordError) || !IMPOSSIBLE.has(error.code)) throw error;
    return untried(withoutPoint(error.message));
  } finally {
    await opened.model.close();
  }
}

const withoutPoint = (sentence: string) => sentence.replace(/\.$/, "");

function sentence({ model, windows, passed = 0, spliced, reason }: InModelResult): string {
  if (!spliced)
    return `Members were not tried in ${model}: ${reason ?? "the reason is not known"}.`;
  const outliers =
    spliced.outliers === 0
      ? ""
      : ` So do ${count(spliced.outliers)} rows longer than ten times the median.`;
  return `Members in ${model} at ${spliced.hook}, over ${count(spliced.tokens)} predicted tokens of ${count(windows)} held-out windows. CE and KL in nats. Rows that were not collected (special tokens, attention sinks) stay as they are.${outliers}${passed === 0 ? "" : ` So do the ${passed} dimensions of largest variance.`}`;
}

/** Where nothing was measured. */
const NO_TABLE = { header: [], rows: [] };

const DECIMALS = [0, 4, 4, 4, 2, 4, 1, 0, 0, 3];

/** Perplexities by width and another value, for a run that varies both. */
function gridTable(
  spliced: NonNullable<InModelResult["spliced"]>,
  { evaluation }: AnalysedRun,
): Markup | undefined {
  const grid = perplexityGrid(spliced, evaluation);
  if (!grid) return undefined;
  const { key, widths, rows } = grid;
  const columns: Column<PerplexityRow>[] = [
    { head: key, cell: ({ value }) => value },
    ...widths.map(
      (width, i): Column<PerplexityRow> => ({
        head: String(width),
        sub: "d_sae",
        kind: "number",
        cell: ({ perplexities }) => numberCell(perplexities[i], 2),
      }),
    ),
    {
      head: "L0",
      kind: "number",
      cell: ({ l0: [least, most] }) =>
        least === most ? fixed(least, 1) : `${fixed(least, 1)}–${fixed(most, 1)}`,
    },
  ];
  return table(`Perplexity by ${key} and width, means over seeds`, columns, rows);
}

function sections(found: InModelResult, run: AnalysedRun): Markup {
  const told = html`<p>${sentence(found)}</p>`;
  if (!found.spliced) return section("In the model", told);
  const { header, rows } = spliceTable(found.spliced);
  const columns = header.map(
    (head, i): Column<(typeof rows)[number]> => ({
      head,
      kind: i === 0 ? "text" : "number",
      cell: (row) => {
        const cell = row[i]!;
        return typeof cell === "number" ? numberCell(cell, DECIMALS[i]!) : cell;
      },
    }),
  );
  return section(
    "In the model",
    html`${told}${table("What members cost the model", columns, rows)}${gridTable(found.spliced, run)}`,
  );
}

export const inModel = {
  name: FILE,
  summary: "What members cost the model: its cross-entropy with their reconstructions",
  options,
  onRequest: true,
  applies: (source) => modelBehind(source) !== undefined,
  analyse,
  results: (found) => ({ json: { [FILE]: found } }),
  read: (folder) => readResult(folder, FILE, resultSchema),
  sections,
  table(found) {
    const { header, rows } = found.spliced ? spliceTable(found.spliced) : NO_TABLE;
    return { title: sentence(found), header, rows };
  },
} as const satisfies Analysis<
  InModelResult,
  { readonly tokens: number; readonly passDimensions: number }
>;
