/**
 * @file The evidence of every latent: what it fires on, which rows show it, which other members
 *   have it. It is kept in `results/features/`, one file per member, and read latent by latent.
 */

import { existsSync } from "node:fs";
import { z } from "zod";
import type { Backend } from "../../backend/backend.ts";
import type { Analysis, AnalysisContext, ResultTable } from "../../domains/analysis.ts";
import { domainOf } from "../../domains/domains.ts";
import { type FeaturesSummary, featuresSummarySchema } from "../../evidence/card.ts";
import { latentBytes } from "../../evidence/member-file.ts";
import { parseResult } from "../../runs/parse-result.ts";
import { settingId } from "../../runs/settings.ts";
import { positiveInteger } from "../../sources/schema-parts.ts";
import type { Source } from "../../sources/source.ts";
import { FOLDER, MOST_AROUND, SUMMARY_FILE } from "./files.ts";
import { type Gathered, gatherEvidence } from "./gather.ts";
import { rowsAsNumbers } from "./held-out-rows.ts";
import { featuresSections } from "./sections.ts";
import { featuresTables } from "./tables.ts";

const options = z.object({
  rows: positiveInteger
    .default(1_000_000)
    .describe("rows that are looked at, at most; the last ones are those that training never saw"),
  around: z
    .int()
    .min(0)
    .max(MOST_AROUND)
    .default(10)
    .describe("rows shown on each side of an example"),
});

/** Bytes of what is kept of a row: its token, and where that is from. */
const ROW_BYTES = 16;

/** What a config says of it. */
export interface FeaturesOptions {
  readonly rows: number;
  readonly around: number;
}

/** What it found; of a run that has finished only the summary is read. */
export interface FeaturesFound {
  readonly summary: FeaturesSummary;
  readonly gathered?: Gathered;
}

/** What shows the rows of a source: its kind of data, or the core where that cannot. */
export async function openMaker(source: Source, backend: Backend, most: number) {
  const ofKind = domainOf(source.provenance.kind)?.evidence;
  const made = await ofKind?.make(source, { backend, most });
  if (made && !("cannot" in made)) return { maker: made, leftOut: made.leftOut ?? [] };
  const leftOut = made ? [`Latents are described by numbers only. ${made.cannot}`] : [];
  return { maker: rowsAsNumbers(source, most), leftOut };
}

async function analyse(context: AnalysisContext, { rows, around }: FeaturesOptions) {
  const { backend, members, source, seed, pause, agreement } = context;
  const { kind } = source.provenance;
  const { maker, leftOut } = await openMaker(source, backend, rows);
  try {
    const gathered = await gatherEvidence({
      backend,
      saes: members.map(({ name, sae, dictionary, setting, initialCosines }) => ({
        name,
        sae,
        dictionary,
        setting: settingId(setting),
        ...(initialCosines ? { initialCosines } : {}),
      })),
      maker,
      kind,
      unit: domainOf(kind)?.unit ?? "rows",
      leftOut,
      around,
      seed,
      known: agreement?.pairs ?? [],
      trueFeatures: source.trueFeatures,
      pause,
      onCompared: context.onCompared,
      onRows: context.onLooked,
    });
    return { summary: gathered.summary, gathered };
  } finally {
    await maker.close();
  }
}

/** The tables of the latents that recur most and least. */
function table({ summary }: FeaturesFound): readonly ResultTable[] {
  return featuresTables(summary);
}

export const features = {
  name: "features",
  summary: "What every latent fires on, with examples, and which other members have it",
  options,
  applies: () => true,
  unasked: (kind) => domainOf(kind)?.evidence?.unasked === true,
  analyse,
  results({ summary, gathered }) {
    if (!gathered) return { json: { [`${FOLDER}/${SUMMARY_FILE}`]: summary } };
    const files = [...gathered.files].map(([name, file]) => [`${FOLDER}/${name}`, file] as const);
    return {
      json: { [`${FOLDER}/${SUMMARY_FILE}`]: summary },
      files: Object.fromEntries(files),
    };
  },
  async read(folder) {
    const name = `${FOLDER}/${SUMMARY_FILE}`;
    const path = folder.file("results", `${name}.json`);
    if (!existsSync(path)) return undefined;
    const json = await folder.readJson(`results/${name}.json`);
    return { summary: parseResult(featuresSummarySchema, json, path) };
  },
  bytes: (members, options, rows) =>
    ROW_BYTES * Math.min(rows, options.rows) +
    members.reduce((sum, { dSae }) => sum + latentBytes(members.length - 1) * dSae, 0),
  sections: featuresSections,
  table,
} as const satisfies Analysis<FeaturesFound, FeaturesOptions>;
