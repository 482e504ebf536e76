/**
 * @file The header of a GGUF file: metadata by key, and where each tensor lies. The weights stay on
 *   disk.
 *
 *   "GGUF", uint32 version (2 or 3), uint64 tensors, uint64 keys
 *   per key:    string name, uint32 type, value
 *   per tensor: string name, uint32 n, n × uint64 (fastest dimension first), uint32 type,
 *               uint64 offset from the data, which begins at the next multiple of the alignment
 *
 * A string is a uint64 length and UTF-8 bytes. Little-endian. Source: the GGUF specification of
 * ggml-org/ggml (docs/gguf.md). Big-endian files and version 1 are refused.
 */

import { isUtf8 } from "node:buffer";
import { ConcordError, FormatError } from "../../errors.ts";
import { type OpenFile, readExactly, withFile } from "../file-bytes.ts";
import { showName } from "../show-name.ts";
import { blockTypeOf, type GgufBlockType } from "./block-types.ts";

/** A value of the metadata; 64-bit integers that a number cannot hold are refused. */
export type GgufValue = number | boolean | string | readonly GgufValue[];

/** Where a tensor lies. */
export interface GgufTensor {
  readonly name: string;
  /** Slowest dimension first, as elsewhere in Concord. */
  readonly shape: readonly number[];
  readonly type: GgufBlockType;
  /** Of its first byte in the file. */
  readonly offset: number;
  readonly byteLength: number;
}

/** What a header says. */
export interface GgufHeader {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

/** Headers of large models have some 20 MB: their vocabulary. */
const HEADER_BYTES_MAX = 256 * 2 ** 20;
/** Read first; doubled while the header goes on. */
const FIRST_BYTES = 2 ** 20;
const NAME_BYTES_MAX = 65_535;
const DIMENSIONS_MAX = 8;
const ARRAY_DEPTH_MAX = 2;
const DEFAULT_ALIGNMENT = 32;

/** Thrown inside when the bytes read so far end too early. */
class NeedsMore extends Error {}

/** Values by their type numbers, those of one size. */
const SCALARS: Readonly<
  Record<number, readonly [bytes: number, read: (v: DataView, at: number) => number | bigint]>
> = {
  0: [1, (v, at) => v.getUint8(at)],
  1: [1, (v, at) => v.getInt8(at)],
  2: [2, (v, at) => v.getUint16(at, true)],
  3: [2, (v, at) => v.getInt16(at, true)],
  4: [4, (v, at) => v.getUint32(at, true)],
  5: [4, (v, at) => v.getInt32(at, true)],
  6: [4, (v, at) => v.getFloat32(at, true)],
  10: [8, (v, at) => v.getBigUint64(at, true)],
  11: [8, (v, at) => v.getBigInt64(at, true)],
  12: [8, (v, at) => v.getFloat64(at, true)],
};
const [BOOLEAN, STRING, ARRAY] = [7, 8, 9];

/** Reads values one after another. */
class Cursor {
  at = 0;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #path: string;
  readonly #size: number;

  constructor(bytes: Buffer, path: string, size: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#path = path;
    this.#size = size;
  }

  /** An error at the place that is read. */
  wrong(problem: string, hint?: string): FormatError {
    const details = hint === undefined ? {} : { hint };
    return new FormatError(`${this.#path} at byte ${this.at}`, problem, details);
  }

  /** Makes sure of the next bytes. @throws when the file itself ends before them. */
  #need(bytes: number): void {
    if (this.at + bytes <= this.#bytes.byteLength) return;
    if (this.at + bytes > this.#size)
      throw this.wrong(
        `the file ends here, but ${bytes} more bytes belong to its header.`,
        "The file is truncated: copy or download it again.",
      );
    throw new NeedsMore();
  }

  #scalar(type: number): number {
    const [bytes, read] = SCALARS[type]!;
    this.#need(bytes);
    const value = Number(read(this.#view, this.at));
    if (typeof read(this.#view, this.at) === "bigint" && !Number.isSafeInteger(value))
      throw this.wrong(`a number of 64 bits is larger than 2^53: ${value}.`);
    this.at += bytes;
    return value;
  }

  uint32(): number {
    return this.#scalar(4);
  }

  uint64(): number {
    return this.#scalar(10);
  }

  string(longest = HEADER_BYTES_MAX): string {
    const length = this.uint64();
    if (length > longest) throw this.wrong(`a text of ${length} bytes is too long.`);
    this.#need(length);
    const bytes = this.#bytes.subarray(this.at, this.at + length);
    if (!isUtf8(bytes)) throw this.wrong("a text is not UTF-8.");
    this.at += length;
    return bytes.toString("utf8");
  }

  /** A value of the metadata. */
  value(type: number, depth = 0): GgufValue {
    if (Object.hasOwn(SCALARS, type)) return this.#scalar(type);
    if (type === BOOLEAN) return this.#scalar(0) !== 0;
    if (type === STRING) return this.string();
    if (type !== ARRAY || depth >= ARRAY_DEPTH_MAX)
      throw this.wrong(`there is no metadata of type ${type}${depth > 0 ? " in a list" : ""}.`);
    const item = this.uint32();
    const length = this.uint64();
    // The smallest item has one byte, so a list cannot have more items than the file has bytes.
    if (length > this.#size)
      throw this.wrong(`a list of ${length} values is longer than the file.`);
    const values: GgufValue[] = [];
    for (let i = 0; i < length; i++) values.push(this.value(item, depth + 1));
    return values;
  }
}

function parseTensor(cursor: Cursor): Omit<GgufTensor, "byteLength"> {
  const name = cursor.string(NAME_BYTES_MAX);
  const dimensions = cursor.uint32();
  if (dimensions > DIMENSIONS_MAX)
    throw cursor.wrong(`the tensor ${showName(name)} has ${dimensions} dimensions.`);
  const shape = Array.from({ length: dimensions }, () => cursor.uint64()).reverse();
  const number = cursor.uint32();
  const type = blockTypeOf(number);
  if (!type)
    throw cursor.wrong(
      `the tensor ${showName(name)} is of type ${number}, which is not read.`,
      "Known are F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K and Q6_K: take a file quantised to one of these.",
    );
  return { name, shape, type, offset: cursor.uint64() };
}

/**
 * Parses a header.
 *
 * @param bytes The beginning of the file, or all of it.
 * @param size  Bytes of the whole file.
 * @throws {FormatError} naming the byte and what is wrong there; `NeedsMore` when `bytes` end
 *   before the header does.
 */
export function parseGgufHeader(bytes: Buffer, path: string, size: number): GgufHeader {
  const cursor = new Cursor(bytes, path, size);
  const magic = cursor.uint32();
  if (magic !== 0x46554747) throw cursor.wrong("this is not a GGUF file.");
  const version = cursor.uint32();
  if (version !== 2 && version !== 3)
    throw cursor.wrong(
      `version ${version} of GGUF is not read; only 2 and 3 are.`,
      "Convert the file with a current llama.cpp.",
    );
  const [tensorCount, keyCount] = [cursor.uint64(), cursor.uint64()];
  if (tensorCount > size || keyCount > size)
    throw cursor.wrong(`${tensorCount} tensors and ${keyCount} keys are more than the file holds.`);
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < keyCount; i++) {
    const key = cursor.string(NAME_BYTES_MAX);
    if (metadata.has(key)) throw cursor.wrong(`the key ${showName(key)} is there twice.`);
    metadata.set(key, cursor.value(cursor.uint32()));
  }
  const found: Omit<GgufTensor, "byteLength">[] = [];
  for (let i = 0; i < tensorCount; i++) found.push(parseTensor(cursor));
  const alignment = metadata.get("general.alignment") ?? DEFAULT_ALIGNMENT;
  if (typeof alignment !== "number" || !Number.isInteger(alignment) || alignment < 1)
    throw cursor.wrong(`general.alignment is ${String(alignment)}.`);
  const data = Math.ceil(cursor.at / alignment) * alignment;
  const tensors = new Map<string, GgufTensor>();
  for (const tensor of found)
    tensors.set(tensor.name, placed(tensor, { data, path, size, alignment }));
  if (tensors.size !== found.length) throw cursor.wrong("a tensor is there twice.");
  return { version, metadata, tensors };
}

/** A tensor with its place in the file. @throws {FormatError} when it cannot be there. */
function placed(
  tensor: Omit<GgufTensor, "byteLength">,
  file: {
    readonly data: number;
    readonly path: string;
    readonly size: number;
    readonly alignment: number;
  },
): GgufTensor {
  const { name, shape, type, offset } = tensor;
  const shown = `the tensor ${showName(name)}`;
  const elements = shape.reduce((product, n) => product * n, 1);
  if (
    !Number.isSafeInteger(elements) ||
    elements === 0 ||
    (shape.at(-1) ?? 1) % type.elements !== 0
  )
    throw new FormatError(
      file.path,
      `${shown} of shape [${shape.join(", ")}] cannot be of type ${type.name}, which has blocks of ${type.elements}.`,
    );
  if (offset % file.alignment !== 0)
    throw new FormatError(file.path, `${shown} does not begin at a multiple of ${file.alignment}.`);
  const byteLength = (elements / type.elements) * type.bytes;
  const start = file.data + offset;
  if (start + byteLength > file.size)
    throw new FormatError(
      file.path,
      `${shown} ends at byte ${start + byteLength}, but the file has ${file.size} bytes.`,
      { hint: "The file is truncated: copy or download it again." },
    );
  return { ...tensor, offset: start, byteLength };
}

/** Reads the header of an open file. */
export async function readGgufHeader(file: OpenFile): Promise<GgufHeader> {
  for (let length = FIRST_BYTES; ; length *= 2) {
    const bytes = Buffer.alloc(Math.min(length, file.size));
    await readExactly(file, bytes, 0);
    try {
      return parseGgufHeader(bytes, file.path, file.size);
    } catch (error) {
      if (!(error instanceof NeedsMore)) throw error;
      if (length >= HEADER_BYTES_MAX)
        throw new ConcordError(
          "format/too-large",
          `${file.path}: its header is longer than ${HEADER_BYTES_MAX} bytes.`,
        );
    }
  }
}

/**
 * Reads the header of a GGUF file.
 *
 * @throws {FormatError} naming the byte and what is wrong there; {ConcordError} `file/missing`,
 *   `file/io`, `format/too-large`.
 */
export async function openGgufHeader(path: string): Promise<GgufHeader> {
  return withFile(path, readGgufHeader);
}

/** Whether a file begins like a GGUF file. */
export async function isGguf(path: string): Promise<boolean> {
  return withFile(path, async (file) => {
    if (file.size < 4) return false;
    const magic = Buffer.alloc(4);
    await readExactly(file, magic, 0);
    return magic.toString("latin1") === "GGUF";
  });
}
