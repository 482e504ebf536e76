/** @file Refuses rows that are not finite before anything is done with any of them. */

import type { NamedRows } from "./joined-rows.ts";
import type { RowKernels } from "./row-kernels.ts";
import { refuseNotFinite, surveyRows } from "./survey-rows.ts";

/**
 * Reads all rows once.
 *
 * @throws {ConcordError} `numeric/not-finite` naming file, row and column; `interrupted`.
 */
export async function requireFinite(
  parts: readonly NamedRows[],
  kernels: RowKernels,
  signal?: AbortSignal,
): Promise<void> {
  for (const { name, rows } of parts) {
    const survey = await surveyRows(rows, { kernels, signal });
    refuseNotFinite(survey, rows.rows, name, "Remove such rows, or mend what wrote them.");
  }
}
