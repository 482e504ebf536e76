/**
 * @file The step of a convolutional autoencoder on the tape: forward, backward, Adam. It is
 *   measured against its own multiplications at the rate of the native GEMM, and against PyTorch on
 *   the same cores.
 *
 * The autoencoder: 64 × 64 grey, four convolutions 3 × 3 with stride 2 (16, 32, 64, 128 channels),
 * a latent of 256, and the same backwards. A step of 64 images is 3.2 GFLOP. The share is that of
 * the best step in the best GEMM, because on a shared machine medians measure the neighbours.
 */

import type { Backend } from "../src/backend/backend.ts";
import {
  Adam,
  conv2d,
  convTranspose2d,
  linear,
  meanSquaredError,
  relu,
  reshape,
  Tape,
  type TapeTensor,
} from "../src/tape/library.ts";
import { againstPeers, type BenchLine, median, timed } from "./harness.ts";

const SIZE = 64;
const CHANNELS = [1, 16, 32, 64, 128] as const;
const LATENT = 256;
const BATCH = 64;
const KERNEL = 3;
const STRIDED = { stride: 2, padding: 1 } as const;

async function filled(backend: Backend, tensor: TapeTensor, k1: number): Promise<void> {
  const fan = tensor.shape.slice(0, -1).reduce((product, n) => product * n, 1);
  const scale = Math.sqrt(2 / fan);
  await backend.fillRandom({ k0: 5, k1, start: 0, out: tensor.value, normal: true, scale });
}

/** The autoencoder, and the floating-point operations of a step of it. */
async function autoencoder(backend: Backend) {
  const tape = new Tape(backend);
  let flops = 0;
  let drawn = 0;
  const weights = async (shape: readonly number[]) => {
    const made = tape.parameter(shape);
    await filled(backend, made, drawn++);
    return made;
  };
  /** Value, gradient of the input and gradient of the weights; images have no gradient. */
  const counted = (m: number, n: number, k: number, isFirst = false) => {
    flops += (isFirst ? 2 : 3) * 2 * m * n * k;
  };
  const images = tape.input([BATCH, SIZE, SIZE, 1]);
  let x: TapeTensor = images;
  for (let i = 1; i < CHANNELS.length; i++) {
    const [from, to] = [CHANNELS[i - 1]!, CHANNELS[i]!];
    const W = await weights([KERNEL, KERNEL, from, to]);
    x = relu(conv2d(x, W, tape.parameter([to]), STRIDED));
    counted(x.rows, to, KERNEL * KERNEL * from, i === 1);
  }
  const inner = x.shape;
  const flat = x.length / BATCH;
  const down = linear(
    reshape(x, [BATCH, flat]),
    await weights([LATENT, flat]),
    tape.parameter([LATENT]),
  );
  const up = linear(down, await weights([flat, LATENT]), tape.parameter([flat]));
  counted(BATCH, LATENT, flat);
  counted(BATCH, flat, LATENT);
  x = reshape(relu(up), inner);
  for (let i = CHANNELS.length - 1; i > 0; i--) {
    const [from, to] = [CHANNELS[i]!, CHANNELS[i - 1]!];
    const W = await weights([KERNEL, KERNEL, to, from]);
    counted(x.rows, KERNEL * KERNEL * to, from);
    x = convTranspose2d(x, W, tape.parameter([to]), { ...STRIDED, outputPadding: 1 });
    if (i > 1) x = relu(x);
  }
  const loss = meanSquaredError(x, images);
  return { tape, images, loss, flops };
}

/** GFLOP per second of the native GEMM on a product that fits it well. */
async function gemmRate(backend: Backend): Promise<number> {
  const [m, n, k] = [2048, 1024, 1024];
  const [a, b, c] = [backend.float32(m * k), backend.float32(k * n), backend.float32(m * n)];
  await backend.fillRandom({ k0: 1, k1: 2, start: 0, out: a, normal: true });
  await backend.fillRandom({ k0: 3, k1: 4, start: 0, out: b, normal: true });
  const ms = await timed(() => backend.gemm({ a, b, c, m, n, k }), { repeats: 7 });
  return (2 * m * n * k) / Math.min(...ms) / 1e6;
}

export async function benchTape(plain: Backend): Promise<BenchLine[]> {
  const spent = new Map<string, number>();
  const backend: Backend = new Proxy(plain, {
    get(target, key: keyof Backend) {
      const value = target[key];
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        const start = performance.now();
        const result = (value as (...a: unknown[]) => unknown)(...args);
        if (!(result instanceof Promise)) return result;
        return result.finally(() =>
          spent.set(key, (spent.get(key) ?? 0) + performance.now() - start),
        );
      };
    },
  });
  const { tape, images, loss, flops } = await autoencoder(backend);
  await backend.fillRandom({ k0: 9, k1: 9, start: 0, out: images.value, normal: false });
  const adam = new Adam(tape.parameters);
  const stages = new Map<string, number[]>();
  const rates: number[] = [];
  const step = async () => {
    spent.clear();
    const start = performance.now();
    await tape.forward();
    await tape.backward(loss);
    await adam.step({ lr: 1e-4 });
    const all = performance.now() - start;
    const kernels = [...spent.values()].reduce((sum, ms) => sum + ms, 0);
    for (const [kernel, ms] of [...spent, ["loops", all - kernels] as const])
      stages.set(kernel, [...(stages.get(kernel) ?? []), ms]);
  };
  const before = await gemmRate(plain);
  const lines = await againstPeers(
    async () => {
      const ms = await timed(step, { warmup: 2, repeats: 9 });
      rates.push(flops / Math.min(...ms) / 1e6);
      return ms;
    },
    {
      name: "tape",
      shape: { images: BATCH, size: SIZE, latent: LATENT },
      threads: plain.threads,
      isa: plain.isa,
    },
    "tape.py",
    { batch: BATCH, size: SIZE, latent: LATENT, steps: 9, threads: plain.threads },
    () => 1,
  );
  const gemm = Math.max(before, await gemmRate(plain));
  const share = Number((Math.max(...rates) / gemm).toPrecision(3));
  const medians = Object.fromEntries(
    [...stages].map(([stage, ms]) => [stage, Number(median(ms).toPrecision(4))]),
  );
  return lines.map((line) => ({
    ...line,
    stages: medians,
    gflop: Number((flops / 1e9).toPrecision(4)),
    gemm_gflops: Number(gemm.toPrecision(4)),
    gemm_share: share,
    gemm_target: "share of at least 0.5",
    gemm_reached: share >= 0.5,
  }));
}
