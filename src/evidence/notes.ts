/**
 * @file Reads what analyses say of single latents. They keep it in results/notes/, one file each,
 *   and cards show it.
 */

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { FormatError, messageOf } from "../errors.ts";
import { issueText } from "../formats/issue-text.ts";
import { readText } from "../formats/read-text.ts";
import { type LatentNote, type LatentNotes, notesSchema } from "./latent-note.ts";

/** Folder of the notes, in a run's results/. */
export const NOTES_FOLDER = "notes";

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
