/** @file Independent components of rows, as a dictionary. */

import { randomStream } from "../../base/philox.ts";
import { expected } from "../../errors.ts";
import { fastIca } from "../../linalg/fast-ica.ts";
import { multiply } from "../../linalg/multiply.ts";
import { PairedMoments } from "../../linalg/paired-moments.ts";
import { symmetricEigen } from "../../linalg/symmetric-eigen.ts";
import type { Baseline, Components, FitContext } from "./baseline.ts";
import type { FittingRows } from "./fitting-rows.ts";
import { requireVariance, widest } from "./rank.ts";
import { normals, unitRows } from "./rows.ts";

/** Rows standardised, then whitened, and the way there and back. */
interface Whitening {
  readonly mean: Float64Array;
  /** Standard deviations, [d]; 1 where a dimension does not vary. */
  readonly scale: Float64Array;
  /** K [n, d]: whitened = K ((x − mean) / scale). */
  readonly there: Float64Array;
  /** [n, d]: (x − mean) / scale = whitenedᵀ back, within the n directions. */
  readonly back: Float64Array;
  readonly n: number;
}

async function whiteningOf({ backend, rows, components }: FitContext): Promise<Whitening> {
  const { dIn: d } = rows;
  const moments = new PairedMoments(backend, d);
  await rows.pass((x, count) => moments.add(x, count));
  const covariance = moments.covariance();
  const scale = Float64Array.from({ length: d }, (_, j) => Math.sqrt(covariance[j * d + j]!) || 1);
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) covariance[i * d + j]! /= scale[i]! * scale[j]!;
  const { values, vectors } = symmetricEigen(covariance, d);
  const rank = widest(values);
  requireVariance(rank, rows.rows);
  const n = components ?? rank;
  if (n > rank) throw expected("components", `an integer from 1 to the rank ${rank} of rows`, n);
  const [there, back] = [vectors.slice(0, n * d), vectors.slice(0, n * d)];
  for (let i = 0; i < n; i++) {
    // Signs do not matter, but the start of the search is relative to them.
    const sign = vectors[i * d]! < 0 ? -1 : 1;
    const deviation = Math.sqrt(values[i]!);
    for (let j = i * d; j < (i + 1) * d; j++) {
      there[j]! *= sign / deviation;
      back[j]! *= sign * deviation;
    }
  }
  return { mean: moments.means().x, scale, there, back, n };
}

/** All rows whitened, [rows, n]. */
async function whitenedRows(
  { backend }: Pick<FitContext, "backend">,
  rows: FittingRows,
  { mean, scale, there, n }: Whitening,
): Promise<Float32Array> {
  const { dIn: d } = rows;
  const map = Float32Array.from(there, (v, at) => v / scale[at % d]!);
  const offset = backend.float32(d);
  offset.set(mean);
  const out = backend.float32(rows.rows * n);
  let at = 0;
  await rows.pass(async (x, m) => {
    await backend.center({ x, offset, batch: m, dIn: d, out: x });
    const c = out.subarray(at, at + m * n);
    await backend.gemm({ a: x, b: map, c, m, n, k: d, transposeB: true });
    at += c.length;
  });
  return out;
}

/**
 * Components by whitening and FastICA. The code is s = (x − mean) Uᵀ and x̂ = s A + mean. Rows of
 * the unmixing matrix U and of the mixing matrix A [n, d_in], its pseudo-inverse, are both in the
 * space of the rows.
 *
 * `faithful` repeats the code of Cunningham et al. (HoagyC/sparse_coding, 69c5ae0). Atoms are there
 * rows of the unmixing matrix in standardised space, of length one. The same rows encode, without
 * scale or mean. These are not the directions that independent sources add to rows.
 */
export const ica: Baseline = {
  name: "ica",
  summary: "Independent components, by FastICA (parallel, logcosh) on standardised rows",
  source:
    "Hyvärinen 1999, scikit-learn's FastICA; Cunningham et al. 2023 ([arXiv:2309.08600](https://arxiv.org/abs/2309.08600)), whose code has rows of the unmixing matrix as atoms",
  signs: ["plus-minus", "oriented", "positive", "signed"],
  rows: 100_000,
  async fit(context): Promise<Components> {
    const { backend, rows, seed, faithful = false, centre = true, pause } = context;
    if (!centre) throw expected("centre", "true, because components are about the mean,", centre);
    const { maxIterations = 200, tolerance = 1e-4 } = context;
    const { dIn: d } = rows;
    const whitening = await whiteningOf(context);
    const { n, scale, there, back } = whitening;
    const whitened = await whitenedRows(context, rows, whitening);
    const start = Float64Array.from(await normals(backend, randomStream(seed, "ica/start"), n * n));
    const search = { whitened, n, start, maxIterations, tolerance, pause };
    const { directions, iterations, converged } = await fastIca(backend, search);
    const facts = { iterations, converged, faithful };
    const unmixing = multiply(directions, there, [n, n, d]);
    if (faithful) {
      const atoms = unitRows(unmixing, d).unit;
      return { count: n, encoder: atoms, atoms, centre: undefined, facts };
    }
    const mixing = multiply(directions, back, [n, n, d]);
    for (let at = 0; at < n * d; at++) {
      unmixing[at]! /= scale[at % d]!;
      mixing[at]! *= scale[at % d]!;
    }
    const { unit, lengths } = unitRows(mixing, d);
    return {
      count: n,
      encoder: Float32Array.from(unmixing, (v, at) => v * lengths[Math.floor(at / d)]!),
      atoms: unit,
      centre: Float32Array.from(whitening.mean),
      facts,
    };
  },
};
