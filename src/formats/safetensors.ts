/**
 * @file safetensors in memory: the whole file as bytes, to tensors and back. `safetensors-file.ts`
 *   reads and writes files without holding them whole.
 */

import { type Tensor, tensor } from "../base/tensor.ts";
import {
  foreignError,
  headerLength,
  LENGTH_BYTES,
  parseHeader,
  serializeHeader,
} from "./safetensors-header.ts";
import { bytesOf, elementsOf } from "./typed-bytes.ts";

/** Tensors by name, and the free text that came with them. */
export interface TensorCollection {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Parses a whole safetensors file.
 *
 * @param bytes The file. The tensors share its memory wherever alignment allows (always, for files
 *   of the official library and ours), so do not change it afterwards.
 * @param where Names the file in messages.
 * @throws {FormatError} when the bytes break the format, {ConcordError} `format/too-large` when the
 *   header breaks a cap.
 */
export function parseSafetensors(bytes: Uint8Array, where = "safetensors"): TensorCollection {
  const length = headerLength(bytes, bytes.byteLength, where);
  const json = bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
  const header = parseHeader(json, bytes.byteLength, where);
  for (const foreign of header.foreign.values()) throw foreignError(foreign, where);
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, start, end } of header.tensors.values()) {
    const data = elementsOf(dtype, bytes.subarray(start, end));
    tensors.set(name, tensor(dtype, shape, data));
  }
  return { tensors, metadata: header.metadata };
}

/**
 * The bytes of a safetensors file, the same for the same tensors whatever order they come in.
 *
 * Byte for byte what the official library writes. Tensors come by descending alignment of their
 * dtype, then by name. The header is padded with spaces to a multiple of 8. (Its metadata keys come
 * in no fixed order when there are several; ours are sorted.)
 *
 * @throws {ConcordError} `argument/invalid` for the reserved name `__metadata__` or metadata that
 *   is not text; {ShapeError} when data and shape disagree.
 */
export function serializeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const pieces = [...safetensorsPieces(tensors, metadata)];
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.byteLength;
  }
  return bytes;
}

/**
 * The same bytes piece by piece: the header, then each tensor's own memory, uncopied. Throws before
 * the first piece.
 */
export function safetensorsPieces(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  for (const { dtype, shape, data } of tensors.values()) tensor(dtype, shape, data);
  const { bytes, order } = serializeHeader(tensors, metadata);
  return [bytes, ...order.map((name) => bytesOf(tensors.get(name)!.data))];
}
