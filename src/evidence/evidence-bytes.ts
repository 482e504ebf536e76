/** @file What gathering the evidence of latents takes in memory, for plans. */

import type { Backend } from "../backend/backend.ts";
import { runnerBytes, type SaeSizes } from "../sae/sae.ts";
import { BLOCK_ROWS } from "./evidence-rows.ts";
import { KEPT_ENTRIES } from "./kept-code-rows.ts";
import { KeptRows } from "./kept-rows.ts";
import { BINS } from "./latent-tally.ts";
import { NEAR_MISSES, SAMPLE, TOP } from "./look-through.ts";
import { latentBytes } from "./member-file.ts";

/** Bytes of a row's token, and where it is from. */
const ROW_BYTES = 16;
/** Bytes of a latent's words and of its place on the map while they are made, about. */
const WORDS_BYTES = 4000;

/** What is looked at. */
export interface EvidenceSizes {
  readonly saes: readonly SaeSizes[];
  readonly rows: number;
  readonly around: number;
}

/** Bytes of memory while rows are looked at, beside what holds the SAEs. */
export function evidenceBytes(backend: Backend, sizes: EvidenceSizes): number {
  const { saes, around, rows } = sizes;
  const width = 2 * around + 1;
  const tally = 4 + 8 + 4 + 4 + 4 * BINS;
  const kept =
    KeptRows.bytes(TOP, width) + KeptRows.bytes(SAMPLE, width) + KeptRows.bytes(NEAR_MISSES, width);
  const pairs = 32 * (saes.length - 1);
  const ofLatent = tally + kept + pairs + WORDS_BYTES + latentBytes(saes.length - 1);
  // Codes are kept by row, by latent, and by row again.
  const codes = 20 * Math.min(KEPT_ENTRIES, rows * Math.max(1, ...saes.map(({ k }) => k)));
  const each = saes.map((one) => {
    return ofLatent * one.dSae + codes + runnerBytes(backend, one, BLOCK_ROWS).usual;
  });
  return ROW_BYTES * rows + each.reduce((sum, bytes) => sum + bytes, 0);
}
