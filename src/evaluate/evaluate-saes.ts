/**
 * @file How well SAEs reconstruct held-out activations, or their targets: one pass over the rows
 *   for every metric of the registry.
 */

import type { Backend } from "../backend/backend.ts";
import { ConcordError } from "../errors.ts";
import type { ReconstructionSums } from "../metrics/metric.ts";
import { type Coder, openCoder } from "../sae/ensemble.ts";
import { runnerBytes, type SaeSizes } from "../sae/sae.ts";
import type { RowReader } from "../sources/source.ts";
import { RowVariance } from "./row-variance.ts";

/**
 * Checks held-out rows [rows, d_in].
 *
 * @param first Number of the first row among all held-out ones.
 * @throws {ConcordError} "numeric/not-finite" naming the row that is not finite.
 */
export async function requireFinite(
  backend: Backend,
  x: Float32Array,
  rows: number,
  dIn: number,
  first: number,
): Promise<void> {
  const badRow = await backend.center({ x, batch: rows, dIn, out: x });
  if (badRow >= 0)
    throw new ConcordError(
      "numeric/not-finite",
      `Held-out row ${first + badRow} holds a value that is not finite.`,
      { hint: "The source yields NaN or infinity there; training never sees these rows." },
    );
}

/** Rows per batch; every SAE holds memory for as many. */
export const EVALUATION_BATCH = 1024;

/**
 * Sums for every SAE or ensemble over the rows of `reader`, from which the metrics of
 * metrics/registry.ts follow.
 *
 * Where rows have targets t of their own, errors are ‖t − x̂‖² and the variance is that of the
 * targets. The variance is computed once for all.
 *
 * @param pause Called and awaited after each SAE's share of a batch; what it throws ends the
 *   evaluation.
 * @throws {ConcordError} "numeric/not-finite" naming the held-out row that is not finite.
 */
export async function evaluateSaes(
  backend: Backend,
  saes: readonly Coder[],
  reader: RowReader,
  dIn: number,
  pause: () => void | Promise<void> = () => {},
): Promise<ReconstructionSums[]> {
  const batch = Math.min(EVALUATION_BATCH, reader.rows);
  const runners = await Promise.all(saes.map((sae) => openCoder(backend, sae, batch)));
  const sums = saes.map((sae) => ({
    rows: reader.rows,
    dIn,
    squaredError: 0,
    variance: 0,
    meanSquare: 0,
    active: 0,
    l1: 0,
    activeRows: new Float64Array(sae.dSae),
  }));
  const buffer = backend.float32(batch * dIn);
  const targets = reader.hasTargets ? backend.float32(batch * dIn) : buffer;
  const variances = new RowVariance(dIn);
  for (let start = 0; start < reader.rows; start += batch) {
    const rows = Math.min(batch, reader.rows - start);
    const x = buffer.subarray(0, rows * dIn);
    const target = targets.subarray(0, rows * dIn);
    await reader.read(start, x, reader.hasTargets ? target : undefined);
    await requireFinite(backend, x, rows, dIn, start);
    variances.add(target);
    for (const [i, runner] of runners.entries()) {
      const sum = sums[i]!;
      const code = await runner.encode(x, rows);
      for (let e = 0; e < code.indptr[rows]!; e++) {
        const value = code.values[e]!;
        if (value === 0) continue;
        sum.active++;
        sum.l1 += Math.abs(value);
        sum.activeRows[code.indices[e]!]!++;
      }
      const { rowLoss } = await runner.residual(target, code);
      for (let b = 0; b < rows; b++) sum.squaredError += rowLoss[b]!;
      await pause();
    }
  }
  const { variance, meanSquare } = variances;
  for (const sum of sums) Object.assign(sum, { variance, meanSquare });
  return sums;
}

/** The facts about the rows of an evaluation that a plan needs. */
export interface EvaluatedRows {
  readonly rows: number;
  readonly dIn: number;
  readonly hasTargets: boolean;
}

/** Bytes that `evaluateSaes` takes: usually, and with SAEs that activate half of their latents. */
export function evaluationBytes(
  backend: Backend,
  saes: readonly SaeSizes[],
  { rows, dIn, hasTargets }: EvaluatedRows,
): { readonly usual: number; readonly most: number } {
  const batch = Math.min(EVALUATION_BATCH, rows);
  const runners = saes.map((sizes) => runnerBytes(backend, sizes, batch));
  const own = (hasTargets ? 8 : 4) * batch * dIn;
  const total = (kind: "usual" | "most") => runners.reduce((sum, r) => sum + r[kind], own);
  return { usual: total("usual"), most: total("most") };
}
