/**
 * @file A backend whose encoders share the rows of a batch among ranks. Each rank encodes its part
 *   of the rows and sends their code to all others. Every other kernel runs on every rank in full.
 *
 * A row's code depends on no other row, so the code of the batch has the bytes that one rank alone
 * would find. What follows from it has them too. Weights and gradients are never sent: at d_sae
 * 24576, d_in 768, batch 4096 and k 32 a step sends 1 MB of codes, where its gradients are 151 MB.
 */

import { ConcordError } from "../../errors.ts";
import type { Backend, EncodePositive, EncodeTopK } from "../backend.ts";
import type { Exchange } from "./exchange.ts";

/** How a backend is shared. */
export interface Sharing {
  /** How long other ranks may take for their part of a step, milliseconds. */
  readonly timeoutMs: number;
  /**
   * Multiplications that a byte of the code must stand for; with fewer every rank encodes all rows.
   * Two cores do 10⁸ to 10⁹ of them while 1 MB travels at 1 to 10 Gbit/s. AuxK encodes few latents
   * and keeps many of them, and so it often stays below.
   */
  readonly leastProductsPerByte?: number;
}

const LEAST_PRODUCTS_PER_BYTE = 1024;

/** Sent in place of a count by a rank that has a row without an order of its scores. */
const NOT_FINITE = -1;

/** First row of each rank, and the number of rows at the end, [size + 1]. */
function firstRows(batch: number, size: number): number[] {
  return Array.from({ length: size + 1 }, (_, rank) => Math.floor((batch * rank) / size));
}

/** What `encode` returns, or `NOT_FINITE`. */
async function countOf(encode: () => Promise<number>): Promise<number> {
  try {
    return await encode();
  } catch (error) {
    // Every rank hears of it, and all fail alike. Anything else ends this rank alone.
    if (error instanceof ConcordError && error.code === "numeric/not-finite") return NOT_FINITE;
    throw error;
  }
}

/** Bytes of numbers, in place. */
function bytesOf(array: Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** What is sent of some entries of a code: `head`, indices, values. */
function packed(head: Int32Array, indices: Int32Array, values: Float32Array): Uint8Array {
  const message = new Uint8Array(head.byteLength + indices.byteLength + values.byteLength);
  message.set(bytesOf(head));
  message.set(bytesOf(indices), head.byteLength);
  message.set(bytesOf(values), head.byteLength + indices.byteLength);
  return message;
}

/**
 * A backend that encodes together with other ranks. All of them must call its encoders in the same
 * order, with the same arguments.
 */
export function sharedBackend(
  backend: Backend,
  exchange: Exchange,
  { timeoutMs, leastProductsPerByte = LEAST_PRODUCTS_PER_BYTE }: Sharing,
): Backend {
  const { rank, size } = exchange;

  async function encodeTopK(args: EncodeTopK): Promise<number> {
    const { x, batch, dIn, dSae, k, indices, values } = args;
    if (dIn * dSae < leastProductsPerByte * 8 * k) return backend.encodeTopK(args);
    const first = firstRows(batch, size);
    const part = (of: number) => [first[of]! * k, first[of + 1]! * k] as const;
    const rows = first[rank + 1]! - first[rank]!;
    const own = {
      ...args,
      x: x.subarray(first[rank]! * dIn, first[rank + 1]! * dIn),
      batch: rows,
      indices: indices.subarray(...part(rank)),
      values: values.subarray(...part(rank)),
    };
    const redone = await countOf(async () => (rows > 0 ? backend.encodeTopK(own) : 0));
    const lengths = first.slice(1).map((end, of) => 4 + 8 * k * (end - first[of]!));
    const all = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
    const mine = packed(Int32Array.of(redone), own.indices, own.values);
    await exchange.gather(mine, all, lengths, timeoutMs);
    let total = 0;
    for (let of = 0, at = 0; of < size; at += lengths[of++]!) {
      const [count] = new Int32Array(all.buffer, at, 1);
      // The whole batch fails with the row's place in it, on every rank.
      if (count === NOT_FINITE) return backend.encodeTopK(args);
      total += count!;
      const [from, to] = part(of);
      indices.set(new Int32Array(all.buffer, at + 4, to - from), from);
      values.set(new Float32Array(all.buffer, at + 4 + 4 * (to - from), to - from), from);
    }
    return total;
  }

  /** Room for the code of this rank's rows, which grows. */
  let room: Pick<EncodePositive, "indices" | "values"> = {
    indices: backend.int32(0),
    values: backend.float32(0),
  };

  async function encodePositive(args: EncodePositive): Promise<number> {
    const { x, batch, dIn, indptr, indices, values } = args;
    const first = firstRows(batch, size);
    const rows = first[rank + 1]! - first[rank]!;
    const ends = backend.int32(rows + 1);
    const own = {
      ...args,
      x: x.subarray(first[rank]! * dIn, first[rank + 1]! * dIn),
      batch: rows,
      indptr: ends,
    };
    const encode = () =>
      countOf(async () => (rows > 0 ? backend.encodePositive({ ...own, ...room }) : 0));
    let count = await encode();
    if (count > room.indices.length) {
      const length = Math.ceil(count * 1.25);
      room = { indices: backend.int32(length), values: backend.float32(length) };
      count = await encode();
    }
    const counts = new Int32Array(size);
    const each = Array.from(counts, () => 4);
    await exchange.gather(bytesOf(Int32Array.of(count)), bytesOf(counts), each, timeoutMs);
    if (counts.includes(NOT_FINITE)) return backend.encodePositive(args);
    const total = counts.reduce((sum, n) => sum + n, 0);
    if (total > indices.length) return total;
    const rowsOf = (of: number) => first[of + 1]! - first[of]!;
    const lengths = Array.from(counts, (entries, of) => 4 * rowsOf(of) + 8 * entries);
    const all = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
    const found = [room.indices.subarray(0, count), room.values.subarray(0, count)] as const;
    await exchange.gather(packed(ends.subarray(1), ...found), all, lengths, timeoutMs);
    indptr[0] = 0;
    for (let of = 0, at = 0, entry = 0; of < size; at += lengths[of]!, entry += counts[of++]!) {
      for (const [row, end] of new Int32Array(all.buffer, at, rowsOf(of)).entries())
        indptr[first[of]! + row + 1] = entry + end;
      const from = at + 4 * rowsOf(of);
      indices.set(new Int32Array(all.buffer, from, counts[of]!), entry);
      values.set(new Float32Array(all.buffer, from + 4 * counts[of]!, counts[of]!), entry);
    }
    return total;
  }

  return { ...backend, encodeTopK, encodePositive };
}
