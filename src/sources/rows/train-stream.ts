/** @file The training stream that fits a memory budget: everything in memory when it fits, otherwise block by block. */

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

/** Default size of a block: large enough for full disk speed, small enough for hundreds to be in memory at a time. */
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

/**
 * Opens the training stream over all of `stored`.
 *
 * @throws {ConcordError} `config/invalid` when `bufferBytes` has no room for two blocks and the reading of them, with the
 *   number that would do.
 */
export function openTrainStream(stored: StoredRows, options: TrainStreamOptions): TrainStream {
  const { seed, rowsPerBlock, bufferBytes, scratchBytes, memory } = options;
  const given = {
    ...(options.kernels && { kernels: options.kernels }),
    ...(options.identity && { identity: options.identity }),
  };
  const { rows } = stored;
  const whole = rows * (memory === undefined ? rowBytes(stored) + 4 : 4) + scratchBytes;
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
  if (blocks < 2)
    throw new ConcordError(
      "config/invalid",
      `Expected at least ${Math.min(bytesOf(2), whole)} for bufferBytes of ${options.where} but received ${bufferBytes}.`,
      { hint: `Each block more that fits (${perBlock} bytes) mixes the rows better.` },
    );
  const plan = shufflePlan(rows, rowsPerBlock, blocks, seed);
  const stream = new ShuffledStream(stored, plan, given);
  return {
    stream,
    mixing: expectedMixing(plan),
    memoryBytes: bytesOf(plan.capacity / rowsPerBlock),
    settled: () => stream.settled(),
  };
}
