/** @file What activations say of some SAEs, as JSON with stable keys (docs/compare.md). */

import type { Conditioning } from "../../../consistency/lab/transfer-maps.ts";
import type { RowComparison } from "../compare-folders.ts";
import type { TransferFvu } from "../transfer/transfer-trial.ts";
import type { ActivationPair } from "./compare-activations.ts";

function fvuJson(fvu: TransferFvu) {
  return {
    own: fvu.own,
    raw: fvu.raw ?? null,
    procrustes: fvu.procrustes,
    procrustes_map_alone: fvu.procrustesAlone,
    procrustes_scaled: fvu.scaled,
    affine: fvu.affine,
    affine_map_alone: fvu.affineAlone,
  };
}

function conditioningJson({ rank, condition }: Conditioning) {
  return { rank, condition };
}

function transferJson(transfer: NonNullable<ActivationPair["transfer"]>) {
  const { aOnB, bOnA, conditioning } = transfer;
  return {
    a_on_b: fvuJson(aOnB),
    b_on_a: fvuJson(bOnA),
    mcc_procrustes: transfer.mccProcrustes,
    mcc_procrustes_null: transfer.mccNull,
    fitted_on: transfer.fittedOn,
    tried_on: transfer.triedOn,
    rows_of_a: conditioningJson(conditioning[0]),
    rows_of_b: conditioningJson(conditioning[1]),
  };
}

/** The value of `activations` in comparison.json. */
export function activationsJson(
  { sets, pairs, skipped }: RowComparison,
  name: (sae: number) => string,
) {
  return {
    rows: sets.map((set) => ({
      path: set.name,
      rows: set.rows,
      d_in: set.dIn,
      effective_rank: set.rank?.effectiveRank ?? null,
      participation_ratio: set.rank?.participationRatio ?? null,
      saes: set.saes.map(name),
    })),
    pairs: pairs.map((pair) => ({
      a: name(pair.a),
      b: name(pair.b),
      rows: pair.rows,
      live: pair.live,
      matched: pair.matched,
      correlation: pair.correlation,
      correlation_null: pair.correlationNull,
      correlation_interval: pair.interval ?? null,
      jaccard: pair.jaccard,
      jaccard_null: pair.jaccardNull,
      deciles: pair.deciles.map(({ density, correlation, correlationNull, pairs: matched }) => ({
        density,
        correlation,
        correlation_null: correlationNull,
        matched,
      })),
      transfer: pair.transfer ? transferJson(pair.transfer) : null,
    })),
    skipped: skipped.map(({ a, b, why }) => ({ a: name(a), b: name(b), why })),
  };
}
