/**
 * @file Activations with known features, generated as they are needed. Any row can be made at any
 *   time, so nothing is stored and resuming is a number.
 */

import { type Backend, COEFFICIENTS } from "../../backend/backend.ts";
import { randomStream } from "../../base/philox.ts";
import { expected, ShapeError } from "../../errors.ts";
import type { ActivationStream, RowReader, Source } from "../../sources/source.ts";
import { correlatedProbabilities, covarianceFactor } from "./correlated-probabilities.ts";
import {
  type CoefficientKind,
  type Generator,
  type SyntheticOptions,
  syntheticOptions,
} from "./options.ts";
import {
  type FillerOf,
  featuresOfRows,
  MOST_KNOWN_FEATURES,
  type RowFeatures,
} from "./row-features.ts";

const COEFFICIENTS_OF: Readonly<Record<CoefficientKind, number>> = {
  uniform: COEFFICIENTS.uniform,
  absolute_normal: COEFFICIENTS.absoluteNormal,
  uniform_product: COEFFICIENTS.uniformProduct,
};

/** The ground truth: [features, d_in] normal numbers, rows scaled to length one when asked for. */
async function drawFeatures(backend: Backend, o: SyntheticOptions): Promise<Float32Array> {
  const matrix = backend.float32(o.features * o.dIn);
  const [k0, k1] = randomStream(o.seed, "synthetic/features").key;
  await backend.fillRandom({ k0, k1, start: 0, out: matrix, normal: true });
  if (o.normalizeFeatures)
    await backend.normalizeRows({ rows: matrix, unit: matrix, count: o.features, columns: o.dIn });
  return matrix;
}

/** Writes the rows from `start` on of the named split into `out`. */
type FillRows = (start: number, out: Float32Array) => Promise<void>;

function rowFiller(
  backend: Backend,
  o: SyntheticOptions,
  features: Float32Array,
  covariance: Float64Array | undefined,
  split: string,
): FillRows {
  const groupSize = Math.floor(o.features / o.groups);
  const weights = Float32Array.from({ length: groupSize }, (_, i) => o.decay ** i);
  const key = (name: string) => {
    const [k0, k1] = randomStream(o.seed, `synthetic/${split}/${name}`).key;
    return { k0, k1 };
  };
  const [rowKey, noiseKey, supportKey] = [key("rows"), key("noise"), key("supports")];
  const independent = weights.map((w) => (o.active * w) / o.features);

  const correlated = covariance && correlatedProbabilities(o, covariance, split);

  /** What all rows of one generation batch share. */
  async function sharedDraw(batch: number) {
    if (o.generator === "sparse_coding")
      return { probabilities: correlated ? correlated(batch) : independent };
    const groups = { groups: o.groups, groupSize, active: o.active, weights };
    if (o.support === "per_sample") return groups;
    const supports = backend.int32(o.groups * o.active);
    await backend.drawSupports({ key: supportKey, draw: batch, out: supports, ...groups });
    return { supports, ...groups };
  }

  let current = -1;
  let draw: Awaited<ReturnType<typeof sharedDraw>> | undefined;
  return async (start, out) => {
    const rows = out.length / o.dIn;
    for (let row = 0; row < rows; ) {
      const batch = Math.floor((start + row) / o.generationBatch);
      if (batch !== current || !draw) draw = await sharedDraw(batch);
      current = batch;
      const count = Math.min(rows - row, (batch + 1) * o.generationBatch - (start + row));
      await backend.syntheticRows({
        features,
        ...draw,
        count: o.features,
        dIn: o.dIn,
        noise: o.noise,
        coefficients: COEFFICIENTS_OF[o.coefficients],
        key: rowKey,
        noiseKey,
        start: start + row,
        rows: count,
        out: out.subarray(row * o.dIn, (row + count) * o.dIn),
      });
      row += count;
    }
  };
}

/** A source that knows which features its held-out rows are made of. */
export interface SyntheticSource extends Source {
  /**
   * The features of held-out rows, whose numbers ascend. Undefined for a source of more features
   * than `MOST_KNOWN_FEATURES`.
   */
  readonly featuresOfHeldOut?: (rows: Int32Array) => Promise<RowFeatures>;
}

/** The rows from `position` on, of `period` rows that repeat. */
function repeated(fill: FillRows, dIn: number, period: number): FillRows {
  return async (position, out) => {
    const rows = out.length / dIn;
    for (let row = 0; row < rows; ) {
      const start = (position + row) % period;
      const count = Math.min(rows - row, period - start);
      await fill(start, out.subarray(row * dIn, (row + count) * dIn));
      row += count;
    }
  };
}

/**
 * Opens a synthetic source. Training rows never repeat, unless `trainRows` says how many there
 * are. Held-out rows come from draws of their own on the same features.
 *
 * @throws {ConcordError} naming the option that does not fit.
 */
export async function openSyntheticSource(
  backend: Backend,
  given: Partial<SyntheticOptions> & { readonly generator: Generator },
): Promise<SyntheticSource> {
  const o = syntheticOptions(given);
  const features = await drawFeatures(backend, o);
  const covariance = o.correlated ? covarianceFactor(o.seed, o.features) : undefined;
  const trainSplit = o.draw ? `train/part ${o.draw.part} of ${o.draw.of}` : "train";
  const fresh = rowFiller(backend, o, features, covariance, trainSplit);
  const fillTraining = o.trainRows === undefined ? fresh : repeated(fresh, o.dIn, o.trainRows);
  const heldOutFiller: FillerOf = (directions, dIn) =>
    rowFiller(backend, { ...o, dIn, noise: 0 }, directions, covariance, "held-out");
  const fillHeldOut = rowFiller(backend, o, features, covariance, "held-out");
  let position = 0;
  const train: ActivationStream = {
    dIn: o.dIn,
    rowsPerPass: o.trainRows,
    async next(out) {
      await fillTraining(position, out);
      position += out.length / o.dIn;
    },
    state: () => ({ row: position }),
    async seek({ row }) {
      if (typeof row !== "number" || !Number.isSafeInteger(row) || row < 0)
        throw expected("state.row", "a non-negative integer", row);
      position = row;
    },
  };
  const heldOut: RowReader = {
    rows: o.heldOutRows,
    async read(start, out) {
      const end = start + out.length / o.dIn;
      if (start < 0 || end > o.heldOutRows)
        throw new ShapeError(
          "synthetic held-out rows",
          `rows 0 to ${o.heldOutRows}`,
          `${start} to ${end}`,
        );
      await fillHeldOut(start, out);
    },
  };
  return {
    dIn: o.dIn,
    provenance: { kind: "synthetic", ...o },
    train,
    heldOut,
    trueFeatures: { matrix: features, count: o.features },
    ...(o.features <= MOST_KNOWN_FEATURES && {
      featuresOfHeldOut: (rows) => featuresOfRows(backend, o.features, rows, heldOutFiller),
    }),
    close: async () => {},
  };
}
