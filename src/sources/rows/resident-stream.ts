/**
 * @file The training stream of rows that fit in memory: every pass is one uniform permutation of
 *   all rows. They are read once, at the first batch.
 */

import type { RowChunks } from "../../backend/backend.ts";
import type { TypedArray } from "../../base/dtype.ts";
import { randomStream } from "../../base/philox.ts";
import { bytesOf } from "../../formats/typed-bytes.ts";
import type { ActivationStream } from "../source.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { type RowKernels, TYPESCRIPT_KERNELS } from "./row-kernels.ts";
import { allocateRows } from "./row-memory.ts";
import { rowBytes, rowsOf, type StoredRows } from "./stored-rows.ts";
import { advanced, positionFrom, positionState, type StreamPosition } from "./stream-position.ts";
import { widenFrom } from "./widen-rows.ts";

/** The most rows whose whole permutation is kept: 2²⁶ take 256 MiB. */
export const MAX_RESIDENT_ROWS = 2 ** 26;

/** Blocks that are read and verified in parallel. */
const LOADS_AT_A_TIME = 2;

/**
 * Writes the order in which pass `pass` serves the rows into `order`: `permutation` of the pass's
 * own stream.
 */
async function residentOrder(
  kernels: RowKernels,
  seed: number,
  pass: number,
  order: Int32Array,
): Promise<void> {
  for (let i = 0; i < order.length; i++) order[i] = i;
  const [k0, k1] = randomStream(seed, `shuffle/pass/${pass}/rows`).key;
  await kernels.shuffle({ k0, k1, order });
}

export interface ResidentOptions {
  readonly seed: number;
  /** The rows, when they are in memory already. */
  readonly memory?: RowChunks;
  /** Rows per read while loading. */
  readonly rowsPerBlock: number;
  readonly kernels?: RowKernels;
  /** Names the data, so that a position in other data is refused. */
  readonly identity?: string;
}

/** A stream over all of `stored`, at most `MAX_RESIDENT_ROWS` rows. */
export function residentStream(stored: StoredRows, options: ResidentOptions): ActivationStream {
  const { rows, dIn } = stored;
  const kernels = options.kernels ?? TYPESCRIPT_KERNELS;
  const widen = widenFrom(stored.dtype, kernels);
  const layout = `${options.identity ?? ""}${rows} rows, in memory, seed ${options.seed}`;
  const exclusive = oneAtATime();
  let position: StreamPosition = { pass: 0, row: 0 };
  let memory = options.memory;
  let order: Int32Array | undefined;
  let orderPass = -1;

  return {
    dIn,
    rowsPerPass: rows,
    next: (out) =>
      exclusive(async () => {
        const wanted = rowsOf(out, dIn, "train.next");
        memory ??= await loaded(stored, options.rowsPerBlock, kernels);
        order ??= new Int32Array(rows);
        for (let done = 0; done < wanted; ) {
          if (orderPass !== position.pass)
            await residentOrder(kernels, options.seed, position.pass, order);
          orderPass = position.pass;
          const count = Math.min(wanted - done, rows - position.row);
          await widen({
            count,
            columns: dIn,
            ...memory,
            index: order.subarray(position.row, position.row + count),
            out: out.subarray(done * dIn, (done + count) * dIn),
          });
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

/** Loads all rows, a few blocks at a time. */
async function loaded(
  stored: StoredRows,
  rowsPerBlock: number,
  kernels: RowKernels,
): Promise<RowChunks> {
  const memory = allocateRows(stored, stored.rows, rowsPerBlock, kernels);
  const bytes = rowBytes(stored);
  let block = 0;
  const load = async (): Promise<void> => {
    while (block * rowsPerBlock < stored.rows) {
      const start = block++ * rowsPerBlock;
      const count = Math.min(rowsPerBlock, stored.rows - start);
      const chunk = Math.floor(start / memory.rowsPerChunk);
      const at = (start - chunk * memory.rowsPerChunk) * bytes;
      await stored.read(start, bytesOf(memory.chunks[chunk]!).subarray(at, at + count * bytes));
    }
  };
  // All reads end before a failure is reported, so that the caller may close the rows.
  const results = await Promise.allSettled(Array.from({ length: LOADS_AT_A_TIME }, load));
  for (const result of results) if (result.status === "rejected") throw result.reason;
  return memory;
}

/** Rows that lie in one array. */
export function memoryOf(stored: StoredRows, data: TypedArray): RowChunks {
  return { chunks: [data], rowsPerChunk: Math.max(1, stored.rows) };
}
