/**
 * @file What collecting the windows of EEG recordings into a store will take, without writing any
 *   of them.
 */

import { sum } from "../../../base/statistics/mean.ts";
import { ConcordError } from "../../../errors.ts";
import { rowBytes, type StoredRows } from "../../../sources/rows/stored-rows.ts";
import { openTrainStream } from "../../../sources/rows/train-stream.ts";
import type { CollectPlan, SourceFacts } from "../../../sources/source-kind.ts";
import type { EegConfig } from "../schema.ts";
import type { EegPlan, PlannedRecording } from "../windows/pipeline.ts";
import { windowsOf } from "../windows/prepare.ts";
import { eegStoreShape } from "./collect-eeg.ts";
import { storedOptions } from "./eeg-source.ts";
import type { PlacedEeg } from "./open-eeg.ts";

/**
 * Times a recording's samples, as float64, that making its windows takes at most
 * (`max_recording_bytes`).
 */
const MAKING_WINDOWS = 3;

/**
 * Counts the windows that the recordings have room for, artefacts included, and times the making of
 * one recording's.
 *
 * @param clock Milliseconds since any fixed moment.
 * @throws {ConcordError} `config/invalid` when one side of the split has no window, or
 *   `buffer_bytes` cannot hold what serving them takes.
 */
export async function planEegStore(
  source: EegConfig,
  { eeg, plan, expected, folder = "the windows" }: PlacedEeg,
  clock: () => number,
): Promise<{ facts: SourceFacts; collect: CollectPlan }> {
  const { layout, planned } = plan;
  const dIn = layout.channels.length * layout.samples;
  const { dtype, blockRows } = eegStoreShape(dIn, eeg.variant);
  const { heldOutRows } = expected;
  // What does not fill a block is trimmed, as it is when the store is written.
  const trainRows =
    expected.trainRows < blockRows
      ? expected.trainRows
      : expected.trainRows - (expected.trainRows % blockRows);
  if (trainRows === 0 || heldOutRows === 0)
    throw new ConcordError(
      "config/invalid",
      `The split leaves ${trainRows} windows to train on and ${heldOutRows} held out.`,
      { hint: "Add recordings, or hold out another share." },
    );
  const rows = trainRows + heldOutRows;
  const bytes = rows * rowBytes({ dtype, dIn });
  const { memoryBytes } = openTrainStream(unread({ dtype, dIn, rows: trainRows }), {
    seed: 0,
    rowsPerBlock: blockRows,
    bufferBytes: source.bufferBytes,
    where: folder,
    scratchBytes: 2 * blockRows * rowBytes({ dtype, dIn }),
  });
  const samplesOf = ({ recording, indices, rate }: PlannedRecording) =>
    indices.length * recording.seconds * rate;
  const all = planned.map(samplesOf);
  const largest = all.reduce((a, b) => Math.max(a, b), 0);
  return {
    facts: {
      dIn,
      rowsPerPass: trainRows,
      heldOutRows,
      memoryBytes,
      trueFeatures: 0,
      hasTargets: eeg.corrupt !== undefined,
    },
    collect: {
      rows,
      bytes,
      memoryBytes: MAKING_WINDOWS * 8 * largest,
      seconds: await timeOne(plan, all, eeg, clock),
    },
  };
}

/** Seconds that the windows of all recordings will take, from those of the smallest. */
async function timeOne(
  { planned, layout }: EegPlan,
  samples: readonly number[],
  eeg: PlacedEeg["eeg"],
  clock: () => number,
): Promise<number> {
  const least = samples.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const start = clock();
  await windowsOf(planned[samples.indexOf(least)]!, layout, storedOptions(eeg));
  const seconds = (clock() - start) / 1000;
  return (seconds * sum(samples)) / least;
}

/** Rows that are counted and never read. */
function unread(shape: Pick<StoredRows, "dtype" | "dIn" | "rows">): StoredRows {
  return {
    ...shape,
    scratchBytes: 0,
    read: () => Promise.reject(new Error("planned rows are not there to be read")),
    close: async () => undefined,
  };
}
