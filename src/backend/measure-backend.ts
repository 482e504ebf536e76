/**
 * @file Measures a backend on this machine, in rates that can be compared with those of the
 *   hardware.
 */

import type { Backend, EncoderPacking } from "./backend.ts";

/** The best rates of a few repeats each. */
export interface MeasuredRates {
  /** float32 matrix product, [m, k] × [k, n]. */
  readonly gemm: {
    readonly gflops: number;
    readonly m: number;
    readonly n: number;
    readonly k: number;
  };
  /**
   * The TopK encoder: floating-point operations of the plain matrix product, per second of
   * screening, refining and selecting. `screen` is the precision in which scores are first
   * computed.
   */
  readonly encode: {
    readonly tflops: number;
    readonly screen: EncoderPacking["screen"];
    readonly batch: number;
    readonly dIn: number;
    readonly dSae: number;
    readonly k: number;
  };
  /** Summing the rows of a matrix too large for any cache, which reads it from memory once. */
  readonly read: { readonly gigabytesPerSecond: number; readonly bytes: number };
}

/** Repeats stop once one rate has taken this long. */
const BUDGET_MS = 700;
const MAX_REPEATS = 12;

/**
 * The shortest time of one call of `work`, in milliseconds. The first call warms up, and counts
 * only when it is the only one.
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
  // Memory that was never written is a single page of zeros.
  matrix.fill(1);
  const out = backend.float32(columns);
  const ms = await fastest(clock, () => backend.weightedRowSum({ matrix, rows, columns, out }));
  const bytes = 4 * rows * columns;
  return { gigabytesPerSecond: bytes / ms / 1e6, bytes };
}

/**
 * Measures a backend within about three seconds. The reference backend gets smaller problems; the
 * result states their sizes.
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
