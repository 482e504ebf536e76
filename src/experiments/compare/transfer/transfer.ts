/**
 * @file How well the SAE of one place reconstructs the activations of another, raw and through a
 *   map between the two. Maps are fitted on the first rows and tried on later ones.
 *
 *   x → map → SAE → map back → x̂;  FVU = Σ‖x − x̂‖² / Σ‖x − mean‖²
 */

import type { Backend } from "../../../backend/backend.ts";
import {
  type Conditioning,
  fitTransferMaps,
  reversed,
  type SpaceMap,
  type TransferMaps,
} from "../../../consistency/lab/transfer-maps.ts";
import { type Dictionary, dictionaryOf } from "../../../consistency/matching/dictionary.ts";
import { matchOneToOne } from "../../../consistency/matching/one-to-one.ts";
import { PairedMoments } from "../../../linalg/paired-moments.ts";
import { openSaeRunner, type Sae } from "../../../sae/sae.ts";
import { rowReader } from "../../../sources/rows/row-reader.ts";
import type { RowSet } from "../rows/row-sets.ts";
import { type TransferFvu, TransferTrial } from "./transfer-trial.ts";

const BATCH = 1024;
const READ_BYTES = 4 * 2 ** 20;
/** Rows that maps are fitted on, and rows that they are tried on, at most. */
const MOST_ROWS = 2 ** 16;
/** The widest rows that maps are fitted on: eigenvectors of wider covariances take minutes. */
const MOST_WIDTH = 2048;

/** What trying two SAEs on each other's activations came to. */
export interface Transfer {
  /** The SAE of a on the rows of b. */
  readonly aOnB: TransferFvu;
  /** The SAE of b on the rows of a. */
  readonly bOnA: TransferFvu;
  /** MCC of the decoders in one space: those of the narrower are turned by the orthogonal map. */
  readonly mccProcrustes: number;
  readonly fittedOn: number;
  readonly triedOn: number;
  /**
   * Of the rows of a and of b that the maps were fitted on. An affine map back from an SAE's place
   * can enlarge the errors of the SAE by the condition number of that place.
   */
  readonly conditioning: readonly [Conditioning, Conditioning];
}

/** An SAE and the rows of its place. */
export interface Resident {
  readonly sae: Sae;
  readonly set: RowSet;
}

/** Why no maps between two places are fitted; undefined where they are. */
export function whyNoTransfer(a: RowSet, b: RowSet): string | undefined {
  const width = Math.max(a.rows.dIn, b.rows.dIn);
  if (width > MOST_WIDTH) return `maps are fitted up to d_in ${MOST_WIDTH}, not ${width}`;
  const needed = 4 * width;
  const { rows } = a.rows;
  if (rows >= needed) return undefined;
  return `maps of d_in ${width} need ${needed} rows, half of them to be fitted on, not ${rows}`;
}

/** Reads the rows [first, last) of two sets batch by batch. */
async function eachBatch(
  backend: Backend,
  sets: readonly [RowSet, RowSet],
  [first, last]: readonly [number, number],
  use: (x: Float32Array, y: Float32Array, rows: number) => Promise<void>,
): Promise<void> {
  const buffers = sets.map(({ rows }) => backend.float32(BATCH * rows.dIn));
  const readers = sets.map(({ rows }) => rowReader(rows, 0, rows.rows, READ_BYTES, backend));
  for (let start = first; start < last; start += BATCH) {
    const rows = Math.min(BATCH, last - start);
    const batch: Float32Array[] = [];
    for (const [i, { rows: stored }] of sets.entries()) {
      const x = buffers[i]!.subarray(0, rows * stored.dIn);
      await readers[i]!.read(start, x);
      batch.push(x);
    }
    await use(batch[0]!, batch[1]!, rows);
  }
}

/** Fitted maps by pair of sets, so that SAEs of the same places share them. */
export class FittedMaps {
  readonly #backend: Backend;
  readonly #pause: () => Promise<void>;
  readonly #known = new Map<RowSet, Map<RowSet, TransferMaps>>();

  constructor(backend: Backend, pause: () => Promise<void>) {
    this.#backend = backend;
    this.#pause = pause;
  }

  /** Rows that maps are fitted on. */
  static fittedOn({ rows }: RowSet): number {
    return Math.min(Math.floor(rows.rows / 2), MOST_ROWS);
  }

  async between(a: RowSet, b: RowSet): Promise<TransferMaps> {
    const known = this.#known.get(a)?.get(b);
    if (known) return known;
    const [n, m] = [a.rows.dIn, b.rows.dIn];
    const ofA = new PairedMoments(this.#backend, n);
    const ofB = new PairedMoments(this.#backend, m);
    const cross = new PairedMoments(this.#backend, n, m);
    const range = [0, FittedMaps.fittedOn(a)] as const;
    await eachBatch(this.#backend, [a, b], range, async (x, y, rows) => {
      await ofA.add(x, rows);
      await ofB.add(y, rows);
      await cross.add(x, rows, y);
      await this.#pause();
    });
    const maps = fitTransferMaps(ofA, ofB, cross, n, m);
    this.#known.set(a, (this.#known.get(a) ?? new Map()).set(b, maps));
    return maps;
  }
}

/** Atoms in the space that a map leads to, or comes from. */
async function turned(
  backend: Backend,
  sae: Sae,
  map: Float32Array,
  width: number,
): Promise<Dictionary> {
  const { decoder, dSae, dIn } = sae;
  const rows = backend.float32(dSae * width);
  await backend.gemm({ a: decoder, b: map, c: rows, m: dSae, n: width, k: dIn });
  return dictionaryOf(backend, rows, dSae, width);
}

/** MCC of the decoders in the space of the wider SAE, or of b's. */
async function mccAfter(backend: Backend, a: Sae, b: Sae, map: SpaceMap): Promise<number> {
  const isIntoB = a.dIn <= b.dIn;
  const [own, other] = isIntoB ? [b, a] : [a, b];
  const known = await dictionaryOf(backend, own.decoder, own.dSae, own.dIn);
  const moved = await turned(backend, other, isIntoB ? map.there : map.back, own.dIn);
  return (await matchOneToOne(backend, known, moved)).mean;
}

/**
 * Tries two SAEs on each other's activations. Their rows are of the same tokens; see
 * `whyNotPaired` and `whyNoTransfer`.
 */
export async function transferBetween(
  backend: Backend,
  a: Resident,
  b: Resident,
  fitted: FittedMaps,
  pause: () => Promise<void>,
): Promise<Transfer> {
  const maps = await fitted.between(a.set, b.set);
  const ofA = await openSaeRunner(backend, a.sae, BATCH);
  const ofB = await openSaeRunner(backend, b.sae, BATCH);
  const toA = {
    procrustes: reversed(maps.procrustes),
    scaled: reversed(maps.scaled),
    affine: reversed(maps.affine),
  };
  const onB = new TransferTrial(backend, ofB, ofA, toA);
  const onA = new TransferTrial(backend, ofA, ofB, maps);
  const fittedOn = FittedMaps.fittedOn(a.set);
  const end = Math.min(a.set.rows.rows, fittedOn + MOST_ROWS);
  await eachBatch(backend, [a.set, b.set], [fittedOn, end], async (x, y, rows) => {
    await onA.add(x, rows);
    await onB.add(y, rows);
    await pause();
  });
  return {
    aOnB: onB.numbers(),
    bOnA: onA.numbers(),
    mccProcrustes: await mccAfter(backend, a.sae, b.sae, maps.procrustes),
    fittedOn,
    triedOn: end - fittedOn,
    conditioning: maps.conditioning,
  };
}
