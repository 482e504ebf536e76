/** @file SAEs as denoisers: what they reconstruct of a noisy row is taken for the clean one. */

import type { Backend } from "../../../../backend/backend.ts";
import { openSaeRunner, type Sae } from "../../../../sae/sae.ts";
import { DENOISING_BATCH, type Denoiser } from "../evaluate-denoising.ts";

/** One SAE. */
export async function saeDenoiser(backend: Backend, name: string, sae: Sae): Promise<Denoiser> {
  const runner = await openSaeRunner(backend, sae, DENOISING_BATCH);
  const x = backend.float32(DENOISING_BATCH * sae.dIn);
  return {
    name,
    async denoise(noisy, rows) {
      const batch = x.subarray(0, rows * sae.dIn);
      batch.set(noisy);
      const { residual } = await runner.residual(batch, await runner.encode(batch, rows));
      for (let i = 0; i < batch.length; i++) batch[i]! += residual[i]!;
      return batch;
    },
  };
}

/** Several denoisers as one: the mean of what they make of a row. */
export function meanDenoiser(name: string, members: readonly Denoiser[]): Denoiser {
  return {
    name,
    async denoise(noisy, rows) {
      const mean = new Float32Array(noisy.length);
      for (const member of members) {
        const denoised = await member.denoise(noisy, rows);
        for (let i = 0; i < mean.length; i++) mean[i]! += denoised[i]! / members.length;
      }
      return mean;
    },
  };
}
