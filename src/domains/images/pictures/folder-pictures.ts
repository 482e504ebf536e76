/** @file Pictures in the files of a folder; a sub-folder is a class. */

import { readFile } from "node:fs/promises";
import { relative, sep } from "node:path";
import { ConcordError } from "../../../errors.ts";
import { findFiles } from "../../../formats/find-files.ts";
import { ioError } from "../../../formats/io-error.ts";
import type { PictureClasses } from "../made.ts";
import { commonSize, decodingReader, type Encoded, type Reading } from "./encoded-pictures.ts";
import type { PictureSet } from "./picture-set.ts";

/** Endings of pictures. */
const PICTURES = /\.(png|jpe?g)$/i;

/** Classes by the first folder on each path; undefined where a file lies in none. */
function classesOf(names: readonly string[]): PictureClasses | undefined {
  const folders = names.map((name) => name.split("/")[0]!);
  if (names.some((name) => !name.includes("/"))) return undefined;
  const found = [...new Set(folders)].sort();
  return { names: found, of: Int32Array.from(folders, (folder) => found.indexOf(folder)) };
}

/**
 * All PNG and JPEG files below a folder, by their paths.
 *
 * @throws {ConcordError} `argument/invalid` for a folder without pictures.
 */
export async function picturePaths(folder: string): Promise<string[]> {
  const paths = (await findFiles(folder, PICTURES)) ?? [];
  if (paths.length > 0) return paths;
  throw new ConcordError(
    "argument/invalid",
    `${folder} has no .png, .jpg or .jpeg file in it or below it.`,
    { hint: "source.pictures names a folder of pictures, or one file of many (docs/images.md)." },
  );
}

/**
 * Opens all PNG and JPEG files below a folder, in the order of their paths.
 *
 * @throws {ConcordError} as `picturePaths` and `commonSize`.
 */
export async function openFolder(folder: string, reading: Reading): Promise<PictureSet> {
  const paths = await picturePaths(folder);
  const names = paths.map((path) => relative(folder, path).split(sep).join("/"));
  const encoded: Encoded = {
    count: paths.length,
    name: (picture) => names[picture]!,
    bytes: (picture) =>
      readFile(paths[picture]!).catch((error) => {
        throw ioError(error, "read", paths[picture]!);
      }),
  };
  const size = await commonSize(encoded, reading);
  const classes = classesOf(names);
  return {
    count: paths.length,
    size,
    name: encoded.name,
    ...(classes && { classes }),
    memoryBytes: 0,
    read: decodingReader(encoded, size),
    close: async () => undefined,
  };
}
