/**
 * @file Bring your own activations: any array of any field as a source. An array that fits `bufferBytes` is read once and
 * permuted whole every pass; a larger one is read by blocks and shuffled as an activation store is (`rows/shuffle-plan.ts`).
 */

import { expected } from "../../errors.ts";
import { type Mixing, mixingFacts } from "../rows/mixing.ts";
import { memoryOf } from "../rows/resident-stream.ts";
import { type RowKernels, TYPESCRIPT_KERNELS } from "../rows/row-kernels.ts";
import { rowReader } from "../rows/row-reader.ts";
import { firstRows, type HeldOutOptions, heldOutCount, rowBytes } from "../rows/stored-rows.ts";
import {
  DEFAULT_BLOCK_BYTES,
  DEFAULT_BUFFER_BYTES,
  openTrainStream,
} from "../rows/train-stream.ts";
import type { Source } from "../source.ts";
import { type ArrayFile, type ArrayInMemory, openArrayRows } from "./array-rows.ts";

/** Which array, how much of it is held out, and how much memory may be used. */
export type ArraySourceOptions = (ArrayFile | ArrayInMemory) &
  HeldOutOptions & {
    /** Decides the order of the rows. Default 0. */
    readonly seed?: number;
    /**
     * All the memory the source may hold, beside an array given in memory. Default 1 GiB. Files that fit are kept in memory;
     * of larger ones, as many blocks as fit are mixed at a time (`ArraySource.mixing`).
     */
    readonly bufferBytes?: number;
    /** Bytes read at a time, at least one row. Default 4 MiB. */
    readonly blockBytes?: number;
    /** The backend, or the part of one, that widens rows to float32; default plain TypeScript. */
    readonly kernels?: RowKernels;
  };

/** An array that is open. */
export interface ArraySource extends Source {
  /** How well training rows are mixed, on average over passes. */
  readonly mixing: Mixing;
  /** The most that the source holds, bytes, beside an array given in memory; at most `bufferBytes`. */
  readonly memoryBytes: number;
}

/**
 * Opens an array as a source: the last rows held out in one piece, the others shuffled anew every pass.
 *
 * @example await openArraySource({ path: "activations.npy", seed: 1 })
 * @example await openArraySource({ path: "layer6.safetensors", tensor: "resid_post", heldOutRows: 4096 })
 * @example await openArraySource({ path: "eeg.f16", dtype: "float16", dIn: 512 })
 * @example await openArraySource({ data: new Float32Array(1000 * 64), dIn: 64 })
 * @throws {FormatError} for damaged files; {ConcordError} `argument/invalid`, `config/invalid`, `file/missing` or `file/io`.
 */
export async function openArraySource(options: ArraySourceOptions): Promise<ArraySource> {
  const {
    seed = 0,
    bufferBytes = DEFAULT_BUFFER_BYTES,
    blockBytes = DEFAULT_BLOCK_BYTES,
    kernels = TYPESCRIPT_KERNELS,
  } = options;
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw expected("seed", "a non-negative integer", seed);
  if (!(blockBytes >= 1)) throw expected("blockBytes", "a positive number", blockBytes);
  const stored = await openArrayRows(options);
  const where = "path" in options ? options.path : "data";
  try {
    const trainRows = stored.rows - heldOutCount(stored.rows, options, where);
    const rowsPerBlock = Math.max(1, Math.floor(blockBytes / rowBytes(stored)));
    const scratchBytes = Math.min(rowsPerBlock, stored.rows - trainRows) * rowBytes(stored);
    const train = openTrainStream(firstRows(stored, trainRows), {
      seed,
      rowsPerBlock,
      bufferBytes,
      scratchBytes,
      where,
      ...("data" in options && { memory: memoryOf(stored, elements(options)) }),
      kernels,
    });
    return {
      dIn: stored.dIn,
      mixing: train.mixing,
      memoryBytes: train.memoryBytes,
      provenance: {
        kind: "arrays",
        ...("path" in options ? { path: options.path } : { path: "(in memory)" }),
        ...("tensor" in options && { tensor: options.tensor }),
        rows: stored.rows,
        trainRows,
        storedDtype: stored.dtype,
        mixing: mixingFacts(train.mixing),
      },
      train: train.stream,
      heldOut: rowReader(stored, trainRows, stored.rows - trainRows, scratchBytes, kernels),
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

function elements({ data }: ArrayInMemory) {
  return data instanceof Float32Array ? data : data.data;
}
