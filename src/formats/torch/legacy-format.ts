/**
 * @file The format of torch before 1.6, in which many older checkpoints are. It begins with four
 *   pickles: a magic number, the protocol, facts of the machine, the object. Then come a pickled
 *   list of the keys of the storages, and every storage: its number of elements, its bytes.
 */

import { DTYPE_BYTES } from "../../base/dtype.ts";
import { FormatError } from "../../errors.ts";
import { DAMAGED } from "../damaged.ts";
import { type OpenFile, readExactly } from "../file-bytes.ts";
import { showName } from "../show-name.ts";
import { PickleEndsEarly, unpickle } from "./pickle.ts";
import type { PickleValue, StorageReference } from "./pickle-value.ts";
import type { TorchContent } from "./torch-file.ts";

/** The first pickle: 0x1950a86a20f9469cfc6c, a LONG1 of ten bytes behind the protocol. */
const MAGIC = Buffer.from("80028a0a6cfc9c46f9206aa850192e", "hex");

/** Read at first for the pickles, and at most. */
const FIRST_BYTES = 2 ** 20;
const PICKLE_BYTES_MAX = 2 ** 26;

interface Pickles {
  readonly value: PickleValue;
  readonly keys: readonly PickleValue[];
  /** The first byte of the storages. */
  readonly end: number;
}

function readPickles(bytes: Uint8Array, where: string): Pickles {
  const protocol = unpickle(bytes, MAGIC.byteLength, where);
  const machine = unpickle(bytes, protocol.end, where);
  if (machine.value instanceof Map && machine.value.get("little_endian") === false)
    throw new FormatError(where, "its numbers are not little-endian", {
      hint: "Load and save it again on a machine of today.",
    });
  const { value, end } = unpickle(bytes, machine.end, where);
  const keys = unpickle(bytes, end, where);
  if (!Array.isArray(keys.value)) throw new FormatError(where, "no list of storages", DAMAGED);
  return { value, keys: keys.value, end: keys.end };
}

/** All storages that a value refers to, each value looked at once. */
function storagesOf(value: PickleValue): Map<string, StorageReference> {
  const found = new Map<string, StorageReference>();
  const seen = new Set<PickleValue>();
  const pending = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next === null || typeof next !== "object" || seen.has(next)) continue;
    seen.add(next);
    if (next instanceof Map) for (const item of next.values()) pending.push(item);
    else if (Array.isArray(next)) for (const item of next) pending.push(item);
    else if ("kind" in next && next.kind === "tensor") found.set(next.storage.key, next.storage);
  }
  return found;
}

/**
 * Reads the pickles, and finds the storages. @throws {FormatError} when the file is of another
 * kind, or cut short.
 */
export async function readLegacyFormat(file: OpenFile): Promise<TorchContent> {
  const { path, size } = file;
  let pickles: Pickles | undefined;
  for (let length = FIRST_BYTES; !pickles; length *= 8) {
    const bytes = new Uint8Array(Math.min(length, size));
    await readExactly(file, bytes, 0);
    if (Buffer.compare(bytes.subarray(0, MAGIC.byteLength), MAGIC) !== 0)
      throw new FormatError(path, "a pickle, but not one of torch.save", DAMAGED);
    try {
      pickles = readPickles(bytes, path);
    } catch (error) {
      const mayGoOn = error instanceof PickleEndsEarly && length < Math.min(size, PICKLE_BYTES_MAX);
      if (!mayGoOn) throw error;
    }
  }
  const references = storagesOf(pickles.value);
  const places = new Map<string, { start: number; bytes: number }>();
  let at = pickles.end;
  for (const key of pickles.keys) {
    const reference = typeof key === "string" ? references.get(key) : undefined;
    // A storage without a reference has no known length, so the position of everything after it is
    // unknown.
    if (!reference) break;
    const count = new Uint8Array(8);
    await readExactly(file, count, at);
    const elements = Number(new DataView(count.buffer).getBigInt64(0, true));
    if (elements !== reference.elements)
      throw new FormatError(
        path,
        `storage ${showName(reference.key)} has ${elements} elements, not ${reference.elements}`,
        DAMAGED,
      );
    const bytes = elements * DTYPE_BYTES[reference.dtype];
    places.set(reference.key, { start: at + 8, bytes });
    at += 8 + bytes;
    if (at > size) throw new FormatError(path, "the file was cut short", DAMAGED);
  }
  return {
    value: pickles.value,
    place({ key, elements, dtype }) {
      const place = places.get(key);
      if (!place) throw new FormatError(path, `storage ${showName(key)} is missing`, DAMAGED);
      if (elements * DTYPE_BYTES[dtype] > place.bytes)
        throw new FormatError(
          path,
          `storage ${showName(key)} has ${place.bytes} bytes only`,
          DAMAGED,
        );
      return place.start;
    },
  };
}
