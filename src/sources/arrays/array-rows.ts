/** @file Opens an array (.npy, .safetensors, raw numbers, memory) as rows [rows, d_in]. */

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { DTYPE_BYTES, DTYPES, type DType } from "../../base/dtype.ts";
import { elementCount, showShape, type Tensor, tensor } from "../../base/tensor.ts";
import { ConcordError, expected, FormatError } from "../../errors.ts";
import { readExactly, withFile } from "../../formats/file-bytes.ts";
import { type FileKind, fileKind, KIND_BYTES } from "../../formats/file-kind.ts";
import { openNpy } from "../../formats/npy.ts";
import { openSafetensors, type SafetensorsFile } from "../../formats/safetensors-file.ts";
import { showName, showNames } from "../../formats/show-name.ts";
import type { NamedRows } from "../rows/joined-rows.ts";
import { rowsInMemory, type StoredRows } from "../rows/stored-rows.ts";
import { INDEX_FILE } from "../shards/shard-index.ts";
import { arrayFiles } from "./array-files.ts";

/** An array in one file, or in several consecutive files. */
export interface ArrayFile {
  /**
   * A file, a pattern such as `acts/*.npy`, or a list of both; see array-files.ts. `.npy` and
   * `.safetensors` are known by their content; anything that is not another kind of file is raw
   * numbers.
   */
  readonly path: string | readonly string[];
  /** The tensor of a .safetensors file; optional if exactly one has two axes. */
  readonly tensor?: string;
  /** Raw numbers only: their dtype, little-endian. */
  readonly dtype?: DType;
  /** Raw numbers only: numbers per row. */
  readonly dIn?: number;
  /** Raw numbers only: bytes before the first row. Default 0. */
  readonly headerBytes?: number;
}

/**
 * An array in memory, which the source reads in place: do not change it while the source is open.
 */
export type ArrayInMemory =
  | { readonly data: Tensor }
  | { readonly data: Float32Array; readonly dIn: number };

/**
 * Opens an array. The last axis is d_in, all others together are the rows.
 *
 * @returns The rows of every file, or of the memory; at least one part, and none without rows.
 * @throws {FormatError} for damaged files; {ConcordError} `argument/invalid` for options that do
 *   not go together, saying which would, and for files that hold no activations, saying what they
 *   are.
 */
export async function openArrayParts(array: ArrayFile | ArrayInMemory): Promise<NamedRows[]> {
  if ("data" in array) return [{ name: "data", rows: withRows(memoryRows(array), "data") }];
  const parts: NamedRows[] = [];
  try {
    for (const path of await arrayFiles(array.path))
      parts.push({ name: path, rows: await openFileRows({ ...array, path }) });
    return parts;
  } catch (error) {
    for (const { rows } of parts) await rows.close();
    throw error;
  }
}

/** A single array file. */
type OneFile = Omit<ArrayFile, "path"> & { readonly path: string };

async function openFileRows(array: OneFile): Promise<StoredRows> {
  const { path, headerBytes = 0 } = array;
  refuseFolder(path);
  // Whoever skips a header knows the kind of the file.
  const rows = await (headerBytes === 0 ? rowsOfKind(array, await kindOf(array)) : rawRows(array));
  try {
    return withRows(rows, path);
  } catch (error) {
    await rows.close();
    throw error;
  }
}

function rowsOfKind(array: OneFile, kind: FileKind | undefined): Promise<StoredRows> {
  if (kind?.format === "npy") return npyRows(refuseRawOptions(array, kind.name));
  if (kind?.format === "safetensors") return safetensorsRows(refuseRawOptions(array, kind.name));
  if (kind !== undefined)
    throw new ConcordError("argument/invalid", `${array.path} is ${kind.name}, not an array.`, {
      hint: kind.hint,
    });
  // The reader of each format describes best what is damaged.
  if (/\.npy$/i.test(array.path)) return npyRows(array);
  if (/\.safetensors$/i.test(array.path)) return safetensorsRows(array);
  return rawRows(array);
}

/** The kind of a file; undefined for raw numbers. */
async function kindOf({ path, dtype }: OneFile): Promise<FileKind | undefined> {
  return withFile(path, async (file) => {
    if (file.size === 0)
      throw new FormatError(path, "the file is empty.", { hint: "Save or copy it again." });
    const head = new Uint8Array(Math.min(KIND_BYTES, file.size));
    await readExactly(file, head, 0);
    const kind = fileKind(head, file.size);
    // Small integers may happen to be the codes of letters.
    const isBytes = dtype !== undefined && DTYPE_BYTES[dtype] === 1;
    return isBytes && kind?.name === "text" ? undefined : kind;
  });
}

function refuseFolder(path: string): void {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const isStore = existsSync(join(path, INDEX_FILE));
  throw new ConcordError(
    "argument/invalid",
    `${path} is ${isStore ? "an activation store" : "a folder"}, not an array.`,
    {
      hint: isStore
        ? "Use source kind shards for it."
        : `Name files in it, for instance ${join(path, "*.npy")}.`,
    },
  );
}

function withRows(rows: StoredRows, where: string): StoredRows {
  if (rows.rows > 0) return rows;
  throw new ConcordError("argument/invalid", `${where} holds 0 rows of d_in ${rows.dIn}.`, {
    hint: "At least one row is needed: check the program that wrote it.",
  });
}

function memoryRows(array: ArrayInMemory): StoredRows {
  if (!(array.data instanceof Float32Array)) {
    const { dtype, shape, data } = array.data as Tensor;
    tensor(dtype, shape, data);
    const innerRows = shape.length > 2 ? shape.at(-2) : undefined;
    return { ...rowsInMemory(dtype, lastAxis(shape, "data"), data), innerRows };
  }
  const { data, dIn } = array as { data: Float32Array; dIn: number };
  if (!Number.isSafeInteger(dIn) || dIn < 1 || data.length % dIn !== 0)
    throw expected("d_in", `a divisor of the ${data.length} elements of data`, dIn);
  return rowsInMemory("float32", dIn, data);
}

async function npyRows({ path }: OneFile): Promise<StoredRows> {
  const file = await openNpy(path);
  try {
    const { shape, dtype } = file;
    const dIn = lastAxis(shape, path);
    const rowBytes = dIn * DTYPE_BYTES[dtype];
    return {
      dtype,
      dIn,
      rows: elementCount(shape) / dIn,
      innerRows: shape.length > 2 ? shape.at(-2) : undefined,
      scratchBytes: 0,
      // Only matrices can be stored by columns; a row of other arrays is not a slice of the first
      // axis.
      read: (start, into) =>
        shape.length === 2
          ? file.readRowBytes(start, into)
          : file.readBytes(start * rowBytes, into),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function safetensorsRows({ path, tensor: wanted }: OneFile): Promise<StoredRows> {
  const file = await openSafetensors(path);
  try {
    const name = wanted ?? onlyMatrix(file);
    const { dtype, shape } = file.entry(name);
    const dIn = lastAxis(shape, `${path}, tensor ${showName(name)}`);
    const rowBytes = dIn * DTYPE_BYTES[dtype];
    return {
      dtype,
      dIn,
      rows: elementCount(shape) / dIn,
      innerRows: shape.length > 2 ? shape.at(-2) : undefined,
      scratchBytes: 0,
      read: (start, into) => file.readBytes(name, start * rowBytes, into),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The tensor that is meant: the only one with two axes, or the only one with two or more. */
function onlyMatrix(file: SafetensorsFile): string {
  const rank = (name: string): number => file.entry(name).shape.length;
  const matrices = file.names.filter((name) => rank(name) === 2);
  const candidates = matrices.length > 0 ? matrices : file.names.filter((name) => rank(name) > 2);
  if (candidates.length === 1) return candidates[0]!;
  const shown = file.names.map((n) => `${showName(n)} ${showShape(file.entry(n).shape)}`);
  if (candidates.length === 0)
    throw new ConcordError(
      "argument/invalid",
      `${file.path} has no tensor of two axes, [rows, d_in], that can be read.`,
      { hint: shown.length === 0 ? "It has none at all." : `It has ${showNames(shown)}.` },
    );
  throw new ConcordError(
    "argument/invalid",
    `${file.path} has ${candidates.length} tensors that could be activations; say which is meant.`,
    { hint: `Set tensor to one of ${showNames(shown)}.` },
  );
}

async function rawRows({ path, dtype, dIn, headerBytes = 0 }: OneFile): Promise<StoredRows> {
  if (dtype === undefined || dIn === undefined)
    throw new ConcordError(
      "argument/invalid",
      `${path} is neither .npy nor .safetensors; as raw numbers it needs dtype and d_in.`,
      { hint: "Say for instance dtype float32 and d_in 768 (--dtype float32 --d-in 768)." },
    );
  if (!DTYPES.includes(dtype)) throw expected("dtype", `one of ${DTYPES.join(", ")}`, dtype);
  if (!Number.isSafeInteger(dIn) || dIn < 1) throw expected("d_in", "a positive integer", dIn);
  if (!Number.isSafeInteger(headerBytes) || headerBytes < 0)
    throw expected("headerBytes", "a non-negative integer", headerBytes);
  const rowBytes = dIn * DTYPE_BYTES[dtype];
  return withFile(
    path,
    async (file) => {
      const dataBytes = file.size - headerBytes;
      if (dataBytes < 0 || dataBytes % rowBytes !== 0)
        throw new FormatError(
          path,
          `${dataBytes} bytes are not a whole number of rows of ${dIn} ${dtype} (${rowBytes} bytes each).`,
          { hint: "Check dtype and d_in; or the file is truncated." },
        );
      return {
        dtype,
        dIn,
        rows: dataBytes / rowBytes,
        scratchBytes: 0,
        read: (row, into) => readExactly(file, into, headerBytes + row * rowBytes),
        close: () => file.handle.close(),
      };
    },
    true,
  );
}

function lastAxis(shape: readonly number[], where: string): number {
  const dIn = shape.at(-1);
  const found = `${where} has shape ${showShape(shape)}`;
  if (shape.length < 2)
    throw new ConcordError(
      "argument/invalid",
      `${found}; activations need at least two axes, [rows, d_in].`,
      {
        hint:
          shape.length === 1
            ? "Save x.reshape(-1, d_in); a single row is x[None, :], rows of one number x[:, None]."
            : "Save an array of rows.",
      },
    );
  if (dIn !== undefined && dIn > 0) return dIn;
  throw new ConcordError(
    "argument/invalid",
    `${found}; activations need a last axis of at least 1, d_in.`,
  );
}

function refuseRawOptions(array: OneFile, kind: string): OneFile {
  for (const [option, value] of [
    ["dtype", array.dtype],
    ["d_in", array.dIn],
  ] as const)
    if (value !== undefined)
      throw new ConcordError(
        "argument/invalid",
        `${option} is for raw numbers; ${array.path} is ${kind} and says it itself.`,
        { hint: `Leave ${option} out.` },
      );
  return array;
}
