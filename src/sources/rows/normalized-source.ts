/**
 * @file A source that normalises training rows. Held-out rows stay unchanged: SAEs trained on it
 *   take unchanged activations, and are evaluated in their units.
 */

import {
  normalizeEachRow,
  normalizeWith,
  type OneScale,
  type RowNormalization,
  rowScales,
} from "../../base/row-normalization.ts";
import { ConcordError } from "../../errors.ts";
import type { ActivationStream, Source } from "../source.ts";

/**
 * What a config can ask for. `expected_norm` is one factor for all rows, so that their mean length
 * is √d_in. `standardize` gives all numbers together mean 0 and deviation 1.
 */
export const NORMALIZATIONS = ["none", "expected_norm", "layer_norm", "standardize"] as const;

/** One of `NORMALIZATIONS`. */
export type NormalizationName = (typeof NORMALIZATIONS)[number];

/** Rows from the start of the training stream that a scale is estimated from. */
const ESTIMATE_ROWS = 2 ** 16;

const ROWS_AT_A_TIME = 1024;

/** Sums over the rows that a scale is estimated from, in order and in float64. */
interface RowSums {
  readonly rows: number;
  /** Of the rows' lengths. */
  readonly lengths: number;
  /** Of all numbers, and of their squares. */
  readonly values: number;
  readonly squares: number;
}

/**
 * Sums over the first 65 536 rows of a stream, or all of one pass. The stream is put back.
 *
 * @throws {ConcordError} "numeric/not-finite" naming a row that is not finite.
 */
async function firstSums(stream: ActivationStream, dIn: number): Promise<RowSums> {
  const start = stream.state();
  const total = Math.min(ESTIMATE_ROWS, stream.rowsPerPass ?? ESTIMATE_ROWS);
  const buffer = new Float32Array(Math.min(total, ROWS_AT_A_TIME) * dIn);
  const targets = stream.hasTargets ? new Float32Array(buffer.length) : undefined;
  let [lengths, values, squares] = [0, 0, 0];
  for (let row = 0; row < total; ) {
    const rows = Math.min(ROWS_AT_A_TIME, total - row);
    const x = buffer.subarray(0, rows * dIn);
    await stream.next(x, targets?.subarray(0, rows * dIn));
    for (let b = 0; b < rows; b++, row++) {
      let own = 0;
      for (let i = b * dIn; i < (b + 1) * dIn; i++) {
        own += x[i]! ** 2;
        values += x[i]!;
      }
      if (!Number.isFinite(own))
        throw new ConcordError(
          "numeric/not-finite",
          `Row ${row} of the training stream holds a value that is not finite.`,
          { hint: "The source yields NaN or infinity; check where its activations come from." },
        );
      lengths += Math.sqrt(own);
      squares += own;
    }
  }
  await stream.seek(start);
  return { rows: total, lengths, values, squares };
}

/**
 * The factor that gives rows a mean length of √d_in, from the first 65 536 rows of a stream, or all
 * of one pass; SAELens calls it expected_average_only_in. The same rows give the same bits.
 *
 * @throws {ConcordError} "numeric/not-finite" naming a row that is not finite, or when all rows are
 *   zero.
 */
export async function expectedNormFactor(stream: ActivationStream, dIn: number): Promise<number> {
  const { rows, lengths } = await firstSums(stream, dIn);
  if (lengths === 0)
    throw new ConcordError(
      "numeric/not-finite",
      "The mean length of activations is zero, so no factor gives them another.",
      { hint: "Set source.normalize to none, and check where the activations come from." },
    );
  return Math.fround(Math.sqrt(dIn) / (lengths / rows));
}

/**
 * The scale that gives all numbers of the rows together mean 0 and deviation 1, from the same rows
 * as {@link expectedNormFactor}. fabiopapais/sparse-interpretability (0c3d19e) takes it from each
 * chunk of 160 000 rows; we take one for all.
 *
 * @throws {ConcordError} "numeric/not-finite" as there, or when all numbers are equal.
 */
async function standardScale(stream: ActivationStream, dIn: number): Promise<OneScale> {
  const { rows, values, squares } = await firstSums(stream, dIn);
  const shift = Math.fround(values / (rows * dIn));
  const variance = squares / (rows * dIn) - shift ** 2;
  if (!(variance > 0))
    throw new ConcordError(
      "numeric/not-finite",
      "All numbers of the activations are equal, so no factor gives them a deviation of 1.",
      { hint: "Set source.normalize to none, and check where the activations come from." },
    );
  return { factor: Math.fround(1 / Math.sqrt(variance)), shift };
}

/** Says which numbers are in which units. */
function noticeOf(kind: RowNormalization): string {
  const done =
    typeof kind !== "object"
      ? "Training rows are given mean 0 and deviation 1 each"
      : kind.shift === undefined
        ? `Training rows are multiplied by ${kind.factor.toPrecision(4)}, which gives them a mean length of √d_in`
        : `Training rows are standardised: less ${kind.shift.toPrecision(4)}, times ${kind.factor.toPrecision(4)}`;
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
  if ((name === "layer_norm" || name === "standardize") && source.symmetry)
    throw new ConcordError(
      "config/invalid",
      `source.normalize: ${name} moves rows, and the matrices of ${source.symmetry.group} no longer take one pose to another.`,
      { hint: "Set it to none or expected_norm." },
    );
  const estimate = async (): Promise<RowNormalization> => {
    if (name === "layer_norm") return name;
    if (name === "standardize") return await standardScale(train, dIn);
    return { factor: await expectedNormFactor(train, dIn) };
  };
  const kind = known ?? (await estimate());
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
