/** @file Opens whatever holds an array (.npy, .safetensors, raw numbers, memory) as rows [rows, d_in]. */

import { extname } from "node:path";
import { ConcordError, expected, FormatError } from "../../errors.ts";
import { openForReading, readExactly } from "../../formats/file-bytes.ts";
import { openNpy } from "../../formats/npy.ts";
import { openSafetensors, type SafetensorsFile } from "../../formats/safetensors-file.ts";
import { showName, showNames } from "../../formats/show-name.ts";
import { DTYPE_BYTES, DTYPES, type DType } from "../../tensor/dtype.ts";
import { elementCount, showShape, type Tensor, tensor } from "../../tensor/tensor.ts";
import { rowsInMemory, type StoredRows } from "../rows/stored-rows.ts";

/** An array in a file. */
export interface ArrayFile {
  /** `.npy` and `.safetensors` are known by their extension; anything else is raw numbers. */
  readonly path: string;
  /** Which tensor of a .safetensors file; may be left out when just one has two axes. */
  readonly tensor?: string;
  /** Raw numbers only: their dtype, little-endian. */
  readonly dtype?: DType;
  /** Raw numbers only: numbers to a row. */
  readonly dIn?: number;
  /** Raw numbers only: bytes before the first row. Default 0. */
  readonly headerBytes?: number;
}

/** An array in memory, which the source reads in place: do not change it while the source is open. */
export type ArrayInMemory =
  | { readonly data: Tensor }
  | { readonly data: Float32Array; readonly dIn: number };

/**
 * Opens an array. The last axis is d_in, all others together are the rows.
 *
 * @throws {FormatError} for damaged files; {ConcordError} `argument/invalid` for options that do not go together, saying which
 *   would.
 */
export async function openArrayRows(array: ArrayFile | ArrayInMemory): Promise<StoredRows> {
  if ("data" in array) return memoryRows(array);
  const extension = extname(array.path).toLowerCase();
  if (extension === ".npy") return npyRows(refuseRawOptions(array, ".npy"));
  if (extension === ".safetensors") return safetensorsRows(refuseRawOptions(array, ".safetensors"));
  return rawRows(array);
}

function memoryRows(array: ArrayInMemory): StoredRows {
  if (!(array.data instanceof Float32Array)) {
    const { dtype, shape, data } = array.data as Tensor;
    tensor(dtype, shape, data);
    return rowsInMemory(dtype, lastAxis(shape, "data"), data);
  }
  const { data, dIn } = array as { data: Float32Array; dIn: number };
  if (!Number.isSafeInteger(dIn) || dIn < 1 || data.length % dIn !== 0)
    throw expected("dIn", `a divisor of the ${data.length} elements of data`, dIn);
  return rowsInMemory("float32", dIn, data);
}

async function npyRows({ path }: ArrayFile): Promise<StoredRows> {
  const file = await openNpy(path);
  try {
    const { shape, dtype } = file;
    const dIn = lastAxis(shape, path);
    const rowBytes = dIn * DTYPE_BYTES[dtype];
    return {
      dtype,
      dIn,
      rows: elementCount(shape) / dIn,
      scratchBytes: 0,
      // Only matrices can be stored by columns; of other arrays a row is no slice of the first axis.
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

async function safetensorsRows({ path, tensor: wanted }: ArrayFile): Promise<StoredRows> {
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
      scratchBytes: 0,
      read: (start, into) => file.readBytes(name, start * rowBytes, into),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The tensor that must be meant: the only one of two axes, or the only one of two and more. */
function onlyMatrix(file: SafetensorsFile): string {
  const rank = (name: string): number => file.entry(name).shape.length;
  const matrices = file.names.filter((name) => rank(name) === 2);
  const candidates = matrices.length > 0 ? matrices : file.names.filter((name) => rank(name) > 2);
  if (candidates.length === 1) return candidates[0]!;
  const shown = file.names.map((n) => `${showName(n)} ${showShape(file.entry(n).shape)}`);
  throw new ConcordError(
    "argument/invalid",
    `${file.path} has ${candidates.length} tensors that could be activations; say which is meant.`,
    { hint: `Set tensor to one of ${showNames(shown)}.` },
  );
}

async function rawRows({ path, dtype, dIn, headerBytes = 0 }: ArrayFile): Promise<StoredRows> {
  if (dtype === undefined || dIn === undefined)
    throw new ConcordError(
      "argument/invalid",
      `${path} is neither .npy nor .safetensors; as raw numbers it needs dtype and dIn.`,
      { hint: 'Say for instance dtype: "float32", dIn: 768.' },
    );
  if (!DTYPES.includes(dtype)) throw expected("dtype", `one of ${DTYPES.join(", ")}`, dtype);
  if (!Number.isSafeInteger(dIn) || dIn < 1) throw expected("dIn", "a positive integer", dIn);
  if (!Number.isSafeInteger(headerBytes) || headerBytes < 0)
    throw expected("headerBytes", "a non-negative integer", headerBytes);
  const file = await openForReading(path);
  const rowBytes = dIn * DTYPE_BYTES[dtype];
  if (file.size < headerBytes || (file.size - headerBytes) % rowBytes !== 0) {
    await file.handle.close();
    throw new FormatError(
      path,
      `${file.size - headerBytes} bytes are no whole number of rows of ${dIn} ${dtype} (${rowBytes} bytes each).`,
      { hint: "Check dtype, dIn and headerBytes; or the file was cut short." },
    );
  }
  return {
    dtype,
    dIn,
    rows: (file.size - headerBytes) / rowBytes,
    scratchBytes: 0,
    read: (row, into) => readExactly(file, into, headerBytes + row * rowBytes),
    close: () => file.handle.close(),
  };
}

function lastAxis(shape: readonly number[], where: string): number {
  const dIn = shape.at(-1);
  if (dIn !== undefined && dIn > 0) return dIn;
  throw new ConcordError(
    "argument/invalid",
    `${where} has shape ${showShape(shape)}; activations need a last axis of at least 1, d_in.`,
  );
}

function refuseRawOptions(array: ArrayFile, extension: string): ArrayFile {
  for (const option of ["dtype", "dIn", "headerBytes"] as const)
    if (array[option] !== undefined)
      throw new ConcordError(
        "argument/invalid",
        `${option} is for raw numbers; ${array.path} is ${extension} and says it itself.`,
        { hint: `Leave ${option} out.` },
      );
  return array;
}
