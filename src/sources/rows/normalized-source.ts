/**
 * @file A source that normalises training rows. Held-out rows stay unchanged: SAEs trained on it
 *   take unchanged activations, and are evaluated in their units.
 */

import {
  normalizeEachRow,
  normalizeWith,
  type RowNormalization,
  rowScales,
} from "../../base/row-normalization.ts";
import { ConcordError } from "../../errors.ts";
import type { ActivationStream, Source } from "../source.ts";

/**
 * What a config can ask for: `expected_norm` is one factor for all rows, so that their mean length
 * is √d_in.
 */
export const NORMALIZATIONS = ["none", "expected_norm", "layer_norm"] as const;

/** One of `NORMALIZATIONS`. */
export type NormalizationName = (typeof NORMALIZATIONS)[number];

/** Rows from the start of the training stream that the mean length is estimated from. */
const ESTIMATE_ROWS = 2 ** 16;

const ROWS_AT_A_TIME = 1024;

/**
 * The factor that gives rows a mean length of √d_in, from the first 65 536 rows of a stream, or all
 * of one pass; SAELens calls it expected_average_only_in. The stream is put back. Sums are in order
 * and in float64: the same rows give the same bits.
 *
 * @throws {ConcordError} "numeric/not-finite" naming a row that is not finite, or when all rows are
 *   zero.
 */
export async function expectedNormFactor(stream: ActivationStream, dIn: number): Promise<number> {
  const start = stream.state();
  const total = Math.min(ESTIMATE_ROWS, stream.rowsPerPass ?? ESTIMATE_ROWS);
  const buffer = new Float32Array(Math.min(total, ROWS_AT_A_TIME) * dIn);
  const targets = stream.hasTargets ? new Float32Array(buffer.length) : undefined;
  let sum = 0;
  for (let row = 0; row < total; ) {
    const rows = Math.min(ROWS_AT_A_TIME, total - row);
    const x = buffer.subarray(0, rows * dIn);
    await stream.next(x, targets?.subarray(0, rows * dIn));
    for (let b = 0; b < rows; b++, row++) {
      let squares = 0;
      for (let i = b * dIn; i < (b + 1) * dIn; i++) squares += x[i]! ** 2;
      if (!Number.isFinite(squares))
        throw new ConcordError(
          "numeric/not-finite",
          `Row ${row} of the training stream holds a value that is not finite.`,
          { hint: "The source yields NaN or infinity; check where its activations come from." },
        );
      sum += Math.sqrt(squares);
    }
  }
  await stream.seek(start);
  if (sum === 0)
    throw new ConcordError(
      "numeric/not-finite",
      "The mean length of activations is zero, so no factor gives them another.",
      { hint: "Set source.normalize to none, and check where the activations come from." },
    );
  return Math.fround(Math.sqrt(dIn) / (sum / total));
}

/** Says which numbers are in which units. */
function noticeOf(kind: RowNormalization): string {
  const done =
    typeof kind === "object"
      ? `Training rows are multiplied by ${kind.factor.toPrecision(4)}, which gives them a mean length of √d_in`
      : "Training rows are given mean 0 and deviation 1 each";
  return `${done}. Losses of training are in these units; evaluation and saved SAEs take rows as they come.`;
}

/**
 * Normalises the training rows of a source.
 *
 * @param known The normalisation that a run began with; undefined to estimate what there is to
 *   estimate.
 * @throws {ConcordError} as `expectedNormFactor`.
 */
export async function normalizeSource(
  source: Source,
  name: NormalizationName,
  known?: RowNormalization,
): Promise<Source> {
  if (name === "none") return source;
  const { dIn, train } = source;
  if (name === "layer_norm" && source.symmetry)
    throw new ConcordError(
      "config/invalid",
      `source.normalize: layer_norm changes every pose in another way, and the matrices of ${source.symmetry.group} no longer take one to another.`,
      { hint: "Set it to none or expected_norm." },
    );
  const kind =
    name === "layer_norm" ? name : (known ?? { factor: await expectedNormFactor(train, dIn) });
  let scales = rowScales(0);
  const normalized: ActivationStream = {
    dIn,
    rowsPerPass: train.rowsPerPass,
    ...(train.hasTargets === undefined ? {} : { hasTargets: train.hasTargets }),
    async next(out, targets) {
      await train.next(out, targets);
      const rows = out.length / dIn;
      if (scales.scale.length !== rows) scales = rowScales(rows);
      normalizeEachRow(kind, out, dIn, out, scales);
      if (train.hasTargets && targets) normalizeWith(kind, targets, dIn, targets, scales);
    },
    state: () => train.state(),
    seek: (state) => train.seek(state),
  };
  const notices = [...(source.notices ?? []), noticeOf(kind)];
  return { ...source, train: normalized, normalization: kind, notices };
}
