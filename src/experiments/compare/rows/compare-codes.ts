/**
 * @file Rows through every SAE, once: how often latents fire, whether matched partners fire alike,
 *   and the effective rank of the rows. The codes stay in memory for matching by activation.
 */

import type { Backend } from "../../../backend/backend.ts";
import {
  CodeAgreement,
  type CodeAgreementNumbers,
} from "../../../consistency/lab/codes/code-agreement.ts";
import { CodeKeeper, type KeptCodes } from "../../../consistency/lab/codes/kept-codes.ts";
import type { LabPair } from "../../../consistency/lab/compare-saes.ts";
import { type EffectiveRank, effectiveRank } from "../../../linalg/effective-rank.ts";
import { PairedMoments } from "../../../linalg/paired-moments.ts";
import { type EncodedBatch, openSaeRunner, type SaeRunner } from "../../../sae/sae.ts";
import { rowReader } from "../../../sources/rows/row-reader.ts";
import type { RowReader } from "../../../sources/source.ts";
import type { OpenedSae } from "../open-saes.ts";
import { type RowSet, whyNotPaired } from "./row-sets.ts";

const BATCH = 1024;
/** Bytes of stored input held in memory per set. */
const READ_BYTES = 4 * 2 ** 20;
/** Eigenvalues of wider covariances take minutes. */
const MOST_RANKED_WIDTH = 2048;

/** What encoding the rows found. */
export interface ComparedCodes {
  /** By pair, in the order of the pairs; undefined where rows of one of the two are not known. */
  readonly numbers: readonly (CodeAgreementNumbers | undefined)[];
  /** By SAE: share of the rows in which each latent is active; undefined without rows. */
  readonly densities: readonly (Float32Array | undefined)[];
  /** By set of rows; undefined for constant rows and for very wide ones. */
  readonly ranks: readonly (EffectiveRank | undefined)[];
  /** By SAE: the codes of the first rows, as many as fit in memory; undefined without rows. */
  readonly codes: readonly (KeptCodes | undefined)[];
}

/** A set at work. */
interface OpenSet {
  readonly set: RowSet;
  readonly reader: RowReader;
  readonly buffer: Float32Array;
  readonly moments: PairedMoments | undefined;
  readonly runners: readonly SaeRunner[];
}

async function openSet(
  backend: Backend,
  set: RowSet,
  saes: readonly OpenedSae[],
  batch: number,
): Promise<OpenSet> {
  const { rows } = set;
  const runners: SaeRunner[] = [];
  for (const i of set.saes) runners.push(await openSaeRunner(backend, saes[i]!.sae, batch));
  return {
    set,
    runners,
    reader: rowReader(rows, 0, rows.rows, READ_BYTES, backend),
    buffer: backend.float32(batch * rows.dIn),
    moments: rows.dIn <= MOST_RANKED_WIDTH ? new PairedMoments(backend, rows.dIn) : undefined,
  };
}

/** The set of each SAE, by SAE. */
export function setsBySae(sets: readonly RowSet[], saes: number): (RowSet | undefined)[] {
  const of: (RowSet | undefined)[] = Array.from({ length: saes }, () => undefined);
  for (const set of sets) for (const i of set.saes) of[i] = set;
  return of;
}

/**
 * Encodes all rows with the SAEs that they are for. Every row is finite, and has the d_in of its
 * SAEs.
 *
 * @param rowsDone Called and awaited after each batch; what it throws ends the comparison.
 */
export async function compareCodes(
  backend: Backend,
  sets: readonly RowSet[],
  saes: readonly OpenedSae[],
  pairs: readonly LabPair[],
  rowsDone: (done: number, total: number) => Promise<void>,
): Promise<ComparedCodes> {
  const setOf = setsBySae(sets, saes.length);
  const isPaired = pairs.map(({ a, b }) => {
    const [first, second] = [setOf[a], setOf[b]];
    return first !== undefined && second !== undefined && !whyNotPaired(first, second);
  });
  const agreement = new CodeAgreement(
    saes.map(({ sae }) => sae.dSae),
    pairs
      .filter((_, p) => isPaired[p])
      .map(({ a, b, measures }) => ({ a, b, partnerOfA: measures.decoderMatching.partnerOfA })),
  );
  const total = Math.max(...sets.map(({ rows }) => rows.rows));
  const batch = Math.min(BATCH, total);
  const open: OpenSet[] = [];
  for (const set of sets) open.push(await openSet(backend, set, saes, batch));
  const keeper = new CodeKeeper(saes.map(({ sae }) => sae.dSae));
  for (let start = 0; start < total; start += batch) {
    const codes: (EncodedBatch | undefined)[] = saes.map(() => undefined);
    for (const one of open) await encodeBatch(one, start, batch, codes);
    agreement.add(codes);
    keeper.keep(codes);
    await rowsDone(Math.min(start + batch, total), total);
  }
  const found = agreement.numbers();
  let at = 0;
  return {
    numbers: isPaired.map((paired) => (paired ? found[at++] : undefined)),
    densities: saes.map((_, i) => agreement.density(i)),
    ranks: open.map(
      ({ set, moments }) => moments && effectiveRank(moments.covariance(), set.rows.dIn),
    ),
    codes: keeper.kept,
  };
}

async function encodeBatch(
  { set, reader, buffer, moments, runners }: OpenSet,
  start: number,
  batch: number,
  codes: (EncodedBatch | undefined)[],
): Promise<void> {
  const rows = Math.min(batch, set.rows.rows - start);
  if (rows <= 0) return;
  const x = buffer.subarray(0, rows * set.rows.dIn);
  await reader.read(start, x);
  await moments?.add(x, rows);
  for (const [at, i] of set.saes.entries()) codes[i] = await runners[at]!.encode(x, rows);
}
