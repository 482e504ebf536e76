/**
 * @file A source of clean EEG windows turned into one of noisy windows with the clean ones as their
 *   targets. Every window that is served gets a disturbance of its own, a function of the seed and
 *   of how many were served before. So a pass never repeats the noise of the one before, and a
 *   position gives the same bytes again.
 */

import { randomStream } from "../../../base/philox.ts";
import { expected } from "../../../errors.ts";
import { oneAtATime } from "../../../sources/rows/one-at-a-time.ts";
import type { ActivationStream, RowReader, Source } from "../../../sources/source.ts";
import type { WindowLayout } from "../windows/pipeline.ts";
import {
  CORRUPT_DEFAULTS,
  type CorruptOptions,
  checkCorruption,
  corruptWindow,
  drawCorruption,
  scaleWindow,
} from "./corrupt-windows.ts";

/**
 * Wraps a source whose rows are windows in µV.
 *
 * Noise is added to the window as the pipeline left it, filtered and referenced, so there can be
 * noise outside the pipeline's band. Then the noisy window is z-scored channel by channel, and its
 * target put on the same scale. What a denoiser makes of a window is undone with the noisy window's
 * own mean and deviation.
 *
 * @param seed Decides the disturbances.
 * @throws {ConcordError} `argument/invalid` for options that do not fit, and from reading for a
 *   window that is constant.
 */
export function corruptedSource<T extends Source>(
  clean: T,
  layout: WindowLayout,
  options: CorruptOptions,
  seed: number,
): T {
  const settings = { ...CORRUPT_DEFAULTS, ...options };
  const { kinds, snrDb, lineFrequency, training } = settings;
  const { dIn } = clean;
  checkCorruption(settings, layout);
  const rowsIn = (out: Float32Array) => out.length / dIn;
  const row = (matrix: Float32Array, r: number) => matrix.subarray(r * dIn, (r + 1) * dIn);

  /** Disturbs the clean rows in `out`, the first with draw `first`; they are left in `targets`. */
  const disturb = (name: string, first: number, out: Float32Array, targets?: Float32Array) => {
    const stream = randomStream(seed, `eeg/corrupt/${name}`);
    targets?.set(out);
    for (let r = 0; r < rowsIn(out); r++) {
      const window = row(out, r);
      const draw = drawCorruption(settings, stream, first + r);
      corruptWindow(window, layout, draw, lineFrequency);
      scaleWindow(window, layout, targets && row(targets, r));
    }
  };

  const exclusive = oneAtATime();
  let served = 0;
  const pairs = training === "pairs";
  const train: ActivationStream = {
    dIn: clean.dIn,
    rowsPerPass: clean.train.rowsPerPass,
    hasTargets: pairs,
    next: (out, targets) =>
      exclusive(async () => {
        await clean.train.next(out);
        if (pairs) disturb("train", served, out, targets);
        else for (let r = 0; r < rowsIn(out); r++) scaleWindow(row(out, r), layout);
        served += rowsIn(out);
      }),
    state: () => ({ ...clean.train.state(), served }),
    seek: (state) =>
      exclusive(async () => {
        const { served: before, ...inner } = state;
        if (typeof before !== "number" || !Number.isSafeInteger(before) || before < 0)
          throw expected("state.served", "a non-negative integer", before);
        await clean.train.seek(inner);
        served = before;
      }),
  };
  const heldOut: RowReader = {
    rows: clean.heldOut.rows,
    hasTargets: true,
    async read(start, out, targets) {
      await clean.heldOut.read(start, out);
      disturb("held-out", start, out, targets);
    },
  };
  const corruption = { kinds, snr_db: snrDb, line_frequency: lineFrequency, training };
  return {
    ...clean,
    train,
    heldOut,
    provenance: { ...clean.provenance, corrupt: corruption },
  };
}
