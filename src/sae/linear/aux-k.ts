/**
 * @file AuxK: dead latents learn to reconstruct what the living ones leave over.
 *
 *   e = target − x̂ (held fixed; the target is x unless the batch has others)
 *   ê = TopK_aux(ReLU(pre-activations of dead latents)) W_dec,
 *   L_aux = α · mean_b ‖ê − e‖² / mean_b ‖e − mean e‖²
 *
 * Gao et al. 2024 (arXiv:2406.04093) appendix A.2, with the normalisation of OpenAI's program as
 * dictionary_learning has it.
 */

import type { SparseGradient } from "../../backend/backend.ts";
import type { Member } from "./member.ts";
import { encoderWeights } from "./parameters.ts";
import type { AuxK } from "./spec.ts";
import { type AuxWorkspace, codeBuffers, type Workspace } from "./workspace.ts";

/** AuxK's part of a step. */
export interface AuxKResult {
  readonly loss: number;
  readonly gradient: SparseGradient;
  readonly biasGrad: Float32Array;
}

/**
 * Memory for `dead` latents, `kAux` of them active in a row. It is kept between steps, because the
 * number of dead latents changes in every step. When it is too small it is made half as large again
 * as needed.
 */
export function auxWorkspace(
  w: Workspace,
  dead: number,
  kAux: number,
  settings: Pick<AuxK, "kAux">,
): AuxWorkspace {
  const { backend, batch, dIn, dSae, aux } = w;
  const packing = backend.encoderPacking({ dIn, dSae: dead, k: kAux });
  const fits =
    aux !== undefined &&
    aux.bias.length >= dead &&
    aux.packed.length >= packing.bytes &&
    aux.kAux >= kAux;
  if (fits) return aux;
  const grown = (needed: number, most: number) =>
    aux ? Math.max(needed, Math.min(most, Math.ceil(1.5 * needed))) : needed;
  const room = Math.max(grown(dead, dSae), aux?.bias.length ?? 0);
  const most = Math.min(settings.kAux, dSae);
  w.aux = {
    kAux: most,
    weights: backend.float32(room * dIn),
    bias: backend.float32(room),
    packed: backend.bytes(
      Math.max(grown(packing.bytes, Number.POSITIVE_INFINITY), aux?.packed.length ?? 0),
    ),
    residual: aux?.residual ?? backend.float32(batch * dIn),
    rowLoss: aux?.rowLoss ?? backend.float32(batch),
    code: aux?.kAux === most ? aux.code : codeBuffers(backend, batch, dSae, batch * most),
  };
  return w.aux;
}

/** Where there is no AuxK, latents count as dead after so many activations without firing. */
const DEAD_AFTER_TOKENS = 10_000_000;

/** Activations without firing after which a latent of the member is dead. */
export function deadAfter({ spec }: Member): number {
  return spec.auxK?.deadAfterTokens ?? DEAD_AFTER_TOKENS;
}

/** Latents that have not fired for so long that they are dead, ascending. */
export function deadLatents(member: Member): Int32Array {
  const limit = deadAfter(member);
  const dead: number[] = [];
  member.tokensSinceFired.forEach((tokens, latent) => {
    if (tokens >= limit) dead.push(latent);
  });
  return Int32Array.from(dead);
}

/**
 * Loss and gradients of AuxK for the batch whose residual and centred input stand in the workspace.
 *
 * @returns undefined when nothing is dead or the residual is constant.
 */
export async function auxK(
  member: Member,
  w: Workspace,
  centred: Float32Array,
): Promise<AuxKResult | undefined> {
  const { auxK: settings } = member.spec;
  if (!settings) return undefined;
  const dead = deadLatents(member);
  if (dead.length === 0) return undefined;
  const { backend, batch, dIn, dSae } = w;
  const { parameters: p } = member;
  const kAux = Math.min(settings.kAux, dead.length);
  const aux = auxWorkspace(w, dead.length, kAux, settings);

  await backend.weightedRowSum({ matrix: w.residual, rows: batch, columns: dIn, out: w.columnSum });
  let total = 0;
  for (let b = 0; b < batch; b++) total += w.rowLoss[b]!;
  let ofMean = 0;
  for (let j = 0; j < dIn; j++) ofMean += (w.columnSum[j]! / batch) ** 2;
  const variance = total / batch - ofMean;
  if (!(variance > 0)) return undefined;

  const shape = { dIn, dSae: dead.length, k: kAux };
  const count = dead.length;
  await backend.gatherRows({
    matrix: encoderWeights(p),
    index: dead,
    count,
    columns: dIn,
    out: aux.weights,
  });
  for (let i = 0; i < count; i++) aux.bias[i] = p.bias.parameter[dead[i]!]!;
  await backend.packEncoder({ W: aux.weights, packed: aux.packed, ...shape });
  const { code } = aux;
  for (let b = 0; b <= batch; b++) code.indptr[b] = b * kAux;
  await backend.encodeTopK({
    x: centred,
    ...shape,
    batch,
    W: aux.weights,
    bias: aux.bias,
    packed: aux.packed,
    margin: kAux + 32,
    relu: true,
    indices: code.indices,
    values: code.values,
  });
  for (let i = 0; i < batch * kAux; i++) code.indices[i] = dead[code.indices[i]!]!;
  const residualScale = (2 * settings.coefficient) / (batch * variance);
  await backend.decode({
    // ê − e = ê + residual
    target: w.residual,
    targetScale: -1,
    ...code,
    batch,
    dIn,
    wDec: p.unit,
    residual: aux.residual,
    rowLoss: aux.rowLoss,
    residualScale,
    l1: 0,
    positiveOnly: true,
  });
  await backend.transpose({ batch, dSae, ...code });
  let loss = 0;
  for (let b = 0; b < batch; b++) loss += aux.rowLoss[b]!;
  return {
    loss: (settings.coefficient * loss) / batch / variance,
    gradient: { x: centred, residual: aux.residual, residualScale, ...code },
    biasGrad: code.biasGrad,
  };
}
