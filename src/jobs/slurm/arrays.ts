/**
 * @file The arrays of a batch on disk, so that another watcher knows what was handed out:
 *
 *   arrays/<n>.txt   a line for each job: its submission and its file
 *   arrays/<n>.sh    the script
 *   arrays/<n>.id    Slurm's number of the array, once it has one
 */

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../../formats/atomic-file.ts";
import { makeFolder } from "../../formats/make-folder.ts";
import type { BatchPlace, Handout } from "../launcher.ts";
import { arrayFile } from "./script.ts";

type Place = Pick<BatchPlace, "folder">;

const idFile = ({ folder }: Place, number: number) => join(folder, "arrays", `${number}.id`);
const lineOf = ({ submission, file }: Pick<Handout, "submission" | "file">) =>
  `${submission} ${file}`;

/** The numbers of all arrays of a batch, ascending. */
export async function arrayNumbers({ folder }: Place): Promise<number[]> {
  const path = join(folder, "arrays");
  if (!existsSync(path)) return [];
  const names = await readdir(path);
  const numbers = names.flatMap((name) => /^(\d+)\.txt$/.exec(name)?.[1] ?? []);
  return numbers.map(Number).sort((a, b) => a - b);
}

/** Writes an array before it is submitted. */
export async function writeArray(
  place: Place,
  number: number,
  jobs: readonly Handout[],
  script: string,
): Promise<void> {
  await makeFolder(join(place.folder, "arrays"));
  await writeFileAtomically(join(place.folder, "arrays", `${number}.sh`), script);
  await writeFileAtomically(
    arrayFile(place, number),
    jobs.map((job) => `${lineOf(job)}\n`).join(""),
  );
}

/** The places of jobs in an array, by their lines. */
export async function indicesIn(place: Place, number: number): Promise<Map<string, number>> {
  const text = await readFile(arrayFile(place, number), "utf8");
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line, i) => [line, i]));
}

/** The place of a job in an array; undefined when it is in another. */
export function indexOf(indices: ReadonlyMap<string, number>, job: Handout): number | undefined {
  return indices.get(lineOf(job));
}

/** Keeps Slurm's number of an array. */
export async function keepId(place: Place, number: number, id: string): Promise<void> {
  await writeFileAtomically(idFile(place, number), id);
}

/** Slurm's number of an array; undefined before it has said so. */
export async function idOf(place: Place, number: number): Promise<string | undefined> {
  const path = idFile(place, number);
  return existsSync(path) ? await readFile(path, "utf8") : undefined;
}
