/**
 * @file AuxK on a tape: dead latents learn to reconstruct what the living ones leave over. The
 *   formula and its options are those of the fused step (`linear/aux-k.ts`).
 *
 *   e = aim − x̂ (held fixed)
 *   ê = TopK_aux(ReLU(scores of dead latents)) W_dec,
 *   L_aux = α · mean_b ‖ê − e‖² / mean_b ‖e − mean e‖²
 */

import type { TapeTensor } from "../../tape/tensor.ts";

/** AuxK's settings, and when a latent counts as dead. */
export interface TapeAuxK {
  readonly coefficient: number;
  /** Most dead latents of a row that take part. */
  readonly kAux: number;
  readonly deadAfterTokens: number;
}

/** What AuxK reads of a model. */
interface AuxKInputs {
  /** [batch, d_sae] */
  readonly code: TapeTensor;
  /** [batch, d_sae] */
  readonly scores: TapeTensor;
  /** [d_sae, d_in], rows of length one. */
  readonly atoms: TapeTensor;
  /** [batch, d_in] */
  readonly reconstruction: TapeTensor;
  /** [batch, d_in] */
  readonly aim: TapeTensor;
  /** Activations since each latent was last active, without those of this batch, [d_sae]. */
  readonly sinceFired: ArrayLike<number>;
}

/** Records L_aux, a scalar: 0 while nothing is dead or the residual is constant. */
export function auxLoss(inputs: AuxKInputs, settings: TapeAuxK): TapeTensor {
  const { code, scores, atoms, reconstruction, aim, sinceFired } = inputs;
  const [batch, dSae] = scores.shape as [number, number];
  const dIn = atoms.columns;
  const { tape } = scores;
  const most = Math.min(settings.kAux, dSae);
  return tape.record([], [scores, atoms], (out) => {
    const dead = tape.int32(dSae);
    const chosen = tape.int32(batch * most);
    const count = tape.int32(batch);
    const residual = tape.float32(batch * dIn);
    let factor = 0;
    return {
      forward() {
        out.value[0] = 0;
        factor = 0;
        const deadCount = findDead(dead, code.value, sinceFired, settings.deadAfterTokens - batch);
        if (deadCount === 0) return;
        const variance = leftOver(residual, aim.value, reconstruction.value, batch);
        if (!(variance > 0)) return;
        const k = Math.min(most, deadCount);
        let squares = 0;
        for (let b = 0; b < batch; b++) {
          const at = b * most;
          count[b] = largestOf(scores.value, b * dSae, dead, deadCount, chosen, at, k);
          // residual becomes ê − e.
          for (let i = at; i < at + count[b]!; i++)
            addRow(
              residual,
              b * dIn,
              atoms.value,
              chosen[i]! * dIn,
              dIn,
              scores.value[b * dSae + chosen[i]!]!,
            );
          for (let j = b * dIn; j < (b + 1) * dIn; j++) squares += residual[j]! ** 2;
        }
        factor = settings.coefficient / (batch * variance);
        out.value[0] = factor * squares;
      },
      backward() {
        const toScores = scores.gradient?.added();
        const toAtoms = atoms.gradient?.added();
        if (factor === 0) return;
        const g = 2 * factor * out.gradient!.sum[0]!;
        for (let b = 0; b < batch; b++)
          for (let i = b * most; i < b * most + count[b]!; i++) {
            const latent = chosen[i]!;
            const atom = latent * dIn;
            let along = 0;
            for (let j = 0; j < dIn; j++) along += residual[b * dIn + j]! * atoms.value[atom + j]!;
            if (toScores) toScores[b * dSae + latent]! += g * along;
            const z = scores.value[b * dSae + latent]!;
            if (toAtoms) addRow(toAtoms, atom, residual, b * dIn, dIn, g * z);
          }
      },
    };
  });
}

/** to[at …] += factor · from[start …]. */
function addRow(
  to: Float32Array,
  at: number,
  from: Float32Array,
  start: number,
  columns: number,
  factor: number,
): void {
  for (let j = 0; j < columns; j++) to[at + j]! += factor * from[start + j]!;
}

/**
 * Lists the latents that are inactive in this code and have been for at least `limit` activations.
 *
 * @returns How many there are.
 */
function findDead(
  dead: Int32Array,
  code: Float32Array,
  sinceFired: ArrayLike<number>,
  limit: number,
): number {
  const dSae = dead.length;
  let count = 0;
  for (let latent = 0; latent < dSae; latent++) {
    if (sinceFired[latent]! < limit) continue;
    let isActive = false;
    for (let i = latent; i < code.length && !isActive; i += dSae) isActive = code[i] !== 0;
    if (!isActive) dead[count++] = latent;
  }
  return count;
}

/** Fills `out` with −e = x̂ − aim. @returns mean_b ‖e − mean e‖². */
function leftOver(
  out: Float32Array,
  aim: Float32Array,
  reconstruction: Float32Array,
  batch: number,
): number {
  const dIn = out.length / batch;
  const sums = new Float64Array(dIn);
  let squares = 0;
  for (let i = 0; i < out.length; i++) {
    const e = reconstruction[i]! - aim[i]!;
    out[i] = e;
    squares += e * e;
    sums[i % dIn]! += e;
  }
  let ofMean = 0;
  for (const sum of sums) ofMean += (sum / batch) ** 2;
  return squares / batch - ofMean;
}

/**
 * Puts the latents with the k largest scores above zero, of those listed, into `chosen` from `at`
 * on, largest first.
 *
 * @returns How many there are.
 */
function largestOf(
  scores: Float32Array,
  row: number,
  listed: Int32Array,
  count: number,
  chosen: Int32Array,
  at: number,
  k: number,
): number {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const latent = listed[i]!;
    const score = scores[row + latent]!;
    if (!(score > 0)) continue;
    if (found === k && score <= scores[row + chosen[at + k - 1]!]!) continue;
    let place = found < k ? found++ : k - 1;
    for (; place > 0 && scores[row + chosen[at + place - 1]!]! < score; place--)
      chosen[at + place] = chosen[at + place - 1]!;
    chosen[at + place] = latent;
  }
  return found;
}
