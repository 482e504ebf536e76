/** @file EEG windows written once to an activation store, for more recordings than memory holds. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DTYPE_BYTES } from "../../../base/dtype.ts";
import { ConcordError } from "../../../errors.ts";
import { writeFileAtomically } from "../../../formats/atomic-file.ts";
import { ioError } from "../../../formats/io-error.ts";
import { readShardIndex } from "../../../sources/shards/read-index.ts";
import type { StoreShape } from "../../../sources/shards/shard-source.ts";
import { openShardWriter, type ShardWriter } from "../../../sources/shards/shard-writer.ts";
import type { EegReport } from "../recordings/report.ts";
import type { RecordingWindows, WindowLayout } from "../windows/pipeline.ts";
import { planEeg, refuseInterrupted, reportOf, tell, windowsOf } from "../windows/prepare.ts";
import type { EegSourceOptions } from "./eeg-source.ts";
import {
  eegProvenance,
  type HeldOutWindows,
  heldOutWindows,
  refuseEmpty,
  sidesOf,
} from "./sides.ts";
import { type Split, splitRecordings } from "./split.ts";

export type CollectEegOptions = EegSourceOptions & {
  /** Of the store; made when needed. */
  readonly folder: string;
};

export interface CollectedEeg {
  readonly layout: WindowLayout;
  readonly report: EegReport;
  readonly rows: number;
  /** The store's last rows, to be held out: pass it to `openShardSource`. */
  readonly heldOutRows: number;
  /**
   * Training windows left out so that training and held-out windows share no block of the store.
   */
  readonly trimmedRows: number;
  /**
   * Where held-out windows are from, by recording in the order of the rows. Undefined for a store
   * of an older version.
   */
  readonly heldOutWindows?: readonly HeldOutWindows[];
}

/** In the store's folder: {@link CollectedEeg} as JSON. */
const SUMMARY_FILE = "eeg.json";

/**
 * A compromise: blocks are what training is shuffled by, and up to one block of windows is trimmed.
 */
const BLOCK_BYTES = 2 ** 20;

/** What a store of EEG windows of this width is like. */
export function eegStoreShape(dIn: number, variant: EegSourceOptions["variant"]): StoreShape {
  const dtype = variant === "faithful" ? "float16" : "float32";
  const blockRows = Math.max(1, Math.floor(BLOCK_BYTES / (dIn * DTYPE_BYTES[dtype])));
  return { dtype, dIn, blockRows, groupRows: 1 };
}

/**
 * Writes EEG windows to an activation store, one recording in memory at a time: training windows
 * first, held-out ones last.
 *
 * `openShardSource` holds out whole blocks, so training windows after the last whole block are left
 * out. Otherwise they would be held out together with recordings that training never sees. A store
 * that was interrupted is continued: windows it has already are made again and skipped.
 *
 * @throws {ConcordError} as `openEegSource` and `openShardWriter`; `run/conflict` when the store is
 *   complete.
 */
export async function collectEeg(options: CollectEegOptions): Promise<CollectedEeg> {
  const plan = options.plan ?? (await planEeg(options));
  const { layout, planned } = plan;
  const recordings = planned.map((p) => p.recording);
  const split = splitRecordings(recordings, options);
  const names = recordings.map((r) => r.name);
  const dIn = layout.channels.length * layout.samples;
  const { dtype, blockRows } = eegStoreShape(dIn, options.variant);
  const writer = await openShardWriter({
    folder: options.folder,
    dIn,
    dtype,
    ...(options.kernels && { kernels: options.kernels }),
    blockBytes: blockRows * dIn * DTYPE_BYTES[dtype],
    provenance: eegProvenance(options, plan, reportOf(plan, [], options.variant), split, names),
  });
  try {
    if (writer.isComplete) {
      throw new ConcordError("run/conflict", `${options.folder} is a complete store already.`, {
        hint: "Open it, or choose another folder.",
      });
    }
    const made: Pick<RecordingWindows, "used">[] = [];
    const append = skipping(writer, dIn);
    let tail: Float32Array = new Float32Array(0);
    let trainRows = 0;
    let trimmedRows = 0;
    let heldOutRows = 0;
    const from: HeldOutWindows[] = [];
    for (const [turn, i] of storeOrder(planned.length, split).entries()) {
      refuseInterrupted(options.signal, turn, planned.length);
      const windows = await windowsOf(planned[i]!, layout, options);
      made[i] = { used: windows.used };
      const sides = sidesOf(windows, i, split, layout);
      const { train, heldOut } = sides;
      if (train.length > 0) {
        const joined = concatenated(tail, train);
        const whole = joined.length - (joined.length % (blockRows * dIn));
        await append(joined.subarray(0, whole));
        trainRows += whole / dIn;
        tail = joined.slice(whole);
      }
      const trainingIsOver = turn === planned.length - 1 || heldOut.length > 0;
      if (trainingIsOver && tail.length > 0) {
        // Less than a block in all is kept whole: the store then divides between rows.
        if (trainRows === 0) {
          await append(tail);
          trainRows = tail.length / dIn;
        } else trimmedRows = tail.length / dIn;
        tail = new Float32Array(0);
      }
      await append(heldOut);
      heldOutRows += heldOut.length / dIn;
      from.push(...heldOutWindows(names[i]!, sides));
      tell(options, "windows", windows.name, turn + 1, planned.length);
    }
    const report = reportOf(plan, made, options.variant);
    refuseEmpty(trainRows, heldOutRows, report);
    const rows = trainRows + heldOutRows;
    const collected: CollectedEeg = {
      layout,
      report,
      rows,
      heldOutRows,
      trimmedRows,
      heldOutWindows: from,
    };
    // Before the index says that the store is complete, so that a complete one always has it.
    await writeFileAtomically(
      join(options.folder, SUMMARY_FILE),
      `${JSON.stringify(collected, null, 2)}\n`,
    );
    await writer.finish();
    return collected;
  } catch (error) {
    await writer.close();
    throw error;
  }
}

/**
 * What {@link collectEeg} returned for a store that is complete.
 *
 * @returns undefined when the folder holds no complete store of EEG windows.
 */
export async function readCollectedEeg(folder: string): Promise<CollectedEeg | undefined> {
  const index = await readShardIndex(folder).catch(() => undefined);
  if (!index?.complete) return undefined;
  const path = join(folder, SUMMARY_FILE);
  try {
    return JSON.parse(await readFile(path, "utf8")) as CollectedEeg;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw ioError(error, "read", path);
  }
}

/** Appends rows, save those that an interrupted store has already. */
function skipping(writer: ShardWriter, dIn: number): (rows: Float32Array) => Promise<void> {
  let toSkip = writer.rowsWritten * dIn;
  return async (rows) => {
    const skipped = Math.min(toSkip, rows.length);
    toSkip -= skipped;
    if (skipped < rows.length) await writer.append(rows.subarray(skipped));
  };
}

function concatenated(a: Float32Array, b: Float32Array): Float32Array {
  const out = new Float32Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

/** Recordings to train on first, then those held out. */
function storeOrder(count: number, split: Split): number[] {
  const all = Array.from({ length: count }, (_, i) => i);
  if (split.by === "time") return all;
  return [...all.filter((i) => !split.heldOut[i]), ...all.filter((i) => split.heldOut[i])];
}
