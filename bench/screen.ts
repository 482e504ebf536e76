/**
 * @file The top-k screen alone, compared with the peak rate of its instruction; both are measured
 *   in this run. The peak comes from a loop of multiply-adds on registers
 *   (native/bench/peak_bench.cpp), the screen from encodeTopK with almost no refinement (k = 1).
 */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Backend } from "../src/backend/backend.ts";
import { firstMargin } from "../src/sae/linear/screen-margin.ts";
import { type BenchLine, median, timed, timing } from "./harness.ts";

const PEAK = join(resolve(import.meta.dirname, ".."), "build/cmake/peak_bench");

export async function benchScreen(backend: Backend): Promise<BenchLine[]> {
  const [batch, dIn, dSae, k] = [4096, 768, 24576, 1];
  const W = backend.float32(dSae * dIn);
  const x = backend.float32(batch * dIn);
  await backend.fillRandom({ k0: 1, k1: 2, start: 0, out: x, normal: true });
  await backend.fillRandom({ k0: 3, k1: 4, start: 0, out: W, normal: true });
  const shape = { dIn, dSae, k };
  const packing = backend.encoderPacking(shape);
  const packed = backend.bytes(packing.bytes);
  await backend.packEncoder({ ...shape, W, packed });
  const indices = backend.int32(batch);
  const values = backend.float32(batch);
  const peakOf = () => {
    if (!existsSync(PEAK)) return undefined;
    const output = execFileSync(PEAK, [backend.isa, String(backend.threads)], { encoding: "utf8" });
    return Number(output);
  };
  const peaks: number[] = [];
  const ms: number[] = [];
  for (let round = 0; round < 3; round++) {
    const peak = peakOf();
    if (peak !== undefined) peaks.push(peak);
    const run = () =>
      backend.encodeTopK({
        ...shape,
        x,
        batch,
        W,
        bias: undefined,
        packed,
        margin: firstMargin(k),
        relu: false,
        indices,
        values,
      });
    ms.push(...(await timed(run, { warmup: 1, repeats: 5 })));
  }
  const rate = (2 * batch * dIn * dSae) / (median(ms) / 1000) / 1e12;
  // Interference can only lower a peak.
  const peak = Math.max(...peaks);
  const share = peaks.length > 0 ? rate / peak : undefined;
  return [
    {
      name: "screen",
      shape: { batch, d_in: dIn, d_sae: dSae },
      threads: backend.threads,
      isa: backend.isa,
      screen: packing.screen,
      ms: timing(ms),
      tflops: Number(rate.toPrecision(4)),
      ...(share === undefined
        ? {}
        : {
            against: `peak of the ${packing.screen} instruction`,
            peak_tflops: Number(peak.toPrecision(4)),
            share_of_peak: Number(share.toPrecision(3)),
            target: "at least 0.3 of the measured peak",
            reached: share >= 0.3,
          }),
    },
  ];
}
