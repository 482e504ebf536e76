/**
 * @file Pictures of an HDF5 file, as GalaxyMNIST has them: an array `images` of unsigned bytes
 *   [n, h, w, c], and `labels` beside it. Pictures are read as they are needed.
 */

import { basename } from "node:path";
import type { Dataset, File, Group } from "h5wasm/node";
import { ConcordError, FormatError, messageOf } from "../../../errors.ts";
import { showName, showNames } from "../../../formats/show-name.ts";
import type { PictureClasses } from "../made.ts";
import { arrayOfPictures } from "./array-size.ts";
import { loadH5wasm } from "./h5wasm.ts";
import { classesOfLabels } from "./labels.ts";
import { pictureRuns } from "./picture-runs.ts";
import { type PictureSet, pictureBytes } from "./picture-set.ts";

/** Pictures of a file, and bytes of a picture, at most: a damaged file may promise anything. */
const PICTURES_MAX = 2 ** 24;
const BYTES_MAX = 2 ** 28;

/** Which arrays are read, by their paths in the file. */
export interface Hdf5Arrays {
  /** Default `images`. */
  readonly image?: string | undefined;
  /** Default `labels`, where there is one. */
  readonly label?: string | undefined;
}

/** `uint8`, `int64`, `float32`: what numpy calls the type of an array. */
function typeOf({ metadata }: Dataset): string {
  const { type, signed, size } = metadata;
  // H5T_INTEGER and H5T_FLOAT.
  if (type === 0) return `${signed ? "int" : "uint"}${8 * size}`;
  return type === 1 ? `float${8 * size}` : "not numbers";
}

function isDataset(found: unknown): found is Dataset {
  return (found as { readonly type?: unknown } | null)?.type === "Dataset";
}

/** @throws {FormatError} naming the arrays that there are. */
function arrayNamed(file: File, name: string, key: string, path: string): Dataset {
  const found = file.get(name);
  if (isDataset(found)) return found;
  const there = file.keys().filter((one) => isDataset((file as Group).get(one)));
  throw new FormatError(path, `it has no array "${showName(name)}".`, {
    hint:
      there.length > 0 ? `It has ${showNames(there)}. Set source.${key}.` : `Set source.${key}.`,
  });
}

/** Calls the library. @throws {FormatError} in place of its own errors, which have many lines. */
function reading<Found>(path: string, read: () => Found): Found {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConcordError) throw error;
    const [line] = messageOf(error).split("\n");
    throw new FormatError(path, `its HDF5 is damaged (${line!.trim().slice(0, 120)}).`, {
      cause: error,
      hint: "Copy or download it again.",
    });
  }
}

function classesIn(labels: Dataset, count: number, path: string): PictureClasses {
  const { shape } = labels;
  if (shape?.length !== 1 || shape[0] !== count || !/^u?int/.test(typeOf(labels)))
    throw new FormatError(
      path,
      `its labels have shape [${shape?.join(", ")}] of ${typeOf(labels)}, not one integer for each of ${count} pictures.`,
      { hint: "Name another array: source.label_column." },
    );
  return classesOfLabels(Array.from(labels.value as ArrayLike<number | bigint>, String));
}

/**
 * Opens the pictures of an HDF5 file.
 *
 * @throws {ConcordError} `backend/unavailable` without h5wasm.
 * @throws {FormatError} for a damaged file, and for arrays of another shape or type.
 */
export async function openHdf5Pictures(path: string, arrays: Hdf5Arrays): Promise<PictureSet> {
  const { File } = await loadH5wasm(path);
  const file = reading(path, () => new File(path, "r"));
  const close = async () => {
    file.close();
  };
  try {
    return reading(path, () => {
      const images = arrayNamed(file, arrays.image ?? "images", "image_column", path);
      const { count, size } = arrayOfPictures(path, images.shape ?? [], typeOf(images));
      const each = pictureBytes(size);
      if (count > PICTURES_MAX || each > BYTES_MAX)
        throw new FormatError(
          path,
          `it has ${count} pictures of ${each} bytes, which is too many.`,
        );
      const { label } = arrays;
      const hasLabels = label !== undefined || file.keys().includes("labels");
      const labels = hasLabels && arrayNamed(file, label ?? "labels", "label_column", path);
      const classes = labels ? classesIn(labels, count, path) : undefined;
      // Whole pictures: all of the other axes.
      const rest = Array.from({ length: images.shape!.length - 1 }, (): [] => []);
      return {
        count,
        size,
        name: (picture) => `${basename(path)}, picture ${picture}`,
        ...(classes && { classes }),
        memoryBytes: 0,
        async read(pictures) {
          const out = new Uint8Array(pictures.length * each);
          for (const { first, n, at } of pictureRuns(pictures))
            out.set(
              reading(path, () => images.slice([[first, first + n], ...rest])) as Uint8Array,
              at * each,
            );
          return out;
        },
        close,
      };
    });
  } catch (error) {
    await close();
    throw error;
  }
}
