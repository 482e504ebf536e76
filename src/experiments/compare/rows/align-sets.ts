/** @file Of rows of models that cut one text into other tokens, those of places that all have. */

import type { Backend } from "../../../backend/backend.ts";
import type { Domain } from "../../../domains/domain.ts";
import { DOMAINS } from "../../../domains/domains.ts";
import { ConcordError } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { selectedRows } from "../../../sources/rows/selected-rows.ts";
import { type RowSet, whyNotPaired } from "./row-sets.ts";

/**
 * The rows of each set that are of the same places in the text, or the sets as they are where they
 * pair already.
 *
 * @param catalogue Where what cuts the text of each model is.
 * @throws {ConcordError} `argument/invalid` for rows without tokens; as `SourceKind.align`.
 */
export async function alignSets(
  backend: Backend,
  sets: readonly RowSet[],
  catalogue: CatalogueOptions,
): Promise<{ readonly sets: readonly RowSet[]; readonly notices: readonly string[] }> {
  const [first, ...others] = sets as [RowSet, ...RowSet[]];
  if (others.every((other) => whyNotPaired(first, other) === undefined))
    return { sets, notices: [] };
  const bare = sets.find(({ tokens }) => tokens === undefined);
  if (bare)
    throw new ConcordError("argument/invalid", `${bare.name} does not say of which tokens it is.`, {
      hint: "Only stores that `concord collect` wrote of a text can be aligned.",
    });
  const { align } = DOMAINS.find((one: Domain) => one.align !== undefined) as Domain;
  const folders = sets.map(({ name }) => name);
  const { rows, notices } = await align!(folders, { backend, catalogue });
  const aligned = sets.map((set, i): RowSet => {
    const own = selectedRows(set.rows, rows[i]!);
    return {
      name: set.name,
      rows: own,
      parts: [{ name: set.name, rows: own }],
      tokens: undefined,
      saes: set.saes,
    };
  });
  return { sets: aligned, notices };
}
