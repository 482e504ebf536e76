/**
 * @file The activation store as a source: bounded memory, a shuffle of stated quality, and a position that can be put back
 * exactly. Written once by a `ShardWriter`, read by every population.
 */

import { ConcordError, expected } from "../../errors.ts";
import { type Mixing, mixingFacts } from "../rows/mixing.ts";
import { type RowKernels, TYPESCRIPT_KERNELS } from "../rows/row-kernels.ts";
import { rowReader } from "../rows/row-reader.ts";
import { firstRows, type HeldOutOptions, heldOutCount } from "../rows/stored-rows.ts";
import { DEFAULT_BUFFER_BYTES, openTrainStream } from "../rows/train-stream.ts";
import type { Source } from "../source.ts";
import { readShardIndex } from "./read-index.ts";
import { rowsOfIndex, type ShardIndex, storeChecksum } from "./shard-index.ts";
import { openShardRows } from "./shard-rows.ts";

/** Which store, how much of it is held out, and how much memory may be used. */
export interface ShardSourceOptions extends HeldOutOptions {
  /** The store's folder. */
  readonly folder: string;
  /** Decides the order of the rows. Default 0. */
  readonly seed?: number;
  /**
   * All the memory the source may hold: shuffle buffer, blocks on their way, scratch for held-out rows. Default 1 GiB.
   * The larger, the better mixed (`ShardSource.mixing`); another size is another order.
   */
  readonly bufferBytes?: number;
  /** Read the finished shards of a store that is still being written. Default false. */
  readonly allowIncomplete?: boolean;
  /** The backend, or the part of one, that checks and widens rows; default plain TypeScript. */
  readonly kernels?: RowKernels;
}

/** An activation store that is open. */
export interface ShardSource extends Source {
  readonly index: ShardIndex;
  /** How well training rows are mixed, on average over passes, for batches within a generation. */
  readonly mixing: Mixing;
  /** The most that the source holds, bytes; at most `bufferBytes`. */
  readonly memoryBytes: number;
}

/**
 * Opens an activation store.
 *
 * Training and held-out rows never share a block, and so never a document, unless keeping whole blocks would hold out more
 * than twice what was asked for (stores of a few blocks); then they share a block, but never a group of `group_rows`.
 *
 * @throws {ConcordError} `file/missing`; `config/invalid` when `bufferBytes` is too small; `run/conflict` when the store is
 *   incomplete and `allowIncomplete` is not set. {FormatError} when the index is damaged or a shard is not as long as it says;
 *   reading throws one for a block whose checksum is wrong, naming file, block and byte.
 */
export async function openShardSource(options: ShardSourceOptions): Promise<ShardSource> {
  const { folder, seed = 0, bufferBytes = DEFAULT_BUFFER_BYTES } = options;
  const { kernels = TYPESCRIPT_KERNELS } = options;
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw expected("seed", "a non-negative integer", seed);
  const index = await readShardIndex(folder);
  if (!index.complete && options.allowIncomplete !== true)
    throw new ConcordError(
      "run/conflict",
      `${folder} is not finished: ${rowsOfIndex(index)} rows so far.`,
      {
        hint: "Finish collecting (it continues where it stopped), or read what is there with allowIncomplete.",
      },
    );
  const stored = await openShardRows(folder, index, kernels);
  try {
    const trainRows = splitRow(index, heldOutCount(stored.rows, options, folder));
    const blockBytes = stored.scratchBytes;
    const train = openTrainStream(firstRows(stored, trainRows), {
      seed,
      rowsPerBlock: index.blockRows,
      bufferBytes,
      // One block each for checking parts of blocks and for held-out rows.
      scratchBytes: 2 * blockBytes,
      where: folder,
      identity: `store ${storeChecksum(index)}, `,
      kernels,
    });
    return {
      dIn: index.dIn,
      index,
      mixing: train.mixing,
      memoryBytes: train.memoryBytes,
      provenance: {
        // What the rows are does not change by keeping them in files.
        ...index.provenance,
        rows: stored.rows,
        trainRows,
        storedDtype: index.dtype,
        mixing: mixingFacts(train.mixing),
      },
      train: train.stream,
      heldOut: rowReader(stored, trainRows, stored.rows - trainRows, blockBytes, kernels),
      close: async () => {
        await train.settled();
        await stored.close();
      },
    };
  } catch (error) {
    await stored.close();
    throw error;
  }
}

/** The first held-out row: at a block's start if that does not double what is held out, otherwise at a group's. */
function splitRow(index: ShardIndex, heldOut: number): number {
  const rows = rowsOfIndex(index);
  const asked = rows - heldOut;
  const atBlock = asked - (asked % index.blockRows);
  if (atBlock > 0 && rows - atBlock <= 2 * heldOut) return atBlock;
  const atGroup = asked - (asked % index.groupRows);
  return atGroup > 0 ? atGroup : asked;
}
