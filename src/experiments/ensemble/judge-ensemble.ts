/** @file An ensemble next to its members on held-out rows, with the measures of its paper. */

import type { Backend } from "../../backend/backend.ts";
import { diversityOf } from "../../consistency/lab/stability.ts";
import { dictionaryOf } from "../../consistency/matching/dictionary.ts";
import { connectivity } from "../../evaluate/connectivity.ts";
import { type JudgedRows, type JudgedSae, judgeSaes } from "../../evaluate/judge-saes.ts";
import { boostOf, type Coder, decoderOf, type Ensemble } from "../../sae/ensemble.ts";

/** An ensemble or one of its parts on held-out rows. */
export interface JudgedPart extends JudgedSae {
  /** Share of pairs of latents that never fire in one row; undefined where not measured. */
  readonly connectivity: number | undefined;
  /** Rows that connectivity was measured on. */
  readonly connectivityRows: number;
  /** Atoms whose cosine with every other atom of the same dictionary is below 0.7. */
  readonly diversity: number;
}

/**
 * What an ensemble is judged next to: the members of a bag. Of a boosted chain, the chains of its
 * first 1, 2, … stages: a later stage alone does not encode rows.
 *
 * @param names Of the members.
 */
function partsOf(
  { kind, members }: Ensemble,
  names: readonly string[],
): { readonly name: string; readonly sae: Coder }[] {
  const saes = members.map(({ sae }) => sae);
  if (kind === "bag") return saes.map((sae, j) => ({ name: names[j]!, sae }));
  return saes.slice(0, -1).map((_, j) => ({
    name: j === 0 ? names[0]! : `${names[0]} to ${names[j]}`,
    sae: boostOf(saes.slice(0, j + 1)),
  }));
}

/**
 * Judges an ensemble and its parts. The ensemble comes first, named by its kind, then the members
 * of a bag, or the shorter chains of a boosted one.
 *
 * @param names Of the members, in their order.
 * @throws {ConcordError} as `evaluateSaes`.
 */
export async function judgeEnsemble(
  backend: Backend,
  ensemble: Ensemble,
  names: readonly string[],
  source: JudgedRows,
  pause?: () => Promise<void>,
): Promise<JudgedPart[]> {
  const all = [{ name: ensemble.kind, sae: ensemble }, ...partsOf(ensemble, names)];
  const judged = await judgeSaes(backend, all, source, pause);
  const parts: JudgedPart[] = [];
  for (const [i, { name, sae }] of all.entries()) {
    const { value, rows } = await connectivity(backend, sae, source.heldOut, pause);
    const atoms = await dictionaryOf(backend, decoderOf(backend, sae), sae.dSae, sae.dIn);
    parts.push({
      ...judged[i]!,
      connectivity: value,
      connectivityRows: rows,
      diversity: (await diversityOf(backend, atoms, name)).atoms,
    });
  }
  return parts;
}
