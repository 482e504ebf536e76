/**
 * @file What analyses say of single latents besides their evidence: scores and a sentence. They
 *   keep it in results/notes/, one file each, and cards show it.
 */

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { FormatError, messageOf } from "../errors.ts";
import { issueText } from "../formats/issue-text.ts";
import { readText } from "../formats/read-text.ts";

/** Folder of the notes, in a run's results/. */
export const NOTES_FOLDER = "notes";

const score = z.object({
  name: z.string(),
  value: z.number(),
  /** What chance reaches, or a control; null where neither is known. */
  chance: z.number().nullable(),
});

/** What one analysis says of a latent. */
export const latentNoteSchema = z.object({
  /** Who says it. */
  title: z.string(),
  /** A sentence, or an explanation; empty for scores alone. */
  text: z.string(),
  scores: z.array(score),
});

/** What one analysis says of a latent. */
export type LatentNote = z.output<typeof latentNoteSchema>;

/** results/notes/<analysis>.json */
export const notesSchema = z.object({
  title: z.string(),
  /** By the member's name, and the number of the latent. */
  members: z.record(z.string(), z.record(z.string(), latentNoteSchema.omit({ title: true }))),
});

/** results/notes/<analysis>.json */
export type LatentNotes = z.output<typeof notesSchema>;

async function readNotes(path: string): Promise<LatentNotes> {
  let json: unknown;
  try {
    json = JSON.parse(await readText(path));
  } catch (error) {
    throw new FormatError(path, `not JSON: ${messageOf(error)}`);
  }
  const parsed = notesSchema.safeParse(json, { error: issueText });
  if (parsed.success) return parsed.data;
  const { path: key, message } = parsed.error.issues[0]!;
  throw new FormatError(path, `${key.map(String).join(".")}: ${message}`);
}

/** Reads the notes of a run when they are first asked for. */
export class NotesReader {
  readonly #folder: string;
  #all: Promise<LatentNotes[]> | undefined;

  /** @param results Folder of the run's results; it may have no notes. */
  constructor(results: string) {
    this.#folder = join(results, NOTES_FOLDER);
  }

  /** Everything that is said of a latent, by the names of the files. @throws {FormatError} */
  async of(member: string, latent: number): Promise<LatentNote[]> {
    this.#all ??= this.#read();
    return (await this.#all).flatMap(({ title, members }) => {
      const note = members[member]?.[String(latent)];
      return note ? [{ title, ...note }] : [];
    });
  }

  async #read(): Promise<LatentNotes[]> {
    if (!existsSync(this.#folder)) return [];
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith(".json")).sort();
    return Promise.all(names.map((name) => readNotes(join(this.#folder, name))));
  }
}
