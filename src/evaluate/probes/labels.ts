/** @file Yes-or-no questions about rows, with their answers: from files, or from a source. */

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { FormatError } from "../../errors.ts";
import { openNpy } from "../../formats/npy.ts";
import { readText } from "../../formats/read-text.ts";
import { parseCsv } from "../../formats/text/csv-rows.ts";
import type { RowLabels } from "../../sources/row-labels.ts";

const tasksSchema = z.object({
  tasks: z.array(z.object({ name: z.string(), class: z.string() })).min(1),
});

/** What the class of tasks is called that ask for classes. */
const OF_CLASSES = "classes";

/**
 * One task per class, "is it this one?"; of two classes a single one, because both ask the same.
 *
 * @param labels The class of each thing.
 */
export function classLabels(labels: readonly string[]): RowLabels {
  const names = [...new Set(labels)].sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1));
  const asked = names.length === 2 ? names.slice(1) : names;
  const values = new Uint8Array(labels.length * asked.length);
  for (const [i, label] of labels.entries()) {
    const t = asked.indexOf(label);
    if (t >= 0) values[i * asked.length + t] = 1;
  }
  const tasks = asked.map((name) => ({ name, class: OF_CLASSES }));
  return { tasks, things: labels.length, values };
}

/** Answers that are 1 or 0. @throws {FormatError} naming the first that is not. */
function answers(where: string, values: ArrayLike<unknown>, columns: number): Uint8Array {
  return Uint8Array.from(values, (value, at) => {
    const answer = Number(value);
    if (value !== "" && (answer === 0 || answer === 1)) return answer;
    const place = `row ${Math.floor(at / columns)}, task ${at % columns}`;
    throw new FormatError(where, `answers are 0 or 1, but that of ${place} is ${value}.`);
  });
}

/** Integers of a class each, or answers [things, tasks] with tasks.json beside them. */
async function arrayLabels(path: string): Promise<RowLabels> {
  const file = await openNpy(path);
  const { shape, data } = await file.read().finally(() => file.close());
  if (shape.length === 1) return classLabels(Array.from(data, String));
  if (shape.length !== 2)
    throw new FormatError(path, `labels are [rows] or [rows, tasks], but this is [${shape}].`);
  const [things, columns] = shape as [number, number];
  const listed = join(dirname(path), "tasks.json");
  const tasks = existsSync(listed)
    ? await listedTasks(listed)
    : Array.from({ length: columns }, (_, t) => ({ name: `task ${t}`, class: "tasks" }));
  if (tasks.length !== columns)
    throw new FormatError(listed, `lists ${tasks.length} tasks, but ${path} has ${columns}.`);
  return { tasks, things, values: answers(path, data, columns) };
}

async function listedTasks(path: string): Promise<RowLabels["tasks"]> {
  let json: unknown;
  try {
    json = JSON.parse(await readText(path));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new FormatError(path, "is not JSON.", { cause });
  }
  const parsed = tasksSchema.safeParse(json);
  if (parsed.success) return parsed.data.tasks;
  throw new FormatError(path, 'expected { "tasks": [{ "name", "class" }, …] }.');
}

/** A column `class`, or the only one; otherwise a column of 0 and 1 for each task. */
async function csvLabels(path: string): Promise<RowLabels> {
  const { heading, rows } = parseCsv(await readText(path), path);
  const named = heading.indexOf("class");
  const only = heading.length === 1 ? 0 : -1;
  const column = named >= 0 ? named : only;
  if (column >= 0) return classLabels(rows.map((row) => row[column]!));
  const asked = Array.from(heading.keys()).filter((i) => heading[i] !== "file");
  if (asked.length === 0) throw new FormatError(path, "has no column of labels.");
  const values = answers(
    path,
    rows.flatMap((row) => asked.map((i) => row[i]!)),
    asked.length,
  );
  const tasks = asked.map((i) => ({ name: heading[i]!, class: "tasks" }));
  return { tasks, things: rows.length, values };
}

/**
 * Reads labels.
 *
 * @param path A folder or a .json with tasks (labels.npy beside it), a .npy or a .csv.
 * @throws {FormatError} naming what is wrong; {ConcordError} `file/missing`.
 */
export async function readLabels(path: string): Promise<RowLabels> {
  if (/\.csv$/i.test(path)) return csvLabels(path);
  if (/\.json$/i.test(path)) return arrayLabels(join(dirname(path), "labels.npy"));
  if (/\.npy$/i.test(path)) return arrayLabels(path);
  return arrayLabels(join(path, "labels.npy"));
}
