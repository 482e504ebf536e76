/**
 * @file The training stream of rows that fit in memory: every pass is one uniform permutation of all of them. They are read
 * from where they lie once, at the first batch.
 */

import { elementsOf } from "../../formats/typed-bytes.ts";
import { randomStream } from "../../tensor/philox.ts";
import type { ActivationStream } from "../source.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { shuffleInPlace } from "./shuffle-in-place.ts";
import { rowBytes, rowsOf, type StoredRows } from "./stored-rows.ts";
import { advanced, positionFrom, positionState, type StreamPosition } from "./stream-position.ts";
import { type GatherRows, gatherRows, type RowMemory } from "./widen-rows.ts";

/** The most rows whose permutation is kept whole: 2²⁶ take 256 MiB. */
export const MAX_RESIDENT_ROWS = 2 ** 26;

/** Writes the order in which pass `pass` serves the rows into `order`: `permutation` of the pass's own stream. */
export function residentOrder(seed: number, pass: number, order: Int32Array): void {
  for (let i = 0; i < order.length; i++) order[i] = i;
  shuffleInPlace(order, order.length, randomStream(seed, `shuffle/pass/${pass}/rows`));
}

export interface ResidentOptions {
  readonly seed: number;
  /** The rows, when they are in memory already. */
  readonly memory?: RowMemory;
  /** Rows to a read while loading. */
  readonly rowsPerBlock: number;
  readonly gather?: GatherRows;
  /** Names the data, so that a position in other data is refused. */
  readonly identity?: string;
}

/** A stream over all of `stored`, at most `MAX_RESIDENT_ROWS` rows. */
export function residentStream(stored: StoredRows, options: ResidentOptions): ActivationStream {
  const { rows, dIn } = stored;
  const gather = options.gather ?? gatherRows(stored.dtype);
  const layout = `${options.identity ?? ""}${rows} rows, in memory, seed ${options.seed}`;
  const exclusive = oneAtATime();
  let position: StreamPosition = { pass: 0, row: 0 };
  let memory = options.memory;
  let order: Int32Array | undefined;
  let orderPass = -1;

  return {
    rowsPerPass: rows,
    next: (out) =>
      exclusive(async () => {
        const wanted = rowsOf(out, dIn, "train.next");
        memory ??= await loaded(stored, options.rowsPerBlock);
        order ??= new Int32Array(rows);
        for (let done = 0; done < wanted; ) {
          if (orderPass !== position.pass) residentOrder(options.seed, position.pass, order);
          orderPass = position.pass;
          const count = Math.min(wanted - done, rows - position.row);
          gather(memory, order, position.row, count, out, done);
          position = advanced(position, count, rows);
          done += count;
        }
      }),
    state: () => positionState(position, layout),
    seek: (state) =>
      exclusive(async () => {
        position = positionFrom(state, layout, rows);
      }),
  };
}

/** Everything, in chunks of a block each, so that no array nears the limit of its length. */
async function loaded(stored: StoredRows, rowsPerBlock: number): Promise<RowMemory> {
  const chunks = [];
  for (let start = 0; start < stored.rows; start += rowsPerBlock) {
    const count = Math.min(rowsPerBlock, stored.rows - start);
    const bytes = new Uint8Array(count * rowBytes(stored));
    await stored.read(start, bytes);
    chunks.push(elementsOf(stored.dtype, bytes));
  }
  return { chunks, rowsPerChunk: rowsPerBlock, dIn: stored.dIn };
}

/** Rows that lie in one array. */
export function memoryOf(stored: StoredRows, data: RowMemory["chunks"][number]): RowMemory {
  return { chunks: [data], rowsPerChunk: Math.max(1, stored.rows), dIn: stored.dIn };
}
