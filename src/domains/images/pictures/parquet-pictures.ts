/**
 * @file Pictures of a Parquet file: a column of coded bytes, and a column of labels. Data sets on
 *   the Hugging Face hub have a struct of `bytes` and `path` called `image`.
 */

import { basename } from "node:path";
import { type FileMetaData, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { ConcordError, FormatError, messageOf } from "../../../errors.ts";
import { readExactly, withFile } from "../../../formats/file-bytes.ts";
import { showName, showNames } from "../../../formats/show-name.ts";
import type { PictureClasses } from "../made.ts";
import { commonSize, decodingReader, type Encoded, type Reading } from "./encoded-pictures.ts";
import { classesOfLabels } from "./labels.ts";
import type { PictureSet } from "./picture-set.ts";

/** The columns of coded pictures are held whole. */
const COLUMN_BYTES_MAX = 2 ** 31;

/** Which columns are read. */
export interface ParquetColumns {
  /** Default `image`. */
  readonly image?: string | undefined;
  /** Default `label`, where there is one. */
  readonly label?: string | undefined;
}

function columnsOf(metadata: FileMetaData): string[] {
  return [
    ...new Set(
      metadata.row_groups.flatMap(({ columns }) =>
        columns.flatMap(({ meta_data }) => meta_data?.path_in_schema.slice(0, 1) ?? []),
      ),
    ),
  ];
}

function requireColumn(columns: readonly string[], name: string, key: string, path: string): void {
  if (columns.includes(name)) return;
  throw new FormatError(path, `it has no column "${showName(name)}".`, {
    hint: `It has ${showNames(columns)}. Set source.${key}.`,
  });
}

function requireSmall(metadata: FileMetaData, name: string, path: string): number {
  let bytes = 0;
  for (const { columns } of metadata.row_groups)
    for (const { meta_data } of columns)
      if (meta_data?.path_in_schema[0] === name) bytes += Number(meta_data.total_uncompressed_size);
  if (bytes <= COLUMN_BYTES_MAX) return bytes;
  throw new ConcordError(
    "format/too-large",
    `${path}: column ${showName(name)} takes ${bytes} bytes; at most ${COLUMN_BYTES_MAX} are read.`,
    { hint: "Save the pictures as a .npy array, which is read as it is needed." },
  );
}

/** The bytes of a cell: the cell itself, or its `bytes`. */
function codedBytes(cell: unknown): Uint8Array | undefined {
  if (cell instanceof Uint8Array) return cell;
  const inside = (cell as { readonly bytes?: unknown } | null | undefined)?.bytes;
  return inside instanceof Uint8Array ? inside : undefined;
}

/** Rows of some columns. */
async function rowsOf(path: string, wanted: ParquetColumns) {
  const { image = "image", label = "label" } = wanted;
  return withFile(path, async (opened) => {
    const file = {
      byteLength: opened.size,
      async slice(start: number, end = opened.size): Promise<ArrayBuffer> {
        const bytes = new Uint8Array(end - start);
        await readExactly(opened, bytes, start);
        return bytes.buffer;
      },
    };
    try {
      const metadata = await parquetMetadataAsync(file);
      const columns = columnsOf(metadata);
      requireColumn(columns, image, "image_column", path);
      if (wanted.label !== undefined) requireColumn(columns, label, "label_column", path);
      const bytes = requireSmall(metadata, image, path);
      const read = [image, ...(columns.includes(label) ? [label] : [])];
      const rows = await parquetReadObjects({
        file,
        metadata,
        columns: read,
        compressors,
        utf8: false,
      });
      return { rows, bytes, image, label: columns.includes(label) ? label : undefined };
    } catch (error) {
      if (error instanceof ConcordError) throw error;
      throw new FormatError(path, `its Parquet is damaged (${messageOf(error)}).`, {
        cause: error,
        hint: "Copy or download it again.",
      });
    }
  });
}

/**
 * Opens the pictures of a Parquet file.
 *
 * @throws {FormatError} for a damaged file, a column that is not there, or a cell without a
 *   picture; as `commonSize`.
 */
export async function openParquetPictures(
  path: string,
  columns: ParquetColumns,
  reading: Reading,
): Promise<PictureSet> {
  const { rows, bytes, image, label } = await rowsOf(path, columns);
  const name = (picture: number) => `${basename(path)}, row ${picture}`;
  if (rows.length === 0) throw new FormatError(path, "it has no rows.");
  const coded = rows.map((row, i) => {
    const found = codedBytes(row[image]);
    if (found) return found;
    throw new FormatError(name(i), `column "${showName(image)}" holds no bytes of a picture.`);
  });
  const encoded: Encoded = { count: rows.length, name, bytes: async (picture) => coded[picture]! };
  const size = await commonSize(encoded, reading);
  const classes: PictureClasses | undefined =
    label === undefined ? undefined : classesOfLabels(rows.map((row) => labelText(row[label])));
  return {
    count: rows.length,
    size,
    name,
    ...(classes && { classes }),
    memoryBytes: bytes,
    read: decodingReader(encoded, size),
    close: async () => undefined,
  };
}

function labelText(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : String(value);
}
