/** @file Opens the evidence that a run keeps of its latents, and puts together cards of them. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { asFloat32 } from "../../base/tensor.ts";
import { domainOf } from "../../domains/domains.ts";
import type { RowDescriber, RowTensors } from "../../domains/evidence-maker.ts";
import { ConcordError, FormatError, messageOf } from "../../errors.ts";
import { type FeaturesSummary, featuresSummarySchema } from "../../evidence/card.ts";
import type { Evidence } from "../../evidence/evidence.ts";
import { MemberReader, PartsOfFile } from "../../evidence/member-reader.ts";
import { NotesReader } from "../../evidence/notes.ts";
import { readText } from "../../formats/read-text.ts";
import { parseResult } from "../../runs/parse-result.ts";
import { FOLDER, ROWS_FILE, SUMMARY_FILE } from "./files.ts";
import { findLatents } from "./find-latents.ts";
import { numberedRows } from "./held-out-rows.ts";
import { type OpenMember, readCard } from "./read-card.ts";
import { readColumns } from "./read-columns.ts";

async function readSummary(folder: string): Promise<FeaturesSummary> {
  const path = join(folder, `${SUMMARY_FILE}.json`);
  const text = await readText(path);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new FormatError(path, `not JSON: ${messageOf(error)}`);
  }
  return parseResult(featuresSummarySchema, json, path);
}

function rowTensors(parts: PartsOfFile): RowTensors {
  return {
    facts: parts.file.metadata,
    read: (name) => parts.file.read(name),
    elements: async (name, start, count) => asFloat32(await parts.elements(name, start, count)),
  };
}

/** @throws {FormatError} for a file of other rows than the summary is of. */
function requireRows({ file: { path, metadata } }: PartsOfFile, rows: number): void {
  if (metadata["rows"] === String(rows)) return;
  throw new FormatError(
    path,
    `it is of ${metadata["rows"] ?? "unknown"} rows, but summary.json is of ${rows}.`,
    { hint: "They were not written together: make the evidence again." },
  );
}

/** The folder of evidence in a run, or the folder itself where it is one. */
export function evidenceFolder(path: string): string {
  const inRun = join(path, "results", FOLDER);
  return existsSync(join(path, `${SUMMARY_FILE}.json`)) ? path : inRun;
}

/**
 * Opens the evidence of a run, or a folder of evidence. Files are opened when they are first
 * needed.
 *
 * @param path A run's folder, or what `concord features --out` wrote.
 * @throws {ConcordError} `file/missing` where there is none, with the command that makes it;
 *   {FormatError} for a damaged file.
 */
export async function openEvidence(path: string): Promise<Evidence> {
  const folder = evidenceFolder(path);
  if (!existsSync(join(folder, `${SUMMARY_FILE}.json`)))
    throw new ConcordError("file/missing", `${path} has no evidence of its latents.`, {
      hint: `Make it: concord features ${path}`,
    });
  const summary = await readSummary(folder);
  const readers = new Map<string, Promise<MemberReader>>();
  // A folder of evidence alone has no notes.
  const notes = new NotesReader(folder === path ? folder : join(path, "results"));
  let describer: Promise<{ readonly rows: RowDescriber; readonly parts?: PartsOfFile }> | undefined;
  const known = (name: string) => {
    const member = summary.members.find((one) => one.name === name);
    if (member) return member;
    throw new ConcordError("argument/invalid", `There is no member "${name}" in ${path}.`, {
      hint: `Members: ${summary.members.map((member) => member.name).join(", ")}.`,
    });
  };
  const readerOf = (name: string) => {
    const { latents } = known(name);
    const of = { latents, rows: summary.rows };
    const open = readers.get(name) ?? MemberReader.open(join(folder, `${name}.safetensors`), of);
    readers.set(name, open);
    return open;
  };
  const openRows = async () => {
    const read = domainOf(summary.kind)?.evidence?.read;
    const file = join(folder, `${ROWS_FILE}.safetensors`);
    if (!read || !existsSync(file)) return { rows: numberedRows };
    const parts = await PartsOfFile.open(file);
    try {
      requireRows(parts, summary.rows);
      const isEmpty = parts.file.names.length === 0;
      return { rows: isEmpty ? numberedRows : await read(rowTensors(parts)), parts };
    } catch (error) {
      await parts.close();
      throw error;
    }
  };
  const openMember = async (name: string): Promise<OpenMember> => {
    const reader = await readerOf(name);
    describer ??= openRows();
    return { name, summary, reader, rows: (await describer).rows, notes };
  };
  return {
    summary,
    columns: async (name) => readColumns(name, summary, await readerOf(name)),
    card: async (name, latent) => readCard(await openMember(name), latent),
    find: (query, options = {}) => findLatents(query, options, openMember, summary),
    async close() {
      const opened = await Promise.allSettled(readers.values());
      for (const one of opened) if (one.status === "fulfilled") await one.value.close();
      const rows = await describer?.catch(() => undefined);
      await rows?.rows.close();
      await rows?.parts?.close();
    },
  };
}
