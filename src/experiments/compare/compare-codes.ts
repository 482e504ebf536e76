/**
 * @file The same rows through every SAE: how often latents fire, and whether partners fire alike.
 */

import type { Backend } from "../../backend/backend.ts";
import { CodeAgreement, type CodeAgreementNumbers } from "../../consistency/lab/code-agreement.ts";
import type { LabPair } from "../../consistency/lab/compare-saes.ts";
import { ConcordError } from "../../errors.ts";
import { openSaeRunner } from "../../sae/sae.ts";
import type { ArrayFile } from "../../sources/arrays/array-rows.ts";
import { openRows } from "../../sources/open-rows.ts";
import { requireFinite } from "../../sources/rows/require-finite.ts";
import { rowReader } from "../../sources/rows/row-reader.ts";
import type { OpenedSae } from "./open-saes.ts";

const BATCH = 1024;
/** Bytes of stored input held in memory. */
const READ_BYTES = 4 * 2 ** 20;

/** What encoding the rows found. */
export interface ComparedCodes {
  /** By pair, in the order of the pairs. */
  readonly numbers: readonly CodeAgreementNumbers[];
  /** By SAE: share of the rows in which each latent is active. */
  readonly densities: readonly Float32Array[];
}

/**
 * Encodes all rows with every SAE.
 *
 * @throws {ConcordError} `argument/invalid` naming an SAE of another d_in than the rows;
 *   `numeric/not-finite` naming a row.
 */
export async function compareCodes(
  backend: Backend,
  input: ArrayFile,
  saes: readonly OpenedSae[],
  pairs: readonly LabPair[],
  pause: () => Promise<void>,
): Promise<ComparedCodes> {
  const { rows: stored, parts } = await openRows(input, backend);
  try {
    const other = saes.find(({ sae }) => sae.dIn !== stored.dIn);
    if (other)
      throw new ConcordError(
        "argument/invalid",
        `${other.name} encodes rows of d_in ${other.sae.dIn}, but those of ${[input.path].flat().join(", ")} have ${stored.dIn}.`,
        { hint: "Give activations from the place that all SAEs were trained on." },
      );
    await requireFinite(parts, backend);
    const agreement = new CodeAgreement(
      saes.map(({ sae }) => sae.dSae),
      pairs.map(({ a, b, measures }) => ({
        a,
        b,
        partnerOfA: measures.decoderMatching.partnerOfA,
      })),
    );
    const batch = Math.min(BATCH, stored.rows);
    const runners = await Promise.all(saes.map(({ sae }) => openSaeRunner(backend, sae, batch)));
    const reader = rowReader(stored, 0, stored.rows, READ_BYTES, backend);
    const buffer = backend.float32(batch * stored.dIn);
    for (let start = 0; start < stored.rows; start += batch) {
      const rows = Math.min(batch, stored.rows - start);
      const x = buffer.subarray(0, rows * stored.dIn);
      await reader.read(start, x);
      const codes = [];
      for (const runner of runners) codes.push(await runner.encode(x, rows));
      agreement.add(codes);
      await pause();
    }
    return { numbers: agreement.numbers(), densities: saes.map((_, i) => agreement.density(i)) };
  } finally {
    await stored.close();
  }
}
