/**
 * @file How the codes of a prompt and its counterfactual differ, latent by latent. A latent is
 *   patched by adding its difference times its decoder row; the error of the SAE stays.
 */

import type { Backend } from "../../../../backend/backend.ts";
import { scalesOf } from "../../../../sae/interventions.ts";
import { openSaeRunner, type Sae, type SaeRunner } from "../../../../sae/sae.ts";
import type { OpenPair } from "../open-pairs.ts";

/** Rows that are encoded at a time. */
const BATCH = 256;

/** Where a latent differs, and by how much of its decoder row. */
export interface LatentChange {
  readonly positions: readonly number[];
  /** Difference of activations, in units of rows as they come. */
  readonly amounts: readonly number[];
}

/** The latents of one pair that differ, by latent, ascending. */
export type PairChanges = ReadonlyMap<number, LatentChange>;

/** The code of some rows as one map per row. */
async function codesOf(runner: SaeRunner, rows: Float32Array, dIn: number) {
  const codes: Map<number, number>[] = [];
  const count = rows.length / dIn;
  for (let start = 0; start < count; start += BATCH) {
    const some = Math.min(BATCH, count - start);
    const part = rows.subarray(start * dIn, (start + some) * dIn);
    const { indptr, indices, values } = await runner.encode(part, some);
    for (let row = 0; row < some; row++) {
      const code = new Map<number, number>();
      for (let e = indptr[row]!; e < indptr[row + 1]!; e++)
        if (values[e] !== 0) code.set(indices[e]!, values[e]!);
      codes.push(code);
    }
  }
  return codes;
}

/**
 * The differences of all pairs. An SAE that normalises rows reads each row with its own scale; the
 * difference counts in that of the prompt's row.
 */
export async function pairChanges(
  backend: Backend,
  sae: Sae,
  pairs: readonly OpenPair[],
  pause: () => Promise<void>,
): Promise<PairChanges[]> {
  const { dIn, rowNormalization } = sae;
  const runner = await openSaeRunner(backend, sae, BATCH);
  const all: PairChanges[] = [];
  for (const { rows, otherRows, from, length } of pairs) {
    await pause();
    const own = rows.subarray(from * dIn);
    const scales = scalesOf(own, length - from, rowNormalization);
    const codes = await codesOf(runner, own, dIn);
    const otherCodes = await codesOf(runner, otherRows.subarray(from * dIn), dIn);
    const changes = new Map<number, { positions: number[]; amounts: number[] }>();
    for (const [at, code] of codes.entries()) {
      const other = otherCodes[at]!;
      for (const latent of new Set([...code.keys(), ...other.keys()])) {
        const amount = ((other.get(latent) ?? 0) - (code.get(latent) ?? 0)) * scales[at]!;
        if (amount === 0) continue;
        const change = changes.get(latent) ?? { positions: [], amounts: [] };
        changes.set(latent, change);
        change.positions.push(from + at);
        change.amounts.push(amount);
      }
    }
    all.push(new Map([...changes].sort(([a], [b]) => a - b)));
  }
  return all;
}

/**
 * Adds the differences of some latents to rows of a prompt.
 *
 * @param rows [positions, d_in], changed in place.
 */
export function patchRows(
  rows: Float32Array,
  { decoder, dIn }: Sae,
  changes: PairChanges,
  latents: Iterable<number>,
): void {
  for (const latent of latents) {
    const change = changes.get(latent);
    if (!change) continue;
    const row = decoder.subarray(latent * dIn, (latent + 1) * dIn);
    for (const [i, position] of change.positions.entries()) {
      const amount = change.amounts[i]!;
      const start = position * dIn;
      for (let j = 0; j < dIn; j++) rows[start + j]! += amount * row[j]!;
    }
  }
}
