/**
 * @file safetensors files on disk. They are opened lazily, so that one tensor, or a part of one,
 *   can be read out of a file larger than memory. They are written atomically, each tensor straight
 *   from its own memory.
 */

import { elementCount, type Tensor, tensor } from "../base/tensor.ts";
import { ConcordError, ShapeError } from "../errors.ts";
import { type AtomicWriteOptions, writeFileAtomically } from "./atomic-file.ts";
import { type OpenFile, readExactly, withFile } from "./file-bytes.ts";
import { safetensorsPieces, type TensorCollection } from "./safetensors.ts";
import {
  foreignError,
  headerLength,
  LENGTH_BYTES,
  parseHeader,
  type SafetensorsHeader,
  type TensorEntry,
} from "./safetensors-header.ts";
import { showName, showNames } from "./show-name.ts";
import { allocateElements, bytesOf } from "./typed-bytes.ts";

/** An open safetensors file. Reading never moves or caches anything: each call is one pread. */
export interface SafetensorsFile {
  readonly path: string;
  /** Names in the order of their bytes, without those of dtypes that cannot be read. */
  readonly names: readonly string[];
  /** Free text of the header's `__metadata__`. */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * dtype, shape and byte range of a tensor.
   *
   * @throws {ConcordError} `argument/invalid` naming those there are; {FormatError} for a dtype
   *   that cannot be read.
   */
  entry(name: string): TensorEntry;
  /** Reads one tensor into new memory. */
  read(name: string): Promise<Tensor>;
  /**
   * Fills `into` with a tensor's stored bytes from byte `offset` of the tensor on.
   *
   * @throws {ShapeError} when that reaches beyond the tensor.
   */
  readBytes(name: string, offset: number, into: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a safetensors file, reading and checking its header only.
 *
 * @throws {FormatError} when the header breaks the format, {ConcordError} `file/missing`, `file/io`
 *   or `format/too-large`.
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  return withFile(path, async (file) => asSafetensors(file, await readHeader(file)), true);
}

/**
 * Reads a whole safetensors file, each tensor into memory of its own.
 *
 * @throws {FormatError} also when one of the tensors has a dtype that cannot be read.
 */
export async function readSafetensors(path: string): Promise<TensorCollection> {
  return withFile(path, async (file) => {
    const header = await readHeader(file);
    for (const foreign of header.foreign.values()) throw foreignError(foreign, path);
    const opened = asSafetensors(file, header);
    const tensors = new Map<string, Tensor>();
    for (const name of opened.names) tensors.set(name, await opened.read(name));
    return { tensors, metadata: opened.metadata };
  });
}

/**
 * Writes a safetensors file atomically, with the bytes of `serializeSafetensors` but without a
 * second copy of any tensor in memory. The arrays must not change until it has finished.
 *
 * @throws {ConcordError} `file/io` or `argument/invalid`; an older file at `path` is untouched
 *   then.
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
  options: AtomicWriteOptions = {},
): Promise<void> {
  await writeFileAtomically(path, safetensorsPieces(tensors, metadata), options);
}

async function readHeader(file: OpenFile): Promise<SafetensorsHeader> {
  const first = new Uint8Array(Math.min(LENGTH_BYTES, file.size));
  await readExactly(file, first, 0);
  const json = new Uint8Array(headerLength(first, file.size, file.path));
  await readExactly(file, json, LENGTH_BYTES);
  return parseHeader(json, file.size, file.path);
}

function asSafetensors(file: OpenFile, header: SafetensorsHeader): SafetensorsFile {
  const names = [...header.tensors.keys()];
  const entry = (name: string): TensorEntry => {
    const found = header.tensors.get(name);
    if (found !== undefined) return found;
    const foreign = header.foreign.get(name);
    if (foreign !== undefined) throw foreignError(foreign, file.path);
    throw new ConcordError(
      "argument/invalid",
      `${file.path} has no tensor named ${showName(name)}.`,
      {
        hint: names.length === 0 ? "It has no tensors." : `It has ${showNames(names)}.`,
      },
    );
  };
  return {
    path: file.path,
    names,
    metadata: header.metadata,
    entry,
    async read(name) {
      const { dtype, shape, start } = entry(name);
      const data = allocateElements(
        dtype,
        elementCount(shape),
        `${file.path}, tensor ${showName(name)}`,
      );
      await readExactly(file, bytesOf(data), start);
      return tensor(dtype, shape, data);
    },
    async readBytes(name, offset, into) {
      const { start, end } = entry(name);
      if (offset < 0 || start + offset + into.byteLength > end)
        throw new ShapeError(
          `${file.path}, tensor ${showName(name)}`,
          `a range inside its ${end - start} bytes`,
          `bytes ${offset} to ${offset + into.byteLength}`,
        );
      await readExactly(file, into, start + offset);
    },
    close: () => file.handle.close(),
  };
}
