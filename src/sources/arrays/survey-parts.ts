/**
 * @file Reads the files of an array source once before it serves them. It finds rows to leave out,
 *   and computes what the run remembers of the files.
 */

import { createHash } from "node:crypto";
import { ConcordError } from "../../errors.ts";
import type { NamedRows } from "../rows/joined-rows.ts";
import type { RowKernels } from "../rows/row-kernels.ts";
import { rowBytes } from "../rows/stored-rows.ts";
import { refuseNotFinite, surveyRows } from "../rows/survey-rows.ts";

/** How the rows are read before they are served. */
export interface SurveyArraysOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of bytes checked so far. */
  readonly onCheck?: ((done: { bytes: number; totalBytes: number }) => void) | undefined;
}

/** The result of the pass over all files. */
export interface PartsSurvey {
  /** Rows to leave out, numbered through all files, ascending. */
  readonly skipped: readonly number[];
  /** For the provenance. */
  readonly facts: {
    /** Of one file its own; of several the SHA-256 of theirs. */
    readonly digest: string;
    readonly skippedRows?: number;
  };
  /** For the provenance of arrays in files. */
  readonly files: readonly {
    readonly path: string;
    readonly rows: number;
    readonly digest: string;
  }[];
  readonly notices: readonly string[];
}

/**
 * Reads all parts once.
 *
 * @throws {ConcordError} `numeric/not-finite` naming file, row and column, unless such rows are
 *   skipped or when none is left.
 */
export async function surveyParts(
  parts: readonly NamedRows[],
  options: SurveyArraysOptions & {
    readonly skipNonFinite?: boolean;
    readonly kernels?: RowKernels;
  },
): Promise<PartsSurvey> {
  const { kernels, signal, onCheck, skipNonFinite = false } = options;
  const sizeOf = ({ rows }: NamedRows) => rows.rows * rowBytes(rows);
  const totalBytes = parts.reduce((sum, part) => sum + sizeOf(part), 0);
  const skipped: number[] = [];
  const files: { path: string; rows: number; digest: string }[] = [];
  const notices: string[] = [];
  let [firstRow, before] = [0, 0];
  for (const part of parts) {
    const { name, rows } = part;
    const onBytes = (bytes: number) => onCheck?.({ bytes: before + bytes, totalBytes });
    const survey = await surveyRows(rows, { kernels, signal, onBytes });
    const { badRows, digest, first } = survey;
    if (!skipNonFinite)
      refuseNotFinite(
        survey,
        rows.rows,
        name,
        "Set skip_non_finite: true to leave such rows out, or mend what wrote them.",
      );
    for (const row of badRows) skipped.push(firstRow + row);
    if (first)
      notices.push(
        `${name}: ${badRows.length} of ${rows.rows} rows are not finite and are left out; the first is row ${first.row}.`,
      );
    files.push({ path: name, rows: rows.rows, digest });
    firstRow += rows.rows;
    before += sizeOf(part);
  }
  if (skipped.length === firstRow)
    throw new ConcordError("numeric/not-finite", `None of the ${firstRow} rows is finite.`, {
      hint: "Check the program that wrote them.",
    });
  const hash = createHash("sha256");
  for (const { digest } of files) hash.update(digest);
  return {
    skipped,
    facts: {
      digest: files.length === 1 ? files[0]!.digest : hash.digest("hex"),
      ...(skipNonFinite && { skippedRows: skipped.length }),
    },
    files,
    notices,
  };
}
