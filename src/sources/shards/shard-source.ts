/**
 * @file The activation store as a source: bounded memory, a shuffle of stated quality, and a
 *   position that can be put back exactly. Written once by a `ShardWriter`, read by every
 *   population.
 */

import { ConcordError, expected } from "../../errors.ts";
import { type Draw, drawIdentity, drawnRows, requireDrawnRows, rowsOfRange } from "../rows/draw.ts";
import { withoutRows } from "../rows/kept-rows.ts";
import { type Mixing, mixingFacts } from "../rows/mixing.ts";
import { foldedRows, orbitStream } from "../rows/orbit-rows.ts";
import { type RowKernels, TYPESCRIPT_KERNELS } from "../rows/row-kernels.ts";
import { rowReader } from "../rows/row-reader.ts";
import { type HeldOutOptions, heldOutCount, type StoredRows } from "../rows/stored-rows.ts";
import { refuseNotFinite, surveyRows } from "../rows/survey-rows.ts";
import { DEFAULT_BUFFER_BYTES, openTrainStream, requireBufferBytes } from "../rows/train-stream.ts";
import type { Source, SourceStore } from "../source.ts";
import type { SourceContext } from "../source-kind.ts";
import { readShardIndex } from "./read-index.ts";
import {
  rowsOfIndex,
  type ShardIndex,
  shardRowBytes,
  storeChecksum,
  storeDigest,
} from "./shard-index.ts";
import { openShardRows } from "./shard-rows.ts";

/** Which store, how much of it is held out, and how much memory may be used. */
export interface ShardSourceOptions extends HeldOutOptions {
  /** The store's folder. */
  readonly folder: string;
  /** Decides the order of the rows. Default 0. */
  readonly seed?: number;
  /** Train on a part of the rows that are not held out, of whole groups. Default: on all. */
  readonly draw?: Draw;
  /**
   * All the memory the source may hold: shuffle buffer, blocks on their way, scratch for held-out
   * rows. Default 1 GiB. The larger, the better mixed (`ShardSource.mixing`); another size is
   * another order.
   */
  readonly bufferBytes?: number;
  /** Rows of an orbit, which stay together. Default 1. */
  readonly orbitSize?: number;
  /** Read the finished shards of a store that is still being written. Default false. */
  readonly allowIncomplete?: boolean;
  /**
   * Leave out rows with a number that is not finite, instead of refusing the store. Default false.
   */
  readonly skipNonFinite?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Told how much of a store was checked that another program wrote, bytes. */
  readonly onCheck?: ((done: { bytes: number; totalBytes: number }) => void) | undefined;
  /** The backend, or the part of one, that checks and widens rows; default plain TypeScript. */
  readonly kernels?: RowKernels;
}

/** An activation store that is open. */
export interface ShardSource extends Source {
  readonly index: ShardIndex;
  /** Rows of the store in front of the held-out ones, those of other draws included. */
  readonly heldOutFrom: number;
  /** How well training rows are mixed, on average over passes, for batches within a generation. */
  readonly mixing: Mixing;
  /** The most that the source holds, bytes; at most `bufferBytes`. */
  readonly memoryBytes: number;
}

/** What a store is like, before it has any rows. */
export type StoreShape = Pick<ShardIndex, "dtype" | "dIn" | "blockRows" | "groupRows">;

/** Which of its rows a source holds out, and in how much memory it serves them. */
export interface StoreServing extends HeldOutOptions {
  readonly bufferBytes: number;
  readonly draw?: Draw;
  /** Names the store in messages. */
  readonly where: string;
}

/**
 * Checks that a store of `rows` rows can be served within `bufferBytes`, so that it is said before
 * the rows are collected.
 *
 * @throws {ConcordError} `config/invalid` with the number of bytes that would do; as
 *   `heldOutCount`.
 */
export function requireStoreBuffer(store: StoreShape, rows: number, serving: StoreServing): void {
  const { where, bufferBytes } = serving;
  const split = splitRow(store, rows, heldOutCount(rows, serving, where));
  const { count } = drawnRows(split, serving.draw, store.groupRows);
  requireBufferBytes(
    { dtype: store.dtype, dIn: store.dIn, rows: count },
    { rowsPerBlock: store.blockRows, bufferBytes, scratchBytes: scratchOf(store, rows), where },
  );
}

/** One block each for checking parts of blocks and for held-out rows. */
function scratchOf(store: StoreShape, rows: number): number {
  return 2 * Math.min(store.blockRows, rows) * shardRowBytes(store);
}

/**
 * Opens an activation store. One that does not say that its rows are finite is read once before.
 *
 * Training and held-out rows never share a block, and so never a document. In stores of a few
 * blocks, whole blocks may hold out more than twice what was asked for. Then they share a block,
 * but never a group of `group_rows`.
 *
 * @throws {ConcordError} `file/missing`; `config/invalid` when `bufferBytes` is too small;
 *   `numeric/not-finite` naming row and column, unless such rows are skipped; `run/conflict` when
 *   the store is incomplete and `allowIncomplete` is not set. {FormatError} when the index is
 *   damaged or a shard is not as long as it says; reading throws one for a block whose checksum is
 *   wrong, naming file, block and byte.
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
        hint: "Finish collecting (it continues where it stopped), or read its complete blocks with allowIncomplete.",
      },
    );
  if (rowsOfIndex(index) === 0)
    throw new ConcordError("argument/invalid", `${folder} has no finished rows yet.`, {
      hint: "Collect some first.",
    });
  requireStoreBuffer(index, rowsOfIndex(index), { ...options, bufferBytes, where: folder });
  const { orbitSize = 1 } = options;
  if (orbitSize > 1 && options.skipNonFinite) throw takesOrbitsApart(folder);
  const all = await openShardRows(folder, index, kernels);
  try {
    const skipped = await notFiniteRows(all, index, { ...options, kernels });
    const stored = withoutRows(all, skipped);
    const folded = foldedRows(stored, orbitSize, folder);
    const asked = splitRow(index, all.rows, heldOutCount(all.rows, options, folder));
    const split = asked - (asked % orbitSize);
    const trainRows = split - skipped.filter((row) => row < split).length;
    const heldOutRows = stored.rows - trainRows;
    if (trainRows === 0 || heldOutRows === 0)
      throw new ConcordError(
        "numeric/not-finite",
        `${folder}: none of the ${trainRows === 0 ? split : all.rows - split} rows ${trainRows === 0 ? "to train on" : "held out"} is finite.`,
        { hint: "Check what produced them, or hold out other rows." },
      );
    const group = Math.max(1, Math.floor(index.groupRows / orbitSize));
    const drawn = drawnRows(trainRows / orbitSize, options.draw, skipped.length > 0 ? 1 : group);
    requireDrawnRows(drawn, trainRows, options.draw, folder);
    const train = openTrainStream(rowsOfRange(folded, drawn), {
      seed,
      rowsPerBlock: Math.max(1, Math.floor(index.blockRows / orbitSize)),
      bufferBytes,
      scratchBytes: scratchOf(index, all.rows),
      where: folder,
      identity: `store ${storeChecksum(index)}, ${drawIdentity(options.draw)}`,
      kernels,
    });
    return {
      dIn: index.dIn,
      index,
      heldOutFrom: trainRows,
      mixing: train.mixing,
      memoryBytes: train.memoryBytes,
      provenance: {
        // What the rows are does not change by keeping them in files.
        ...index.provenance,
        digest: storeDigest(index),
        rows: stored.rows,
        trainRows: drawn.count * orbitSize,
        ...(orbitSize > 1 && { orbitSize }),
        ...(options.draw && { draw: { ...options.draw, firstRow: drawn.start * orbitSize } }),
        ...(options.skipNonFinite && { skippedRows: skipped.length }),
        storedDtype: index.dtype,
        mixing: mixingFacts(train.mixing),
      },
      ...(skipped.length > 0 && {
        notices: [
          `${folder}: ${skipped.length} of ${all.rows} rows are not finite and are left out; the first is row ${skipped[0]}.`,
        ],
      }),
      train: orbitStream(train.stream, orbitSize, index.dIn),
      heldOut: rowReader(stored, trainRows, heldOutRows, all.scratchBytes, kernels),
      close: async () => {
        await train.settled();
        await stored.close();
      },
    };
  } catch (error) {
    await all.close();
    throw error;
  }
}

/** What is known of a source's store, for whoever opens it again. */
export function storeBehind(
  folder: string,
  { heldOutFrom }: Pick<ShardSource, "heldOutFrom">,
  { backend, catalogue }: Pick<SourceContext, "backend" | "catalogue">,
): SourceStore {
  return { folder, trainRows: heldOutFrom, threads: backend.threads, catalogue };
}

/** Rows to leave out, ascending. A store that our writer made has none. */
async function notFiniteRows(
  stored: StoredRows,
  index: ShardIndex,
  options: ShardSourceOptions,
): Promise<readonly number[]> {
  if (index.finite) return [];
  const { folder, kernels, signal, onCheck, skipNonFinite } = options;
  const totalBytes = stored.rows * shardRowBytes(index);
  const survey = await surveyRows(stored, {
    kernels,
    signal,
    // Whole blocks, which are checked against their checksums on the way.
    rowsPerPiece: index.blockRows,
    onBytes: (bytes) => onCheck?.({ bytes, totalBytes }),
  });
  const hint = "Set skip_non_finite: true to leave such rows out, or mend what wrote them.";
  if (!skipNonFinite) refuseNotFinite(survey, stored.rows, folder, hint);
  return survey.badRows;
}

/**
 * The first held-out row: at a block's start if that does not double what is held out, otherwise at
 * a group's.
 */
function splitRow({ blockRows, groupRows }: StoreShape, rows: number, heldOut: number): number {
  const asked = rows - heldOut;
  const atBlock = asked - (asked % blockRows);
  if (atBlock > 0 && rows - atBlock <= 2 * heldOut) return atBlock;
  const atGroup = asked - (asked % groupRows);
  return atGroup > 0 ? atGroup : asked;
}

function takesOrbitsApart(folder: string): ConcordError {
  return new ConcordError(
    "argument/invalid",
    `${folder}: skip_non_finite leaves out single rows, which would take orbits apart.`,
    { hint: "Collect the store again without such rows." },
  );
}
