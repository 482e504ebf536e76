/**
 * @file What members cost the model whose activations they were trained on. Their reconstructions
 *   take the place of the activations, and the model predicts windows that training never saw.
 */

import { existsSync } from "node:fs";
import { z } from "zod";
import { html, type Markup } from "../../../figures/html/html.ts";
import { section } from "../../../figures/html/page.ts";
import { type Column, numberCell, table } from "../../../figures/html/table.ts";
import { count } from "../../../figures/number-text.ts";
import { parseResult } from "../../../runs/parse-result.ts";
import { positiveInteger } from "../../../sources/schema-parts.ts";
import type { Analysis, AnalysisContext } from "../../analysis.ts";
import { spliceNumbers, spliceSchema, spliceTable } from "../evaluate/splice-numbers.ts";
import { modelBehind } from "./model-behind.ts";

const FILE = "in_model";

const options = z.object({
  tokens: positiveInteger
    .default(8192)
    .describe("held-out tokens that the model predicts, rounded up to whole windows"),
});

const resultSchema = z.object({
  model: z.string(),
  /** Held-out windows; 0 where the held-out rows are less than one, and nothing was measured. */
  windows: z.number(),
  context: z.number(),
  spliced: spliceSchema.nullable(),
});

type InModelResult = z.output<typeof resultSchema>;

async function analyse(
  { backend, members, source, pause }: AnalysisContext,
  { tokens }: { readonly tokens: number },
): Promise<InModelResult> {
  const { model: name, hook, folder, trainRows, threads, catalogue } = modelBehind(source)!;
  // Models and tokenizers are loaded when this runs, not with every config.
  const { heldOutWindows } = await import("./held-out-windows.ts");
  const packed = await heldOutWindows(folder, trainRows, tokens);
  const facts = { model: name, windows: packed.windows, context: packed.contextLength };
  if (packed.windows === 0) return { ...facts, spliced: null };
  const { openModelByName } = await import("../models/open-by-name.ts");
  const { spliceSaes } = await import("../evaluate/splice-saes.ts");
  const { model } = await openModelByName(name, { catalogue, threads });
  try {
    const spliced = await spliceSaes(backend, { model, hook, packed, saes: members, pause });
    return { ...facts, spliced: spliceNumbers(spliced) };
  } finally {
    await model.close();
  }
}

function sentence({ model, windows, context, spliced }: InModelResult): string {
  if (!spliced)
    return `No whole window of ${context} tokens is held out, so members were not tried in ${model}.`;
  const kept =
    spliced.outliers === 0
      ? ""
      : ` ${count(spliced.outliers)} rows longer than ten times the median (attention sinks, say) stay as they are.`;
  return `Members in ${model} at ${spliced.hook}, over ${count(spliced.tokens)} predicted tokens of ${count(windows)} held-out windows. CE and KL in nats.${kept}`;
}

const DECIMALS = [0, 4, 4, 4, 2, 4, 1, 0, 0, 3];

function sections(found: InModelResult): Markup {
  const told = html`<p>${sentence(found)}</p>`;
  if (!found.spliced) return section("In the model", told);
  const { header, rows } = spliceTable(found.spliced);
  const columns = header.map(
    (head, i): Column<(typeof rows)[number]> => ({
      head,
      ...(i === 0 ? {} : { kind: "number" }),
      cell: (row) => {
        const cell = row[i]!;
        return typeof cell === "number" ? numberCell(cell, DECIMALS[i]!) : cell;
      },
    }),
  );
  return section(
    "In the model",
    html`${told}${table("What members cost the model", columns, rows)}`,
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
  async read(folder) {
    const path = folder.file("results", `${FILE}.json`);
    if (!existsSync(path)) return undefined;
    return parseResult(resultSchema, await folder.readJson(`results/${FILE}.json`), path);
  },
  sections,
  table: (found) =>
    found.spliced
      ? { title: sentence(found), ...spliceTable(found.spliced) }
      : { title: sentence(found), header: [], rows: [] },
} as const satisfies Analysis<InModelResult, { readonly tokens: number }>;
