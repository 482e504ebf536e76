/**
 * @file What a backend does on this machine, in numbers that can be held against what the hardware
 *   should do.
 */

import type { Backend, EncoderPacking } from "./backend.ts";

/** Each is the best of a few repeats. */
export interface MeasuredRates {
  /** float32 matrix product, [m, k] × [k, n]. */
  readonly gemm: {
    readonly gflops: number;
    readonly m: number;
    readonly n: number;
    readonly k: number;
  };
  /**
   * The TopK encoder: floating-point operations of the plain matrix product per second of
   * screening, refining and selecting. `screen`: what scores are first computed in.
   */
  readonly encode: {
    readonly tflops: number;
    readonly screen: EncoderPacking["screen"];
    readonly batch: number;
    readonly dIn: number;
    readonly dSae: number;
    readonly k: number;
  };
  /** Reading a matrix that no cache holds, once, to sum its rows. */
  readonly read: { readonly gigabytesPerSecond: number; readonly bytes: number };
}

/** Repeats until this much time is spent on one rate. */
const BUDGET_MS = 700;
const MAX_REPEATS = 12;

/**
 * Least milliseconds of one call of `work`; the first, which warms up, counts only when there is no
 * other.
 */
async function fastest(clock: () => number, work: () => Promise<unknown>): Promise<number> {
  const start = clock();
  let best = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < MAX_REPEATS; repeat++) {
    const before = clock();
    await work();
    const end = clock();
    if (repeat === 0 && end - start < BUDGET_MS / 2) continue;
    best = Math.min(best, end - before);
    if (end - start > BUDGET_MS) break;
  }
  return best;
}

async function normal(backend: Backend, length: number, k1: number): Promise<Float32Array> {
  const out = backend.float32(length);
  await backend.fillRandom({ k0: 0, k1, start: 0, out, normal: true });
  return out;
}

async function gemmRate(backend: Backend, clock: () => number): Promise<MeasuredRates["gemm"]> {
  const size = backend.name === "native" ? 1024 : 128;
  const shape = { m: size, n: size, k: size };
  const a = await normal(backend, size * size, 0);
  const b = await normal(backend, size * size, 1);
  const c = backend.float32(size * size);
  const ms = await fastest(clock, () => backend.gemm({ a, b, c, ...shape }));
  return { gflops: (2 * size ** 3) / ms / 1e6, ...shape };
}

async function encodeRate(backend: Backend, clock: () => number): Promise<MeasuredRates["encode"]> {
  const native = backend.name === "native";
  const [batch, dIn, dSae, k] = native ? [1024, 768, 8192, 32] : [4, 768, 1024, 32];
  const shape = { dIn, dSae, k };
  const W = await normal(backend, dSae * dIn, 0);
  await backend.normalizeRows({ rows: W, unit: W, count: dSae, columns: dIn });
  const x = await normal(backend, batch * dIn, 1);
  const { bytes, screen } = backend.encoderPacking(shape);
  const packed = backend.bytes(bytes);
  await backend.packEncoder({ ...shape, W, packed });
  const indices = backend.int32(batch * k);
  const values = backend.float32(batch * k);
  const args = { ...shape, x, batch, W, bias: undefined, packed, margin: 6 * (k + 32), relu: true };
  const ms = await fastest(clock, () => backend.encodeTopK({ ...args, indices, values }));
  return { tflops: (2 * batch * dIn * dSae) / ms / 1e9, screen, batch, ...shape };
}

async function readRate(backend: Backend, clock: () => number): Promise<MeasuredRates["read"]> {
  const columns = 1024;
  const rows = backend.name === "native" ? 2 ** 16 : 2 ** 13;
  const matrix = backend.float32(rows * columns);
  // Memory that was never written is one page of zeros.
  matrix.fill(1);
  const out = backend.float32(columns);
  const ms = await fastest(clock, () => backend.weightedRowSum({ matrix, rows, columns, out }));
  const bytes = 4 * rows * columns;
  return { gigabytesPerSecond: bytes / ms / 1e6, bytes };
}

/**
 * Measures a backend within about three seconds; with the reference backend on smaller problems,
 * named in the result.
 *
 * @param clock Milliseconds since any fixed moment.
 */
export async function measureBackend(
  backend: Backend,
  clock: () => number,
): Promise<MeasuredRates> {
  return {
    gemm: await gemmRate(backend, clock),
    encode: await encodeRate(backend, clock),
    read: await readRate(backend, clock),
  };
}
