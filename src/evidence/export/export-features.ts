/**
 * @file Writes what is known of one member's latents for other programs. Latents are read one at a
 *   time, and no file holds a part of what it should.
 */

import { join } from "node:path";
import { expected } from "../../errors.ts";
import { writeFileAtomically } from "../../formats/atomic-file.ts";
import { makeFolder } from "../../formats/make-folder.ts";
import type { LatentCard } from "../card.ts";
import type { Evidence } from "../evidence.ts";
import { writeBatches } from "./batches.ts";
import { EXPORT_FORMATS, type ExportFormat } from "./export-formats.ts";
import { CSV_LEFT_OUT, featuresCsvHead, featuresCsvLine } from "./features-csv.ts";
import { type ForeignSource, requireForeignSource } from "./foreign-source.ts";
import { neuronpedia, UPLOAD_FEATURES } from "./neuronpedia.ts";
import { saedashboard } from "./saedashboard.ts";

/** What to export, and where to. */
export interface ExportFeaturesOptions {
  readonly format: ExportFormat;
  /** The member whose latents are exported. */
  readonly member: string;
  /** Folder that gets the files; it is made. Batches are written only where there are none. */
  readonly out: string;
  /** What the other program calls the place of these rows; `csv` needs none. */
  readonly source?: ForeignSource | undefined;
  /** Latents per batch, from 1 to 128. Default 128, the most that Neuronpedia takes at once. */
  readonly perBatch?: number | undefined;
}

/** What an export wrote. */
export interface ExportedFeatures {
  /** Paths, in the order in which they were written. */
  readonly files: readonly string[];
  /** Latents in them. */
  readonly latents: number;
  /** Sentences: what is not in them or left empty, and why. */
  readonly leftOut: readonly string[];
}

const encoder = new TextEncoder();

/**
 * Writes the latents of one member for another program.
 *
 * `csv` is a table of all latents. `saedashboard` are batches as SAEDashboard writes them, and
 * `neuronpedia` the bodies of uploads to Neuronpedia. Dead latents have a line in the table, and
 * are in no batch.
 *
 * @throws {ConcordError} `argument/invalid` for a member that is not there, and for names in
 *   `source` that Neuronpedia refuses. The same for batches of rows without text, and for batches
 *   in a folder that has some. `file/io` where files cannot be written.
 */
export async function exportFeatures(
  evidence: Evidence,
  options: ExportFeaturesOptions,
): Promise<ExportedFeatures> {
  const { format, member, out, source, perBatch = UPLOAD_FEATURES } = options;
  if (!EXPORT_FORMATS.includes(format)) throw expected("format", EXPORT_FORMATS.join(", "), format);
  if (!Number.isInteger(perBatch) || perBatch < 1 || perBatch > UPLOAD_FEATURES)
    throw expected("perBatch", `an integer from 1 to ${UPLOAD_FEATURES}`, perBatch);
  if (source) requireForeignSource(source);
  const columns = await evidence.columns(member);
  const latents = columns.density.length;
  async function* cards(): AsyncGenerator<LatentCard> {
    for (let latent = 0; latent < latents; latent++) yield await evidence.card(member, latent);
  }
  await makeFolder(out);
  if (format !== "csv") {
    const batches = format === "neuronpedia" ? neuronpedia : saedashboard;
    return writeBatches(batches, cards(), out, source, perBatch);
  }
  async function* lines(): AsyncGenerator<Uint8Array> {
    yield encoder.encode(featuresCsvHead());
    for await (const card of cards()) yield encoder.encode(featuresCsvLine(columns, card));
  }
  const path = join(out, "features.csv");
  await writeFileAtomically(path, lines());
  return { files: [path], latents, leftOut: CSV_LEFT_OUT };
}
