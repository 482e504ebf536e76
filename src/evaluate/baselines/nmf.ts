/** @file Non-negative parts of non-negative rows, as a dictionary. */

import { randomStream } from "../../base/philox.ts";
import { ConcordError, expected } from "../../errors.ts";
import { leastSquaresMap } from "../../linalg/least-squares.ts";
import { factorise } from "../../linalg/nmf.ts";
import { PairedMoments } from "../../linalg/paired-moments.ts";
import type { Baseline, Components, FitContext } from "./baseline.ts";
import { gatherRows } from "./fitting-rows.ts";
import { normals, unitRows } from "./rows.ts";

/** All rows plus `shift`. @throws {ConcordError} when one is below 0 then. */
async function shiftedRows({ backend, rows, shift = 0 }: FitContext): Promise<Float32Array> {
  const x = await gatherRows(backend, rows);
  const least = x.reduce((low, v) => Math.min(low, v), 0);
  if (least + shift < 0)
    throw new ConcordError(
      "argument/invalid",
      `NMF needs rows without negative numbers, but the least number of the ${rows.rows} fitting rows is ${least.toPrecision(4)}${shift === 0 ? "" : `, and the shift ${shift}`}.`,
      {
        hint: `Take activations that are never negative (MLP post-activations of ReLU models), or give --shift ${Math.ceil(-1000 * least) / 1000} or more.`,
      },
    );
  if (shift !== 0) for (let at = 0; at < x.length; at++) x[at]! += shift;
  return x;
}

/**
 * X + shift ≈ H W. NMF's own codes solve a problem per row, which no SAE does. The encoder is the
 * linear map from rows to these codes that has the least squared error, and a ReLU. Its FVU is
 * above `nmf_fvu`, the FVU with NMF's own codes.
 *
 * It starts from |normal| numbers of the size √(mean / n), as scikit-learn's init "random" does.
 */
export const nmf: Baseline = {
  name: "nmf",
  summary: "Non-negative parts, for rows without negative numbers; the encoder is fitted to them",
  source:
    "Lee and Seung 1999, scikit-learn's NMF (coordinate descent); Cunningham et al. 2023 ([arXiv:2309.08600](https://arxiv.org/abs/2309.08600))",
  signs: ["positive"],
  rows: 20_000,
  async fit(context): Promise<Components> {
    const { backend, rows, seed, shift = 0, centre = false, pause } = context;
    const { maxIterations = 200, tolerance = 1e-4 } = context;
    if (centre)
      throw expected("centre", "false, because centred rows have negative numbers,", centre);
    const { dIn: d, rows: m } = rows;
    const x = await shiftedRows(context);
    const n = context.components ?? d;
    const size = Math.sqrt(x.reduce((sum, v) => sum + v, 0) / x.length / n);
    const [codes, parts] = [
      await normals(backend, randomStream(seed, "nmf/codes"), m * n),
      await normals(backend, randomStream(seed, "nmf/atoms"), n * d),
    ];
    for (const start of [codes, parts])
      for (let at = 0; at < start.length; at++) start[at] = size * Math.abs(start[at]!);
    const descent = { x, rows: m, d, n, codes, atoms: parts, maxIterations, tolerance, pause };
    const { iterations, converged } = await factorise(backend, descent);
    const { unit, lengths } = unitRows(parts, d);
    for (let at = 0; at < codes.length; at++) codes[at]! *= lengths[at % n]!;

    const residual = backend.float32(m * d);
    residual.set(x);
    await backend.gemm({ a: codes, b: unit, c: residual, m, n: d, k: n, beta: -1 });
    const moments = new PairedMoments(backend, d, n);
    const own = new PairedMoments(backend, d);
    await moments.add(x, m, codes);
    await own.add(x, m);
    const square = own.covariance();
    const variance = square.reduce((sum, v, at) => sum + (at % (d + 1) === 0 ? v : 0), 0);
    const { map } = leastSquaresMap(square, moments.covariance(), d, n);
    const means = moments.means();
    const encoder = new Float32Array(n * d);
    const bias = Float64Array.from(means.y);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < d; j++) {
        encoder[i * d + j] = map[j * n + i]!;
        bias[i]! -= means.x[j]! * map[j * n + i]!;
      }
    const error = residual.reduce((sum, v) => sum + v * v, 0) / m;
    return {
      count: n,
      encoder,
      atoms: unit,
      bias: Float32Array.from(bias),
      centre: shift === 0 ? undefined : new Float32Array(d).fill(-shift),
      facts: { iterations, converged, shift, nmf_fvu: error / variance },
    };
  },
};
