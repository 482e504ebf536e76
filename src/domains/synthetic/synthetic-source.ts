/**
 * @file Activations with known features, generated as they are needed. Any row can be made at any
 *   time, so nothing is stored and resuming is a number.
 */

import type { Backend } from "../../backend/backend.ts";
import { randomStream } from "../../base/philox.ts";
import { expected } from "../../errors.ts";
import type { ActivationStream, Source } from "../../sources/source.ts";
import type { Symmetry } from "../../sources/symmetry.ts";
import { covarianceFactor } from "./correlated-probabilities.ts";
import { type Generator, type SyntheticOptions, syntheticOptions } from "./options.ts";
import type { FilledOrbitOptions } from "./orbits/orbit-rows.ts";
import { heldOutReader, orbitParts, type TrueOrbits } from "./orbits/orbit-source.ts";
import { featuresOfRows, MOST_KNOWN_FEATURES, type RowFeatures } from "./row-features.ts";
import { type FillRows, repeated, rowFiller } from "./row-filler.ts";

/** The ground truth: [features, d_in] normal numbers, rows scaled to length one when asked for. */
async function drawFeatures(backend: Backend, o: SyntheticOptions): Promise<Float32Array> {
  const matrix = backend.float32(o.features * o.dIn);
  const [k0, k1] = randomStream(o.seed, "synthetic/features").key;
  await backend.fillRandom({ k0, k1, start: 0, out: matrix, normal: true });
  if (o.normalizeFeatures)
    await backend.normalizeRows({ rows: matrix, unit: matrix, count: o.features, columns: o.dIn });
  return matrix;
}

/** A source that knows which features its held-out rows are made of. */
export interface SyntheticSource extends Source {
  /**
   * The features of held-out rows, whose numbers ascend. Undefined for a source of more features
   * than `MOST_KNOWN_FEATURES`.
   */
  readonly featuresOfHeldOut?: (rows: Int32Array) => Promise<RowFeatures>;
  /** How features move, where rows come in orbits. */
  readonly orbits?: TrueOrbits;
}

/** How rows are written, and what is known of them as orbits. */
interface Fillers {
  readonly fresh: FillRows;
  readonly fillHeldOut: FillRows;
  /** Float32 elements that are held beside the features. */
  readonly held: number;
  readonly symmetry?: Symmetry;
  readonly orbits?: TrueOrbits;
  readonly actionFit?: object;
}

async function fillersOf(
  backend: Backend,
  o: SyntheticOptions,
  features: Float32Array,
  covariance: Float64Array | undefined,
): Promise<Fillers> {
  const trainSplit = o.draw ? `train/part ${o.draw.part} of ${o.draw.of}` : "train";
  if (o.generator === "orbits")
    return orbitParts(backend, o as FilledOrbitOptions, features, trainSplit);
  return {
    fresh: rowFiller(backend, o, { features, covariance, split: trainSplit }),
    fillHeldOut: rowFiller(backend, o, { features, covariance, split: "held-out" }),
    held: 0,
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
  const parts = await fillersOf(backend, o, features, covariance);
  const { fresh, symmetry, orbits, actionFit } = parts;
  const fillTraining = o.trainRows === undefined ? fresh : repeated(fresh, o.dIn, o.trainRows);
  const size = orbits?.size ?? 1;
  const featuresOfHeldOut = (rows: Int32Array) =>
    featuresOfRows(
      backend,
      o.features,
      rows.map((row) => Math.floor(row / size)),
      (directions, dIn) => {
        const silent = { ...o, dIn, noise: 0 };
        return rowFiller(backend, silent, { features: directions, covariance, split: "held-out" });
      },
    );
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
  return {
    dIn: o.dIn,
    provenance: { kind: "synthetic", ...o, ...(actionFit && { actionFit }) },
    train,
    heldOut: heldOutReader(parts.fillHeldOut, o.dIn, o.heldOutRows),
    trueFeatures: { matrix: features, count: o.features },
    memoryBytes: features.byteLength + 4 * parts.held,
    ...(o.features <= MOST_KNOWN_FEATURES && { featuresOfHeldOut }),
    ...(symmetry && { symmetry }),
    ...(orbits && { orbits }),
    close: async () => {},
  };
}
