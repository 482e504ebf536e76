/**
 * @file The training stream that fits a memory budget: everything in memory when it fits, otherwise
 *   block by block.
 */

import type { RowChunks } from "../../backend/backend.ts";
import { ConcordError } from "../../errors.ts";
import type { ActivationStream } from "../source.ts";
import { expectedMixing, type Mixing } from "./mixing.ts";
import { MAX_RESIDENT_ROWS, residentStream } from "./resident-stream.ts";
import type { RowKernels } from "./row-kernels.ts";
import { shufflePlan } from "./shuffle-plan.ts";
import { ShuffledStream, shuffledStreamBytes } from "./shuffled-stream.ts";
import { rowBytes, type StoredRows } from "./stored-rows.ts";

/** Default of `bufferBytes`: 1 GiB, 256 blocks of 4 MiB. */
export const DEFAULT_BUFFER_BYTES = 2 ** 30;

/**
 * Default size of a block: large enough for full disk speed, small enough for hundreds to be in
 * memory at a time.
 */
export const DEFAULT_BLOCK_BYTES = 4 * 2 ** 20;

export interface TrainStreamOptions {
  readonly seed: number;
  readonly rowsPerBlock: number;
  /** Everything the stream may hold. */
  readonly bufferBytes: number;
  /** What the source holds beside the stream, taken from `bufferBytes`. */
  readonly scratchBytes: number;
  /** The rows, when the caller holds them in memory anyway: they count nothing then. */
  readonly memory?: RowChunks;
  readonly kernels?: RowKernels;
  /** Names the data in positions, so that one in other data is refused. */
  readonly identity?: string;
  /** Names the source in messages. */
  readonly where: string;
}

export interface TrainStream {
  readonly stream: ActivationStream;
  /** How well the order mixes, on average over passes. */
  readonly mixing: Mixing;
  /** The most that stream and scratch hold, bytes; at most `bufferBytes`. */
  readonly memoryBytes: number;
  /** Waits for reads on their way; call before closing the rows. */
  settled(): Promise<void>;
}

/** What decides whether a stream fits its memory. */
export type BufferNeeds = Pick<
  TrainStreamOptions,
  "rowsPerBlock" | "bufferBytes" | "scratchBytes" | "memory" | "where"
>;

/** Rows as far as their memory goes: they need not exist yet. */
export type RowsShape = Pick<StoredRows, "dtype" | "dIn" | "rows">;

/** Bytes of the stream that holds all rows, and of its scratch. */
function wholeBytes(rows: RowsShape, { memory, scratchBytes }: BufferNeeds): number {
  return rows.rows * (memory === undefined ? rowBytes(rows) + 4 : 4) + scratchBytes;
}

/**
 * Checks that the training stream over `rows` fits its memory: all of them, or two blocks and the
 * reading of them.
 *
 * @throws {ConcordError} `config/invalid` with the number that would do.
 */
export function requireBufferBytes(rows: RowsShape, needs: BufferNeeds): void {
  const { rowsPerBlock, bufferBytes, scratchBytes, memory, where } = needs;
  if (rows.rows <= MAX_RESIDENT_ROWS && memory !== undefined) return;
  const twoBlocks = shuffledStreamBytes(rows, rowsPerBlock, 2) + scratchBytes;
  const whole = rows.rows <= MAX_RESIDENT_ROWS ? wholeBytes(rows, needs) : twoBlocks;
  const least = Math.min(twoBlocks, whole);
  if (bufferBytes >= least) return;
  throw new ConcordError(
    "config/invalid",
    `buffer_bytes is ${bufferBytes}, too small for ${where}: at least ${least} are needed.`,
    { hint: "Set buffer_bytes to that or more; with more blocks, rows are mixed better." },
  );
}

/**
 * Opens the training stream over all of `stored`.
 *
 * @throws {ConcordError} `config/invalid` as {@link requireBufferBytes}.
 */
export function openTrainStream(stored: StoredRows, options: TrainStreamOptions): TrainStream {
  requireBufferBytes(stored, options);
  const { seed, rowsPerBlock, bufferBytes, scratchBytes, memory } = options;
  const given = {
    ...(options.kernels && { kernels: options.kernels }),
    ...(options.identity && { identity: options.identity }),
  };
  const { rows } = stored;
  const whole = wholeBytes(stored, options);
  if (rows <= MAX_RESIDENT_ROWS && (memory !== undefined || whole <= bufferBytes)) {
    return {
      stream: residentStream(stored, { seed, rowsPerBlock, ...(memory && { memory }), ...given }),
      mixing: expectedMixing(shufflePlan(rows, rowsPerBlock, Math.ceil(rows / rowsPerBlock), seed)),
      memoryBytes: whole,
      settled: async () => undefined,
    };
  }
  const bytesOf = (blocks: number): number =>
    shuffledStreamBytes(stored, rowsPerBlock, blocks) + scratchBytes;
  const perBlock = bytesOf(1) - bytesOf(0);
  const blocks = Math.floor((bufferBytes - bytesOf(0)) / perBlock);
  const plan = shufflePlan(rows, rowsPerBlock, blocks, seed);
  const stream = new ShuffledStream(stored, plan, given);
  return {
    stream,
    mixing: expectedMixing(plan),
    memoryBytes: bytesOf(plan.capacity / rowsPerBlock),
    settled: () => stream.settled(),
  };
}
