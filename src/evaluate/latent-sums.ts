/** @file What every latent does on held-out rows: two passes for the metrics of latents. */

import type { Backend } from "../backend/backend.ts";
import type { LatentSums } from "../metrics/latent-metric.ts";
import { type EncodedBatch, openSaeRunner, type Sae, type SaeRunner } from "../sae/sae.ts";
import type { RowReader } from "../sources/source.ts";
import { EVALUATION_BATCH, requireFinite } from "./evaluate-saes.ts";
import { RowVariance } from "./row-variance.ts";

/** Batches of held-out rows, with what they are to be reconstructed as. */
async function* batchesOf(backend: Backend, reader: RowReader, dIn: number) {
  const batch = Math.min(EVALUATION_BATCH, reader.rows);
  const buffer = backend.float32(batch * dIn);
  const targets = reader.hasTargets ? backend.float32(batch * dIn) : buffer;
  for (let start = 0; start < reader.rows; start += batch) {
    const rows = Math.min(batch, reader.rows - start);
    const x = buffer.subarray(0, rows * dIn);
    const target = targets.subarray(0, rows * dIn);
    await reader.read(start, x, reader.hasTargets ? target : undefined);
    await requireFinite(backend, x, rows, dIn, start);
    yield { x, target, rows };
  }
}

/** The activations of some latents alone. */
function onlyOf({ rows, indptr, indices, values }: EncodedBatch, isKept: Uint8Array, kept: 0 | 1) {
  const code = {
    rows,
    indptr: new Int32Array(rows + 1),
    indices: new Int32Array(indptr[rows]!),
    values: new Float32Array(indptr[rows]!),
  };
  let at = 0;
  for (let b = 0; b < rows; b++) {
    for (let e = indptr[b]!; e < indptr[b + 1]!; e++) {
      if (isKept[indices[e]!] !== kept) continue;
      code.indices[at] = indices[e]!;
      code.values[at++] = values[e]!;
    }
    code.indptr[b + 1] = at;
  }
  return code;
}

/** Σ_j cos²(d_i, d_j) of the rows of a decoder: uᵢᵀ (UᵀU) uᵢ of unit rows U. */
async function squaredCosines(backend: Backend, { decoder, dSae, dIn }: Sae) {
  const unit = backend.float32(decoder.length);
  for (let f = 0; f < dSae; f++) {
    const row = decoder.subarray(f * dIn, (f + 1) * dIn);
    let squares = 0;
    for (const v of row) squares += v * v;
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let j = 0; j < dIn; j++) unit[f * dIn + j] = scale * row[j]!;
  }
  const moments = backend.float32(dIn * dIn);
  await backend.gemm({ a: unit, b: unit, c: moments, m: dIn, n: dIn, k: dSae, transposeA: true });
  const product = backend.float32(decoder.length);
  await backend.gemm({ a: unit, b: moments, c: product, m: dSae, n: dIn, k: dIn });
  const sums = new Float64Array(dSae);
  for (let at = 0; at < product.length; at++)
    sums[Math.floor(at / dIn)]! += unit[at]! * product[at]!;
  return sums;
}

/** An SAE at work, and its sums so far. */
interface Working {
  readonly runner: SaeRunner;
  readonly activeRows: Float64Array;
  readonly magnitudes: Float64Array;
  readonly powers: LatentSums["powers"];
  isTop: Uint8Array;
  topError: number;
  restError: number;
}

function addCode({ activeRows, magnitudes, powers }: Working, code: EncodedBatch): void {
  const [first, second, third, fourth] = powers;
  for (let e = 0; e < code.indptr[code.rows]!; e++) {
    const [f, z] = [code.indices[e]!, code.values[e]!];
    if (z === 0) continue;
    activeRows[f]!++;
    magnitudes[f]! += Math.abs(z);
    first[f]! += z;
    second[f]! += z * z;
    third[f]! += z ** 3;
    fourth[f]! += z ** 4;
  }
}

/** 1 for the `top` latents of largest Σ|z|; of equal ones, the first. */
function largest(magnitudes: Float64Array, top: number): Uint8Array {
  const order = Array.from(magnitudes.keys()).sort((a, b) => magnitudes[b]! - magnitudes[a]!);
  const isTop = new Uint8Array(magnitudes.length);
  for (const f of order.slice(0, top)) isTop[f] = 1;
  return isTop;
}

const sumOf = (values: Float32Array, rows: number) =>
  values.subarray(0, rows).reduce((sum, v) => sum + v, 0);

/**
 * What each latent does on all rows of `reader`, and what reconstructions by the most active ones,
 * and by the others, leave. The rows are passed over twice, because the first pass says which are
 * most active.
 *
 * Where rows have targets, errors and variance are those of the targets.
 *
 * @param top   Latents of largest Σ|z| that reconstruct alone.
 * @param pause Called and awaited after each SAE's share of a batch.
 * @throws {ConcordError} "numeric/not-finite" naming the held-out row that is not finite.
 */
export async function latentSums(
  backend: Backend,
  saes: readonly Sae[],
  reader: RowReader,
  { top, pause }: { readonly top: number; readonly pause: () => Promise<void> },
): Promise<LatentSums[]> {
  const dIn = saes[0]?.dIn ?? 0;
  const working: Working[] = [];
  for (const sae of saes) {
    const zeros = () => new Float64Array(sae.dSae);
    working.push({
      runner: await openSaeRunner(backend, sae, Math.min(EVALUATION_BATCH, reader.rows)),
      activeRows: zeros(),
      magnitudes: zeros(),
      powers: [zeros(), zeros(), zeros(), zeros()],
      isTop: new Uint8Array(0),
      topError: 0,
      restError: 0,
    });
  }
  const variances = new RowVariance(dIn);
  for await (const { x, target, rows } of batchesOf(backend, reader, dIn)) {
    variances.add(target);
    for (const one of working) {
      addCode(one, await one.runner.encode(x, rows));
      await pause();
    }
  }
  for (const one of working) one.isTop = largest(one.magnitudes, top);
  for await (const { x, target, rows } of batchesOf(backend, reader, dIn))
    for (const one of working) {
      const code = await one.runner.encode(x, rows);
      const leaves = async (kept: 0 | 1) => {
        const { rowLoss } = await one.runner.residual(target, onlyOf(code, one.isTop, kept));
        return sumOf(rowLoss, rows);
      };
      one.topError += await leaves(1);
      one.restError += await leaves(0);
      await pause();
    }
  const all: LatentSums[] = [];
  for (const [i, { activeRows, powers, topError, restError }] of working.entries()) {
    const { decoder } = saes[i]!;
    const cosines = await squaredCosines(backend, saes[i]!);
    const { rows } = reader;
    const { variance } = variances;
    const found = { rows, dIn, activeRows, powers, variance, topError, restError, decoder };
    all.push({ ...found, squaredCosines: cosines });
  }
  return all;
}
