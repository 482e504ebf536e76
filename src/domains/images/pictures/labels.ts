/** @file Classes of pictures, from a file of labels. */

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { ConcordError, FormatError } from "../../../errors.ts";
import { readIdx } from "../../../formats/idx.ts";
import { ioError } from "../../../formats/io-error.ts";
import { openNpy } from "../../../formats/npy.ts";
import { showName } from "../../../formats/show-name.ts";
import { parseCsv } from "../../../formats/text/csv-rows.ts";
import type { PictureClasses } from "../made.ts";

/** A file of labels is read whole. */
const LABEL_BYTES_MAX = 2 ** 28;

/** More classes than anyone reads; a file of numbers that are not classes is refused. */
const CLASSES_MAX = 10_000;

/** Classes in the order of their names, numbers by size. */
export function classesOfLabels(labels: readonly string[]): PictureClasses {
  const isNumbers = labels.every((label) => /^-?\d+$/.test(label));
  const names = [...new Set(labels)].sort(isNumbers ? (a, b) => Number(a) - Number(b) : undefined);
  const index = new Map(names.map((name, i) => [name, i]));
  return { names, of: Int32Array.from(labels, (label) => index.get(label)!) };
}

/**
 * Labels of a .csv with a heading. With a column `file`, labels go by the names of pictures;
 * otherwise they come in the order of the pictures.
 */
async function csvLabels(path: string, names: readonly string[]): Promise<string[]> {
  const text = await readFile(path, "utf8").catch((error) => {
    throw ioError(error, "read", path);
  });
  const { heading, rows } = parseCsv(text, path);
  const column = (wanted: RegExp) => heading.findIndex((name) => wanted.test(name));
  const [file, label] = [column(/^(file|path|name|filename)$/i), column(/^(class|label)$/i)];
  if (label < 0)
    throw new FormatError(path, `its first line has no column "class" or "label".`, {
      hint: `It reads ${showName(heading.join(", "))}. Expected for instance: file,class`,
    });
  if (file < 0) return rows.map((row) => row[label]!);
  const byName = new Map(rows.map((row) => [row[file]!, row[label]!]));
  return names.map((name) => {
    const found = byName.get(name) ?? byName.get(basename(name));
    if (found !== undefined) return found;
    throw new FormatError(path, `it has no line for ${showName(name)}.`);
  });
}

/** Labels of an array of integers. */
async function arrayLabels(path: string): Promise<string[]> {
  if (!/\.npy$/i.test(path)) {
    const { shape, data } = await readIdx(path, LABEL_BYTES_MAX);
    if (shape.length === 1) return Array.from(data, String);
    throw new FormatError(path, `it has shape [${shape.join(", ")}], not one label per picture.`);
  }
  const file = await openNpy(path);
  try {
    if (file.shape.length !== 1 || !/^u?int/.test(file.dtype))
      throw new FormatError(
        path,
        `it has shape [${file.shape.join(", ")}] of ${file.dtype}, not one integer per picture.`,
      );
    const { data } = await file.read();
    return Array.from(data as ArrayLike<number | bigint>, String);
  } finally {
    await file.close();
  }
}

/**
 * Reads the classes of pictures.
 *
 * @param path  .csv, .npy of integers, or IDX.
 * @param names Of the pictures, in their order.
 * @throws {FormatError} for labels of another length, or that do not name every picture.
 */
export async function readLabels(path: string, names: readonly string[]): Promise<PictureClasses> {
  const labels = await (/\.csv$/i.test(path) ? csvLabels(path, names) : arrayLabels(path));
  if (labels.length !== names.length)
    throw new FormatError(
      path,
      `it has ${labels.length} labels, but there are ${names.length} pictures.`,
      { hint: "One label per picture is needed, in the same order." },
    );
  const classes = classesOfLabels(labels);
  if (classes.names.length <= CLASSES_MAX) return classes;
  throw new FormatError(path, `it names ${classes.names.length} classes; these are not labels.`);
}

/**
 * Gives classes the names of a config.
 *
 * @throws {ConcordError} `config/invalid` where there are no classes, or another number of them.
 */
export function namedClasses(
  classes: PictureClasses | undefined,
  names: readonly string[] | undefined,
): PictureClasses | undefined {
  if (names === undefined) return classes;
  const found = classes?.names.length ?? 0;
  if (classes && found === names.length)
    return { ...classes, names: classes.names.map((was, i) => `${was}: ${names[i]}`) };
  throw new ConcordError(
    "config/invalid",
    `source.class_names has ${names.length} names, but the pictures have ${found || "no"} classes.`,
    { hint: found === 0 ? "Give source.labels." : `In their order: ${classes!.names.join(", ")}.` },
  );
}
