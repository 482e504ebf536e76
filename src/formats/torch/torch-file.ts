/**
 * @file Files of `torch.save`: the zip format of torch 1.6 and later, and the format before it. In
 *   the first, tensors lie uncompressed in the archive; in the second they follow the pickle. Only
 *   the pickle is read when a file is opened; it is read by an interpreter that runs nothing
 *   (pickle.ts).
 */

import { DTYPE_BYTES, type DType } from "../../base/dtype.ts";
import { elementCount, type Tensor, tensor } from "../../base/tensor.ts";
import { ConcordError, FormatError, messageOf } from "../../errors.ts";
import { DAMAGED } from "../damaged.ts";
import { type OpenFile, readExactly, withFile } from "../file-bytes.ts";
import { showName, showNames } from "../show-name.ts";
import { allocateElements, bytesOf, elementsOf } from "../typed-bytes.ts";
import { readLegacyFormat } from "./legacy-format.ts";
import type { PickleValue, StorageReference, TensorReference } from "./pickle-value.ts";
import { rowMajor } from "./strides.ts";
import { readZipFormat } from "./zip-format.ts";

/** What a file of `torch.save` holds, and where its storages lie. */
export interface TorchContent {
  readonly value: PickleValue;
  /**
   * Place of the bytes of a storage in the file. @throws {FormatError} when the file has them not,
   * or not all.
   */
  place(storage: StorageReference): number;
}

/** The location of a tensor in the file. */
export interface TorchEntry {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Byte range of the elements from the first to the last. */
  readonly start: number;
  readonly end: number;
  /** Whether the elements are in row-major order without gaps, so that the bytes are the tensor. */
  readonly isContiguous: boolean;
}

/** An open file of tensors. */
export interface TorchFile {
  readonly path: string;
  /** Names in the order of the file; those of a dictionary in a dictionary are joined by a dot. */
  readonly names: readonly string[];
  /** Texts, numbers, truth values and nothings beside the tensors, under names of the same kind. */
  readonly plain: ReadonlyMap<string, string | number | boolean | null>;
  /** @throws {ConcordError} `argument/invalid` naming those there are. */
  entry(name: string): TorchEntry;
  /** Reads one tensor into new memory, in row-major order whatever its strides. */
  read(name: string): Promise<Tensor>;
  close(): Promise<void>;
}

/** Dictionaries in dictionaries are this deep at most. */
const DEPTH_MAX = 8;

/** All tensors and plain values of a value by name. Lists and tuples are left out. */
function itemsOf(value: PickleValue) {
  const tensors = new Map<string, TensorReference>();
  const plain = new Map<string, string | number | boolean | null>();
  const visit = (dict: PickleValue, prefix: string, depth: number) => {
    if (!(dict instanceof Map) || depth > DEPTH_MAX) return;
    for (const [key, item] of dict) {
      if (typeof key !== "string") continue;
      if (item === null || typeof item !== "object") plain.set(prefix + key, item);
      else if ("kind" in item && item.kind === "tensor") tensors.set(prefix + key, item);
      else visit(item as PickleValue, `${prefix}${key}.`, depth + 1);
    }
  };
  visit(value, "", 0);
  return { tensors, plain };
}

function entryOf({ storage, offset, shape, strides }: TensorReference, place: number): TorchEntry {
  const bytes = DTYPE_BYTES[storage.dtype];
  const isEmpty = shape.includes(0);
  const last = shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis]!, offset);
  const expected = rowMajor(shape);
  const start = place + offset * bytes;
  return {
    dtype: storage.dtype,
    shape,
    start,
    end: isEmpty ? start : place + (last + 1) * bytes,
    // The stride of an axis of length one means nothing.
    isContiguous: isEmpty || strides.every((s, axis) => shape[axis] === 1 || s === expected[axis]),
  };
}

/** The elements of a strided view in row-major order, as bytes. */
function gathered(source: Uint8Array, { shape, strides, storage }: TensorReference): Uint8Array {
  const width = DTYPE_BYTES[storage.dtype];
  const out = new Uint8Array(elementCount(shape) * width);
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < out.byteLength; to += width) {
    out.set(source.subarray(from * width, (from + 1) * width), to);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

async function readContent(file: OpenFile): Promise<TorchContent> {
  const magic = new Uint8Array(Math.min(4, file.size));
  await readExactly(file, magic, 0);
  if (Buffer.compare(magic, Buffer.from("PK\x03\x04")) === 0) return readZipFormat(file);
  if (magic[0] === 0x80) return readLegacyFormat(file);
  throw new FormatError(file.path, "not a file of torch.save", DAMAGED);
}

/**
 * Opens a file of `torch.save` (`.bin`, `.pt`, `.pth`) that holds tensors in dictionaries.
 *
 * @throws {FormatError} when it is damaged, or its pickle asks for anything but tensors,
 *   dictionaries and plain values.
 * @throws {ConcordError} `file/missing`, `file/io`.
 */
export async function openTorchFile(path: string): Promise<TorchFile> {
  return withFile(
    path,
    async (file) => {
      const { value, place } = await readContent(file);
      const { tensors: references, plain } = itemsOf(value);
      const entries = new Map<string, TorchEntry>();
      for (const [name, reference] of references)
        entries.set(name, entryOf(reference, place(reference.storage)));
      const names = [...entries.keys()];
      const entry = (name: string): TorchEntry => {
        const found = entries.get(name);
        if (found) return found;
        throw new ConcordError(
          "argument/invalid",
          `${path} has no tensor named ${showName(name)}.`,
          {
            hint: names.length === 0 ? "It has no tensors." : `It has ${showNames(names)}.`,
          },
        );
      };
      return {
        path,
        names,
        plain,
        entry,
        async read(name: string) {
          const { dtype, shape, start, end, isContiguous } = entry(name);
          const what = `${path}, tensor ${showName(name)}`;
          if (isContiguous) {
            const data = allocateElements(dtype, elementCount(shape), what);
            await readExactly(file, bytesOf(data), start);
            return tensor(dtype, shape, data);
          }
          const source = new Uint8Array(allocateElements("uint8", end - start, what).buffer);
          await readExactly(file, source, start);
          return tensor(dtype, shape, elementsOf(dtype, gathered(source, references.get(name)!)));
        },
        close: () => file.handle.close(),
      };
    },
    true,
  ).catch((error: unknown) => {
    if (error instanceof ConcordError) throw error;
    throw new FormatError(path, `not a file of torch.save (${messageOf(error)})`, {
      ...DAMAGED,
      cause: error,
    });
  });
}
