/** @file From the `source` of a config to an open set of pictures with their classes. */

import { existsSync, type Stats, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { ConcordError, ConfigError } from "../../../errors.ts";
import { readExactly, withFile } from "../../../formats/file-bytes.ts";
import { packingOf } from "../../../formats/text/unpack.ts";
import type { ImagesConfig } from "../schema.ts";
import type { Reading } from "./encoded-pictures.ts";
import { openFolder, picturePaths } from "./folder-pictures.ts";
import { openHdf5Pictures } from "./hdf5-pictures.ts";
import { labelsBeside, openIdxPictures } from "./idx-pictures.ts";
import { namedClasses, readLabels } from "./labels.ts";
import { openMade } from "./made-pictures.ts";
import { openNpyPictures } from "./npy-pictures.ts";
import { openParquetPictures } from "./parquet-pictures.ts";
import type { PictureSet } from "./picture-set.ts";
import { readInSize } from "./read-in-size.ts";

/** What a config says of how pictures are read. */
export type PicturesConfig = Pick<
  ImagesConfig,
  | "pictures"
  | "labels"
  | "classNames"
  | "imageColumn"
  | "labelColumn"
  | "maxPictures"
  | "color"
  | "resize"
>;

/** Endings of HDF5 files. */
const HDF5 = /\.(h5|hdf5)$/i;

/** What a file is by its first bytes; undefined for none that has pictures. */
async function formatOf(path: string): Promise<"npy" | "parquet" | "hdf5" | "idx" | undefined> {
  const head = await withFile(path, async (file) => {
    const bytes = new Uint8Array(Math.min(16, file.size));
    await readExactly(file, bytes, 0);
    return bytes;
  });
  const text = Buffer.from(head).toString("latin1");
  if (text.startsWith("\x93NUMPY")) return "npy";
  if (text.startsWith("PAR1")) return "parquet";
  if (text.startsWith("\x89HDF")) return "hdf5";
  if (/^(\x89PNG|\xff\xd8\xff)/.test(text))
    throw new ConcordError("argument/invalid", `${path} is a single picture.`, {
      hint: "source.pictures names a folder of pictures, or one file of many.",
    });
  // An IDX array in a .gz shows itself once it is unpacked; another .gz is refused there.
  if (packingOf(head) === "gzip" || text.startsWith("\0\0")) return "idx";
  if (/\.npy$/i.test(path)) return "npy";
  if (/\.parquet$/i.test(path)) return "parquet";
  if (HDF5.test(path)) return "hdf5";
  return /idx\d/i.test(path) ? "idx" : undefined;
}

async function openFile(
  path: string,
  config: PicturesConfig,
  reading: Reading,
): Promise<PictureSet> {
  const format = await formatOf(path);
  if (format === "npy") return readInSize(await openNpyPictures(path), reading);
  if (format === "idx") return readInSize(await openIdxPictures(path), reading);
  const columns = { image: config.imageColumn, label: config.labelColumn };
  if (format === "parquet") return openParquetPictures(path, columns, reading);
  if (format === "hdf5") return readInSize(await openHdf5Pictures(path, columns), reading);
  throw new ConcordError("argument/invalid", `${path} holds no pictures that are read.`, {
    hint: "Read are folders of PNG and JPEG, IDX (also .gz), .npy, .parquet and HDF5.",
  });
}

/** The file of labels that a config or the place of the pictures names; undefined for none. */
function labelsPath(path: string | undefined, labels: string | undefined, baseFolder: string) {
  if (labels !== undefined) return resolve(baseFolder, labels);
  if (path === undefined) return undefined;
  const inFolder = join(path, "labels.csv");
  return existsSync(inFolder) ? inFolder : labelsBeside(path);
}

/** What lies at a path. @throws {ConcordError} `file/missing`. */
function statOf(path: string): Stats {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found) return found;
  throw new ConcordError("file/missing", `Expected pictures at ${path}, which does not exist.`, {
    hint: "A relative path in a config starts at the config's folder.",
  });
}

async function openSet(config: PicturesConfig, baseFolder: string): Promise<PictureSet> {
  const { pictures, resize, color } = config;
  const channels = color === undefined ? undefined : color === "gray" ? 1 : 3;
  const reading: Reading = { resize, channels };
  const hasColumns =
    typeof pictures === "string" && (/\.parquet$/i.test(pictures) || HDF5.test(pictures));
  const idle = (["imageColumn", "labelColumn"] as const).find((key) => config[key] !== undefined);
  if (idle !== undefined && !hasColumns)
    throw new ConfigError(
      `source.${idle === "imageColumn" ? "image_column" : "label_column"} is for .parquet and HDF5 files alone.`,
      { hint: "Leave it out." },
    );
  if (typeof pictures !== "string") return readInSize(await openMade(pictures), reading);
  const path = resolve(baseFolder, pictures);
  return statOf(path).isDirectory() ? openFolder(path, reading) : openFile(path, config, reading);
}

/**
 * The files that decide what the pictures of a config are, by a name for each. None is read.
 *
 * @throws {ConcordError} `file/missing`, and as `picturePaths`.
 */
export async function pictureFiles(
  config: PicturesConfig,
  baseFolder: string,
): Promise<[name: string, path: string][]> {
  if (typeof config.pictures !== "string") return [];
  const path = resolve(baseFolder, config.pictures);
  const isFolder = statOf(path).isDirectory();
  const paths = isFolder ? await picturePaths(path) : [path];
  const labels = labelsPath(path, config.labels, baseFolder);
  const named = paths.map((file): [string, string] => [relative(path, file), file]);
  return labels === undefined ? named : [...named, ["labels", labels]];
}

/**
 * Opens the pictures of a config.
 *
 * @throws {ConcordError} naming the file or key that does not fit.
 */
export async function openPictures(
  config: PicturesConfig,
  baseFolder: string,
): Promise<PictureSet> {
  const set = await openSet(config, baseFolder);
  try {
    if (set.count < 2)
      throw new ConcordError(
        "argument/invalid",
        `There is ${set.count} picture; at least 2 are needed, one to train on and one held out.`,
      );
    const path =
      typeof config.pictures === "string" ? resolve(baseFolder, config.pictures) : undefined;
    const labels = labelsPath(path, config.labels, baseFolder);
    const names = Array.from({ length: set.count }, (_, picture) => set.name(picture));
    const classes = labels === undefined ? set.classes : await readLabels(labels, names);
    const named = namedClasses(classes, config.classNames);
    return { ...set, ...(named && { classes: named }) };
  } catch (error) {
    await set.close();
    throw error;
  }
}
