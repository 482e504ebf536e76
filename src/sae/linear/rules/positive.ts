/** @file Every score above a number of its latent, as a code in the workspace. */

import type { Member } from "../member.ts";
import { encoderWeights } from "../parameters.ts";
import { codeBuffers, type Workspace } from "../workspace.ts";

/**
 * Writes all scores ⟨x, W_f⟩ + bias_f above zero into the workspace's code, which grows when there
 * are more than fit.
 */
export async function encodeAbove(
  { parameters: p, packed }: Member,
  w: Workspace,
  x: Float32Array,
  bias: Float32Array,
): Promise<void> {
  const { backend, batch, dIn, dSae } = w;
  const encode = () =>
    backend.encodePositive({ x, batch, dIn, dSae, W: encoderWeights(p), bias, packed, ...w.code });
  const nnz = await encode();
  if (nnz <= w.code.indices.length) return;
  w.code = codeBuffers(backend, batch, dSae, Math.ceil(nnz * 1.25));
  await encode();
}
