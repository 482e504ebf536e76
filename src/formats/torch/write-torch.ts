/**
 * @file Writes what `torch.load` reads: a dictionary of tensors, texts, numbers and further
 *   dictionaries, in the zip format of torch 1.6 and later. It loads with `weights_only=True` too.
 */

import type { DType } from "../../base/dtype.ts";
import type { Tensor } from "../../base/tensor.ts";
import { expected } from "../../errors.ts";
import { writeFileAtomically } from "../atomic-file.ts";
import { bytesOf } from "../typed-bytes.ts";
import { type ZipFile, zipPieces } from "../zip-writer.ts";
import { rowMajor } from "./strides.ts";
import { STORAGES } from "./torch-calls.ts";

/** What a file may hold; numbers are integers. */
export type TorchValue = Tensor | string | number | boolean | TorchDict;

/** A dictionary in the order of its keys. */
export interface TorchDict extends ReadonlyMap<string, TorchValue> {}

/** Storages begin at multiples of this, as torch writes them. */
const ALIGNMENT = 64;

/** The class of torch whose storages have these numbers. */
function storageClass(dtype: DType): string {
  const [name] = Object.entries(STORAGES).find(([, found]) => found === dtype) ?? [];
  if (name === undefined) throw expected("dtype", Object.values(STORAGES).join(", "), dtype);
  return name;
}

/** Writes a pickle of protocol 2, and keeps the tensors that it refers to. */
class Pickler {
  readonly tensors: Tensor[] = [];
  readonly #pieces: Buffer[] = [];

  /** @returns The pickle. */
  pickle(value: TorchValue): Buffer {
    this.#put("\x80\x02");
    this.#value(value);
    this.#put(".");
    return Buffer.concat(this.#pieces);
  }

  #put(bytes: string): void {
    this.#pieces.push(Buffer.from(bytes, "latin1"));
  }

  #value(value: TorchValue): void {
    if (typeof value === "string") this.#text(value);
    else if (typeof value === "boolean") this.#put(value ? "\x88" : "\x89");
    else if (typeof value === "number") this.#integer(value);
    else if ("dtype" in value) this.#tensor(value);
    else this.#dict(value);
  }

  #text(text: string): void {
    const bytes = Buffer.from(text);
    const head = Buffer.from("X\0\0\0\0");
    head.writeUInt32LE(bytes.byteLength, 1);
    this.#pieces.push(head, bytes);
  }

  /** As four bytes, or as a Python integer of eight. */
  #integer(value: number): void {
    if (!Number.isSafeInteger(value)) throw expected("a number of a pickle", "an integer", value);
    if (value === (value | 0)) {
      const bytes = Buffer.from("J\0\0\0\0");
      bytes.writeInt32LE(value, 1);
      this.#pieces.push(bytes);
      return;
    }
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    this.#pieces.push(Buffer.from([0x8a, 8]), bytes);
  }

  #integers(values: readonly number[]): void {
    this.#put("(");
    for (const value of values) this.#integer(value);
    this.#put("t");
  }

  #dict(dict: TorchDict): void {
    this.#put("}(");
    for (const [key, value] of dict) {
      this.#text(key);
      this.#value(value);
    }
    this.#put("u");
  }

  /** `_rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks)`. */
  #tensor(tensor: Tensor): void {
    this.#put("ctorch._utils\n_rebuild_tensor_v2\n((");
    this.#text("storage");
    this.#put(`ctorch\n${storageClass(tensor.dtype)}\n`);
    this.#text(String(this.tensors.length));
    this.#text("cpu");
    this.#integer(tensor.data.length);
    this.#put("tQ");
    this.#integer(0);
    this.#integers(tensor.shape);
    this.#integers(rowMajor(tensor.shape));
    this.#put("\x89ccollections\nOrderedDict\n)RtR");
    this.tensors.push(tensor);
  }
}

/**
 * Writes a file that `torch.load` gives back as this dictionary. The file is there whole or not at
 * all.
 *
 * @throws {ConcordError} `format/too-large` at 4 GiB or more; `argument/invalid` for uint16, which
 *   these files do not have; `file/io`.
 */
export async function writeTorchFile(path: string, content: TorchDict): Promise<void> {
  const pickler = new Pickler();
  const file = (name: string, ...pieces: Uint8Array[]): ZipFile => ({
    name: `archive/${name}`,
    pieces,
  });
  const pickle = pickler.pickle(content);
  const files = [
    file("data.pkl", pickle),
    file("byteorder", Buffer.from("little")),
    ...pickler.tensors.map(({ data }, key) => file(`data/${key}`, bytesOf(data))),
    file("version", Buffer.from("3\n")),
  ];
  await writeFileAtomically(path, zipPieces(path, files, ALIGNMENT));
}
