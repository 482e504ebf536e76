/**
 * @file The training stream of rows that do not fit in memory. Its order is that of
 *   `shuffle-plan.ts`, served out of a buffer whose places are refilled as they are emptied.
 *
 * `#order` lists the places of the buffer: first those of the rows being served, in the order of
 * serving. Behind them are those that are empty anyway. As a row is served its place becomes empty
 * too. So the rows of the next generation, as they arrive, take the places of the list from the
 * generation's size on and round its end. When a generation has been served and the next has
 * arrived, turning the list left by that size puts the new rows first. Shuffling those gives the
 * next order of serving. One integer a row is all that this needs beside the rows themselves.
 */

import type { RowChunks } from "../../backend/backend.ts";
import { DTYPE_BYTES, type TypedArray } from "../../base/dtype.ts";
import { elementsOf } from "../../formats/typed-bytes.ts";
import type { ActivationStream, StreamState } from "../source.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { ReadAhead } from "./read-ahead.ts";
import { type RowKernels, TYPESCRIPT_KERNELS } from "./row-kernels.ts";
import { allocateRows } from "./row-memory.ts";
import type { Generation, ShufflePlan } from "./shuffle-plan.ts";
import { rowBytes, rowsOf, type StoredRows } from "./stored-rows.ts";
import { advanced, positionFrom, positionState, type StreamPosition } from "./stream-position.ts";
import { type Widen, widenFrom } from "./widen-rows.ts";

/** Blocks read ahead of the buffer: one is being read while another is put in its places. */
export const STAGING_BLOCKS = 2;

/** The rows that are arriving. */
interface Incoming {
  readonly generation: Generation;
  readonly reads: ReadAhead;
  /** Rows that are already in their places. */
  filled: number;
}

export interface ShuffledStreamOptions {
  /** Default: the TypeScript ones. */
  readonly kernels?: RowKernels;
  /** Names the data, so that a position in other data is refused. */
  readonly identity?: string;
}

export class ShuffledStream implements ActivationStream {
  readonly dIn: number;
  readonly rowsPerPass: number;
  readonly #stored: StoredRows;
  readonly #plan: ShufflePlan;
  readonly #kernels: RowKernels;
  readonly #widen: Widen;
  readonly #layout: string;
  readonly #exclusive = oneAtATime();
  #position: StreamPosition = { pass: 0, row: 0 };
  /** Allocated at the first batch. A source opened only for its held-out rows does not need it. */
  #memory: RowChunks | undefined;
  #staging: Uint8Array[] = [];
  #order = new Int32Array(0);
  /** The generation being served, undefined before the first batch and after `seek`. */
  #current: Generation | undefined;
  #incoming: Incoming | undefined;

  constructor(stored: StoredRows, plan: ShufflePlan, options: ShuffledStreamOptions = {}) {
    this.dIn = stored.dIn;
    this.rowsPerPass = stored.rows;
    this.#stored = stored;
    this.#plan = plan;
    this.#kernels = options.kernels ?? TYPESCRIPT_KERNELS;
    this.#widen = widenFrom(stored.dtype, this.#kernels);
    this.#layout = `${options.identity ?? ""}${plan.layout}`;
  }

  next(out: Float32Array): Promise<void> {
    return this.#exclusive(async () => {
      const wanted = rowsOf(out, this.#stored.dIn, "train.next");
      const before = this.#position;
      try {
        for (let done = 0; done < wanted; ) done += await this.#serve(out, done, wanted - done);
      } catch (error) {
        // A second attempt must not skip the rows of a failed read.
        await this.#forget();
        this.#position = before;
        throw error;
      }
    });
  }

  state(): StreamState {
    return positionState(this.#position, this.#layout);
  }

  seek(state: StreamState): Promise<void> {
    return this.#exclusive(async () => {
      const position = positionFrom(state, this.#layout, this.rowsPerPass);
      await this.#forget();
      this.#position = position;
    });
  }

  /** Waits for reads in progress; call it before closing the rows. */
  settled(): Promise<void> {
    return this.#exclusive(() => this.#forget());
  }

  /**
   * Serves up to `wanted` rows of one generation into `out` from row `to` on. @returns How many.
   */
  async #serve(out: Float32Array, to: number, wanted: number): Promise<number> {
    const current = await this.#generationOfPosition();
    const from = this.#position.row - current.start;
    const count = Math.min(wanted, current.rows - from);
    const columns = this.#stored.dIn;
    await this.#widen({
      count,
      columns,
      ...this.#memory!,
      index: this.#order.subarray(from, from + count),
      out: out.subarray(to * columns, (to + count) * columns),
    });
    this.#position = advanced(this.#position, count, this.rowsPerPass);
    await this.#refill(current, from + count);
    return count;
  }

  /** Makes the generation that holds the position the one in memory. */
  async #generationOfPosition(): Promise<Generation> {
    const { pass, row } = this.#position;
    const current = this.#current;
    if (current?.pass === pass && row >= current.start && row < current.start + current.rows)
      return current;
    this.#allocate();
    this.#incoming ??= this.#begin(this.#plan.at(pass, row));
    const incoming = this.#incoming;
    while (incoming.reads.nextRows > 0) await this.#take(incoming);
    rotateLeft(this.#order, current?.rows ?? 0);
    const [k0, k1] = this.#plan.drawsOf(incoming.generation).key;
    await this.#kernels.shuffle({
      k0,
      k1,
      order: this.#order.subarray(0, incoming.generation.rows),
    });
    this.#current = incoming.generation;
    this.#incoming = this.#begin(this.#after(incoming.generation));
    return incoming.generation;
  }

  /**
   * Puts arrived blocks into the places of served rows. It waits for a block in progress only when
   * two would fit: reading keeps pace with serving, and no batch waits for a whole generation.
   */
  async #refill(current: Generation, served: number): Promise<void> {
    const incoming = this.#incoming!;
    for (;;) {
      const needed = incoming.reads.nextRows;
      const room = this.#plan.capacity - current.rows + served - incoming.filled;
      if (needed === 0 || needed > room) return;
      if (!incoming.reads.isReady && room < 2 * this.#plan.rowsPerBlock) return;
      await this.#take(incoming);
    }
  }

  /** Moves one block to its places. */
  async #take(incoming: Incoming): Promise<void> {
    await incoming.reads.take(async (bytes, rows) => {
      await this.#place(elementsOf(this.#stored.dtype, bytes), rows, incoming.filled);
      incoming.filled += rows;
    });
  }

  /**
   * Puts the rows of a block into the places that are listed for the incoming rows from `firstRow`
   * on.
   */
  async #place(block: TypedArray, rows: number, firstRow: number): Promise<void> {
    const order = this.#order;
    const columns = this.#stored.dIn;
    const start = ((this.#current?.rows ?? 0) + firstRow) % order.length;
    const beforeEnd = Math.min(rows, order.length - start);
    const place = (from: number, count: number, at: number): Promise<void> =>
      this.#kernels.placeRows({
        count,
        columns,
        ...this.#memory!,
        from: block.subarray(from * columns, (from + count) * columns),
        index: order.subarray(at, at + count),
      });
    await place(0, beforeEnd, start);
    if (beforeEnd < rows) await place(beforeEnd, rows - beforeEnd, 0);
  }

  #begin(generation: Generation): Incoming {
    const { rowsPerBlock } = this.#plan;
    const reads = new ReadAhead(this.#stored, rowsPerBlock, generation.blocks, this.#staging);
    return { generation, reads, filled: 0 };
  }

  #after({ pass, index }: Generation): Generation {
    return index + 1 < this.#plan.generations
      ? this.#plan.generation(pass, index + 1)
      : this.#plan.generation(pass + 1, 0);
  }

  /** Empties the buffer. */
  async #forget(): Promise<void> {
    await this.#incoming?.reads.settled();
    this.#incoming = undefined;
    this.#current = undefined;
  }

  #allocate(): void {
    if (this.#memory !== undefined) return;
    const { capacity, rowsPerBlock } = this.#plan;
    const blockBytes = rowsPerBlock * rowBytes(this.#stored);
    const block = (): Uint8Array => this.#kernels.bytes(blockBytes);
    this.#staging = Array.from({ length: STAGING_BLOCKS }, block);
    this.#order = new Int32Array(capacity);
    for (let place = 0; place < capacity; place++) this.#order[place] = place;
    this.#memory = allocateRows(this.#stored, capacity, rowsPerBlock, this.#kernels);
  }
}

/** Bytes that a stream of this plan holds, staging included. */
export function shuffledStreamBytes(
  stored: Pick<StoredRows, "dtype" | "dIn">,
  rowsPerBlock: number,
  blocksInMemory: number,
): number {
  const perRow = rowBytes(stored) + Int32Array.BYTES_PER_ELEMENT;
  const staging = STAGING_BLOCKS * rowsPerBlock * DTYPE_BYTES[stored.dtype] * stored.dIn;
  return blocksInMemory * rowsPerBlock * perRow + staging;
}

/** [a, b, c, d] by 1 is [b, c, d, a]. */
function rotateLeft(list: Int32Array, by: number): void {
  if (by === 0 || by === list.length) return;
  list.subarray(0, by).reverse();
  list.subarray(by).reverse();
  list.reverse();
}
