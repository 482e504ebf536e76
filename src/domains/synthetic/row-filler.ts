/** @file Writes rows of synthetic activations: any row at any time, from its number alone. */

import { type Backend, COEFFICIENTS } from "../../backend/backend.ts";
import { randomStream } from "../../base/philox.ts";
import { correlatedProbabilities } from "./correlated-probabilities.ts";
import { type CoefficientKind, drawsEachFeature, type SyntheticOptions } from "./options.ts";

const COEFFICIENTS_OF: Readonly<Record<CoefficientKind, number>> = {
  uniform: COEFFICIENTS.uniform,
  absolute_normal: COEFFICIENTS.absoluteNormal,
  uniform_product: COEFFICIENTS.uniformProduct,
};

/** Writes the rows from `start` on of one split into `out`, which is whole rows. */
export type FillRows = (start: number, out: Float32Array) => Promise<void>;

/** The rows that a filler writes. */
export interface FilledRows {
  /** [features, d_in] */
  readonly features: Float32Array;
  /** Of correlated probabilities, see `covarianceFactor`. */
  readonly covariance?: Float64Array | undefined;
  /** Names the draws: rows of two splits have none in common. */
  readonly split: string;
  /** Names the noise within the split. Default `noise`. */
  readonly noiseName?: string;
}

/**
 * Makes what writes rows. The seed, the split and the number of a row decide which features are
 * active, and how strongly. The directions of the features do not.
 */
export function rowFiller(
  backend: Backend,
  o: SyntheticOptions,
  { features, covariance, split, noiseName = "noise" }: FilledRows,
): FillRows {
  const groupSize = Math.floor(o.features / o.groups);
  const weights = Float32Array.from({ length: groupSize }, (_, i) => o.decay ** i);
  const key = (name: string) => {
    const [k0, k1] = randomStream(o.seed, `synthetic/${split}/${name}`).key;
    return { k0, k1 };
  };
  const [rowKey, noiseKey, supportKey] = [key("rows"), key(noiseName), key("supports")];
  const independent = weights.map((w) => (o.active * w) / o.features);

  const correlated = covariance && correlatedProbabilities(o, covariance, split);

  /** What all rows of one generation batch share. */
  async function sharedDraw(batch: number) {
    if (drawsEachFeature(o.generator))
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

/** The rows from `position` on, of `period` rows that repeat. */
export function repeated(fill: FillRows, dIn: number, period: number): FillRows {
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
