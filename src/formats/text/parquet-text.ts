/** @file One column of text of a Parquet file, row group by row group. */

import { isUtf8 } from "node:buffer";
import { type FileMetaData, parquetMetadataAsync, parquetScan, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { ConcordError, FormatError, messageOf } from "../../errors.ts";
import { readExactly, withFile } from "../file-bytes.ts";
import { showName, showNames } from "../show-name.ts";
import type { TextFaults } from "./decode-text.ts";

/**
 * A row group's column is held whole. Writers make them of 128 MiB or less for all columns
 * together.
 */
const COLUMN_BYTES_MAX = 2 ** 30;

/**
 * The values of a column, in order; null where a row has none.
 *
 * @param faults Added to for bytes that are not UTF-8.
 * @throws {FormatError} when the file is damaged, has no such column, or the column is not text:
 *   the message names it and those that are text; {ConcordError} `format/too-large` for a row group
 *   with more than 1 GiB of it.
 */
export async function* parquetTexts(
  path: string,
  column: string,
  faults: TextFaults,
): AsyncGenerator<string | null> {
  const opened = await withFile(path, async (file) => file, true);
  const file = {
    byteLength: opened.size,
    async slice(start: number, end = opened.size): Promise<ArrayBuffer> {
      const bytes = new Uint8Array(end - start);
      await readExactly(opened, bytes, start);
      return bytes.buffer;
    },
  };
  const parsers = { stringFromBytes: (bytes: Uint8Array) => decodeCounting(bytes, faults) };
  try {
    const metadata = await orDamaged(path, parquetMetadataAsync(file));
    requireTextColumn(metadata, column, path);
    requireSmallGroups(metadata, column, path);
    const scan = { file, metadata, columns: [column], compressors, parsers };
    const { ranges, readColumn } = await orDamaged(path, parquetScan(scan));
    for (const range of ranges) {
      const values: ArrayLike<unknown> = await orDamaged(path, readColumn({ column, ...range }));
      for (let i = 0; i < values.length; i++) {
        const value = values[i];
        yield typeof value === "string" ? value : null;
      }
    }
  } finally {
    await opened.handle.close();
  }
}

function decodeCounting(bytes: Uint8Array, faults: TextFaults): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  faults.characters += text.length;
  if (!isUtf8(bytes)) faults.replaced += text.split("\ufffd").length - 1;
  return text;
}

async function orDamaged<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ConcordError) throw error;
    throw new FormatError(path, `it cannot be read as Parquet (${showName(messageOf(error))}).`, {
      hint: "Copy or download it again, or write the texts as JSON Lines.",
      cause: error,
    });
  }
}

/** What a column holds, in words; undefined when it is text. */
function otherThanText({
  children,
  element,
}: ReturnType<typeof parquetSchema>): string | undefined {
  if (children.length > 0) return "nested (a list or a struct)";
  if (element.repetition_type === "REPEATED") return "a list";
  const kind = element.converted_type ?? element.logical_type?.type;
  if (element.type !== "BYTE_ARRAY") return `of type ${element.type ?? "unknown"}`;
  return kind === undefined || ["UTF8", "STRING", "ENUM"].includes(kind)
    ? undefined
    : `of type ${kind}`;
}

function requireSmallGroups(metadata: FileMetaData, column: string, path: string): void {
  for (const [n, { columns }] of metadata.row_groups.entries()) {
    const chunk = columns.find((c) => c.meta_data?.path_in_schema.join(".") === column);
    const size = Number(chunk?.meta_data?.total_uncompressed_size ?? 0);
    if (size > COLUMN_BYTES_MAX)
      throw new ConcordError(
        "format/too-large",
        `${path}: row group ${n} has ${size} bytes of ${showName(column)}; at most ${COLUMN_BYTES_MAX} are read.`,
        { hint: "Write it again with smaller row groups." },
      );
  }
}

function requireTextColumn(metadata: FileMetaData, column: string, path: string): void {
  const columns = parquetSchema(metadata).children;
  const found = columns.find(({ element }) => element.name === column);
  const problem = found ? otherThanText(found) : undefined;
  if (found && problem === undefined) return;
  const texts = columns.filter((c) => otherThanText(c) === undefined).map((c) => c.element.name);
  throw new FormatError(
    path,
    found
      ? `its column "${showName(column)}" is ${problem}, not text.`
      : `it has no column "${showName(column)}".`,
    {
      hint:
        texts.length > 0
          ? `Name the column of text (text_column, --text-column). Columns of text: ${showNames(texts)}.`
          : `No column is text. Columns: ${showNames(columns.map((c) => c.element.name))}.`,
    },
  );
}
