/**
 * @file .npy arrays, in memory and on disk. They are parsed whole, or opened so that ranges of rows
 *   can be read out of an array larger than memory. Tensors are always row-major; matrices stored
 *   by columns are turned while they are read, and big-endian numbers become little-endian.
 */

import { DTYPE_BYTES, type DType, type TypedArray } from "../base/dtype.ts";
import { elementCount, type Tensor, tensor } from "../base/tensor.ts";
import { ShapeError } from "../errors.ts";
import { type AtomicWriteOptions, writeFileAtomically } from "./atomic-file.ts";
import { type OpenFile, readExactly, withFile } from "./file-bytes.ts";
import {
  type NpyHeader,
  npyHeaderEnd,
  PREAMBLE_BYTES,
  parseNpyHeader,
  serializeNpyHeader,
} from "./npy-header.ts";
import { allocateElements, bytesOf, elementsOf, swapBytes } from "./typed-bytes.ts";

/**
 * Parses a whole .npy file.
 *
 * @param bytes The file; the tensor may share its memory.
 * @throws {FormatError} when the bytes break the format, or hold what Concord cannot use
 *   (structured dtypes, Python objects, Fortran order of three axes and more).
 */
export function parseNpy(bytes: Uint8Array, where = "npy"): Tensor {
  const end = npyHeaderEnd(bytes.subarray(0, PREAMBLE_BYTES), where);
  const header = parseNpyHeader(bytes.subarray(0, end), bytes.byteLength, where);
  const stored = header.bigEndian ? new Uint8Array(bytes.subarray(end)) : bytes.subarray(end);
  if (header.bigEndian) swapBytes(header.dtype, stored);
  const data = elementsOf(header.dtype, stored);
  return tensor(
    header.dtype,
    header.shape,
    header.fortranOrder ? turned(data, header, where) : data,
  );
}

/**
 * The bytes that numpy.save writes for the tensor.
 *
 * @throws {ConcordError} `argument/invalid` for bfloat16, which .npy does not have.
 */
export function serializeNpy(t: Tensor, version: 1 | 2 | 3 = 1): Uint8Array {
  const [header, data] = npyPieces(t, version);
  const bytes = new Uint8Array(header.byteLength + data.byteLength);
  bytes.set(header);
  bytes.set(data, header.byteLength);
  return bytes;
}

/** Writes a .npy file atomically, the data straight from the tensor's memory. */
export async function writeNpy(
  path: string,
  t: Tensor,
  options: AtomicWriteOptions = {},
): Promise<void> {
  await writeFileAtomically(path, npyPieces(t, 1), options);
}

/** An open .npy file, read by ranges of its first axis. */
export interface NpyFile {
  readonly path: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** The first axis; 1 for a scalar. */
  readonly rows: number;
  /** Elements of one row: the product of the other axes. */
  readonly rowElements: number;
  /** Reads the whole array into new memory. */
  read(): Promise<Tensor>;
  /**
   * Reads rows [start, start + count) into new memory. @throws {ShapeError} when they reach beyond
   * `rows`.
   */
  readRows(start: number, count: number): Promise<Tensor>;
  /**
   * Fills `into` with the row-major stored bytes of as many whole rows as it holds. A matrix stored
   * by columns costs one small pread a column.
   *
   * @throws {ShapeError} when they reach beyond `rows`, or `into` is not a whole number of rows.
   */
  readRowBytes(start: number, into: Uint8Array): Promise<void>;
  /**
   * Fills `into` with the row-major little-endian bytes from byte `offset` of the data on: whole
   * numbers, whole rows or not.
   *
   * @throws {ShapeError} when that reaches beyond the data, is not whole numbers, or the matrix is
   *   stored by columns.
   */
  readBytes(offset: number, into: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a .npy file, reading and checking its header only.
 *
 * @throws {FormatError} as `parseNpy`, {ConcordError} `file/missing` or `file/io`.
 */
export async function openNpy(path: string): Promise<NpyFile> {
  return withFile(
    path,
    async (file) => {
      const preamble = new Uint8Array(Math.min(PREAMBLE_BYTES, file.size));
      await readExactly(file, preamble, 0);
      const head = new Uint8Array(npyHeaderEnd(preamble, path));
      await readExactly(file, head, 0);
      return asNpy(file, parseNpyHeader(head, file.size, path));
    },
    true,
  );
}

function asNpy(file: OpenFile, header: NpyHeader): NpyFile {
  const { dtype, shape, dataStart } = header;
  const rows = shape[0] ?? 1;
  const rowElements = elementCount(shape.slice(1));
  const size = DTYPE_BYTES[dtype];

  /** The part of every column that belongs to the requested rows, transposed. */
  async function readColumns(start: number, count: number, into: Uint8Array): Promise<void> {
    // A matrix of no rows may claim any number of columns.
    if (into.byteLength === 0) return;
    const column = new Uint8Array(count * size);
    for (let c = 0; c < rowElements; c++) {
      await readExactly(file, column, dataStart + (c * rows + start) * size);
      for (let r = 0; r < count; r++)
        for (let b = 0; b < size; b++)
          into[(r * rowElements + c) * size + b] = column[r * size + b]!;
    }
  }

  function requireRows(start: number, count: number): void {
    if (!isSize(start) || !isSize(count) || start + count > rows)
      throw new ShapeError(
        file.path,
        `whole rows inside the ${rows} there are`,
        `rows ${start} to ${start + count}`,
      );
  }

  async function readRowBytes(start: number, into: Uint8Array): Promise<void> {
    const rowBytes = rowElements * size;
    const count = rowBytes === 0 ? 0 : into.byteLength / rowBytes;
    requireRows(start, count);
    if (header.fortranOrder) await readColumns(start, count, into);
    else await readExactly(file, into, dataStart + start * rowBytes);
    if (header.bigEndian) swapBytes(dtype, into);
  }

  async function readRows(start: number, count: number): Promise<Tensor> {
    requireRows(start, count);
    const data = allocateElements(dtype, count * rowElements, file.path);
    await readRowBytes(start, bytesOf(data));
    return tensor(dtype, shape.length === 0 ? [] : [count, ...shape.slice(1)], data);
  }

  async function readBytes(offset: number, into: Uint8Array): Promise<void> {
    const end = offset + into.byteLength;
    const isWhole = offset % size === 0 && into.byteLength % size === 0;
    if (header.fortranOrder || !isSize(offset) || !isWhole || end > file.size - dataStart)
      throw new ShapeError(
        file.path,
        `whole numbers inside the ${file.size - dataStart} bytes of a row-major array`,
        `bytes ${offset} to ${end}${header.fortranOrder ? " of one stored by columns" : ""}`,
      );
    await readExactly(file, into, dataStart + offset);
    if (header.bigEndian) swapBytes(dtype, into);
  }

  return {
    path: file.path,
    dtype,
    shape,
    rows,
    rowElements,
    read: () => readRows(0, rows),
    readRows,
    readRowBytes,
    readBytes,
    close: () => file.handle.close(),
  };
}

function isSize(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}

/** The bytes that numpy.save writes for a tensor: a header, and the tensor's own memory. */
export function npyPieces(t: Tensor, version: 1 | 2 | 3): [header: Uint8Array, data: Uint8Array] {
  tensor(t.dtype, t.shape, t.data);
  return [serializeNpyHeader(t.dtype, t.shape, version), bytesOf(t.data)];
}

/** A matrix stored by columns, row-major. */
function turned(data: TypedArray, { dtype, shape }: NpyHeader, where: string): TypedArray {
  const [rows, columns] = [shape[0]!, shape[1]!];
  const out = allocateElements(dtype, data.length, where);
  // A matrix of no rows may claim any number of columns.
  if (rows === 0) return out;
  for (let c = 0; c < columns; c++)
    for (let r = 0; r < rows; r++) out[r * columns + c] = data[c * rows + r]!;
  return out;
}
