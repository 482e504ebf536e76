/**
 * @file One pass over rows that gathers, for every latent of several SAEs, how it is active and
 *   which rows are worth showing. Memory does not depend on the number of rows.
 */

import type { Backend } from "../backend/backend.ts";
import { randomStream } from "../base/philox.ts";
import { CodeAgreement, type MatchedSaes } from "../consistency/lab/codes/code-agreement.ts";
import { KeptCodes } from "../consistency/lab/codes/kept-codes.ts";
import { ConcordError } from "../errors.ts";
import { type EncodedBatch, openSaeRunner, type Sae, type SaeRunner } from "../sae/sae.ts";
import { ByLatent } from "./by-latent.ts";
import { blockEnds, type EvidenceRows } from "./evidence-rows.ts";
import { entriesPerRow, keptCodeRows } from "./kept-code-rows.ts";
import { KeptRows } from "./kept-rows.ts";
import { LatentTally } from "./latent-tally.ts";
import type { NearestAtoms } from "./nearest-atoms.ts";

/** Rows with the largest activations that are kept, at most one of a group. */
export const TOP = 20;
/** Rows that are drawn from all active ones. */
export const SAMPLE = 50;
/** Rows in which the nearest latent is active and this one is not. */
export const NEAR_MISSES = 6;

/** An SAE whose latents are looked at. */
export interface LookedAt {
  readonly sae: Sae;
  readonly nearest: NearestAtoms;
}

/** What the pass found out about one SAE. */
export interface Seen {
  readonly tally: LatentTally;
  readonly top: KeptRows;
  readonly sample: KeptRows;
  /** Values are those of the nearest latent. */
  readonly nearMisses: KeptRows;
  /** The codes of `keptRows`. */
  readonly codes: KeptCodes;
  /** Held-out rows, evenly spread, [codes.rows]. */
  readonly keptRows: Int32Array;
}

/** How the pass is made. */
export interface LookOptions {
  /** Assignments between SAEs, for whether partners fire alike. */
  readonly pairs: readonly MatchedSaes[];
  /** Rows shown on each side of an example. */
  readonly around: number;
  /** Decides which active rows are drawn. */
  readonly seed: number;
  /** Called and awaited after every block; what it throws ends the pass. */
  readonly pause: () => Promise<void>;
  /** Told of the rows that are done. */
  readonly onRows: (done: number, total: number) => void;
}

/** A number in [0, 2³²) that depends on all three, as if drawn. */
function drawn(row: number, latent: number, key: number): number {
  let h = (Math.imul(row, 0x9e3779b1) ^ Math.imul(latent, 0x85ebca77) ^ key) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The latents whose nearest latent each latent is. */
function followersOf({ k, atoms }: NearestAtoms, latents: number): Int32Array[] {
  const followers: number[][] = Array.from({ length: latents }, () => []);
  for (let i = 0; i < latents; i++) {
    const nearest = atoms[i * k]!;
    if (nearest >= 0) followers[nearest]!.push(i);
  }
  return followers.map((list) => Int32Array.from(list));
}

/** @throws {ConcordError} "numeric/not-finite": an encoder overflowed. */
function requireFinite(value: number, row: number, latent: number): void {
  if (Number.isFinite(value)) return;
  throw new ConcordError(
    "numeric/not-finite",
    `The activation of latent ${latent} in row ${row} is ${value}.`,
    { hint: "The weights of its SAE, or the rows, are too large for float32." },
  );
}

/** Gathers what one SAE does. */
class Gatherer {
  readonly seen: Seen;
  readonly #runner: SaeRunner;
  readonly #byLatent: ByLatent;
  readonly #followers: readonly Int32Array[];
  /** One more than the last row in which each latent was active. */
  readonly #activeIn: Int32Array;
  readonly #around: number;
  readonly #key: number;

  constructor(
    { sae, nearest }: LookedAt,
    runner: SaeRunner,
    keptRows: Int32Array,
    options: LookOptions,
  ) {
    const latents = sae.dSae;
    const width = 2 * options.around + 1;
    this.seen = {
      tally: new LatentTally(latents),
      top: new KeptRows(latents, TOP, width),
      sample: new KeptRows(latents, SAMPLE, width),
      nearMisses: new KeptRows(latents, NEAR_MISSES, width),
      codes: new KeptCodes(latents),
      keptRows,
    };
    this.#runner = runner;
    this.#byLatent = new ByLatent(latents);
    this.#followers = followersOf(nearest, latents);
    this.#activeIn = new Int32Array(latents);
    this.#around = options.around;
    this.#key = randomStream(options.seed, "evidence/sample").key[0];
  }

  /** Adds the rows of a block, the first of which is `first`. */
  async add(x: Float32Array, first: number, rows: number, groups: Int32Array | undefined) {
    const code = await encoded(this.#runner, x, first, rows);
    this.#byLatent.set(code);
    const { start } = this.#byLatent;
    for (let latent = 0; latent < start.length - 1; latent++)
      if (start[latent + 1]! > start[latent]!) this.#addLatent(latent, first, groups);
    this.#addNearMisses(code, first, groups);
    this.#keep(code, first);
    return code;
  }

  #addLatent(latent: number, first: number, groups: Int32Array | undefined): void {
    const { start, rows, values } = this.#byLatent;
    const { tally, top, sample } = this.seen;
    const [from, to] = [start[latent]!, start[latent + 1]!];
    let peak = from;
    for (let e = from; e < to; e++) {
      const [row, value] = [first + rows[e]!, values[e]!];
      requireFinite(value, row, latent);
      tally.add(latent, value);
      const drawnSlot = sample.offer(latent, drawn(row, latent, this.#key), row, value);
      if (drawnSlot >= 0) this.#surround(sample, drawnSlot, latent, row, first, groups);
      if (Math.abs(value) > Math.abs(values[peak]!)) peak = e;
      const isLast = e + 1 === to || !groups || groups[row] !== groups[first + rows[e + 1]!];
      if (!isLast) continue;
      const at = first + rows[peak]!;
      const slot = top.offer(latent, Math.abs(values[peak]!), at, values[peak]!);
      if (slot >= 0) this.#surround(top, slot, latent, at, first, groups);
      peak = e + 1;
    }
  }

  /** Keeps the activations of a latent around a row of the block. */
  #surround(
    kept: KeptRows,
    slot: number,
    latent: number,
    row: number,
    first: number,
    groups: Int32Array | undefined,
  ): void {
    const { start, rows, values } = this.#byLatent;
    kept.clearAround(slot);
    const to = start[latent + 1]!;
    const isNear = (at: number) => at === row || (groups && groups[at] === groups[row]);
    for (let e = this.#firstFrom(latent, row - first - this.#around); e < to; e++) {
      const at = first + rows[e]!;
      if (at > row + this.#around) return;
      if (isNear(at)) kept.setAround(slot, at - row, values[e]!);
    }
  }

  /** The first entry of a latent in row `row` of the block or a later one. */
  #firstFrom(latent: number, row: number): number {
    const { start, rows } = this.#byLatent;
    let [from, to] = [start[latent]!, start[latent + 1]!];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (rows[middle]! < row) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #addNearMisses(
    { rows, indptr, indices, values }: EncodedBatch,
    first: number,
    groups: Int32Array | undefined,
  ): void {
    const { nearMisses } = this.seen;
    for (let r = 0; r < rows; r++) {
      const stamp = first + r + 1;
      for (let e = indptr[r]!; e < indptr[r + 1]!; e++)
        if (values[e] !== 0) this.#activeIn[indices[e]!] = stamp;
      for (let e = indptr[r]!; e < indptr[r + 1]!; e++) {
        const value = values[e]!;
        if (value === 0) continue;
        for (const latent of this.#followers[indices[e]!]!) {
          if (this.#activeIn[latent] === stamp) continue;
          const slot = nearMisses.offer(latent, Math.abs(value), first + r, value);
          if (slot >= 0) this.#surround(nearMisses, slot, latent, first + r, first, groups);
        }
      }
    }
  }

  /** Keeps the codes of those rows of the block that are to be kept. */
  #keep({ rows, indptr, indices, values }: EncodedBatch, first: number): void {
    const { keptRows, codes } = this.seen;
    const isBefore = (row: number | undefined) => row !== undefined && row < first + rows;
    if (!isBefore(keptRows[codes.rows])) return;
    const wanted: number[] = [];
    for (let i = codes.rows; isBefore(keptRows[i]); i++) wanted.push(keptRows[i]! - first);
    const entries = wanted.reduce((sum, r) => sum + indptr[r + 1]! - indptr[r]!, 0);
    const chosen = {
      rows: wanted.length,
      indptr: new Int32Array(wanted.length + 1),
      indices: new Int32Array(entries),
      values: new Float32Array(entries),
    };
    for (const [i, r] of wanted.entries()) {
      const at = chosen.indptr[i]!;
      const [from, to] = [indptr[r]!, indptr[r + 1]!];
      chosen.indices.set(indices.subarray(from, to), at);
      chosen.values.set(values.subarray(from, to), at);
      chosen.indptr[i + 1] = at + to - from;
    }
    codes.append(chosen);
  }
}

/** The code of a block. @throws {ConcordError} naming the row of all that is not finite. */
async function encoded({ encode }: SaeRunner, x: Float32Array, first: number, rows: number) {
  try {
    return await encode(x, rows);
  } catch (error) {
    const bad = x.findIndex((value) => !Number.isFinite(value));
    if (bad < 0) throw error;
    const row = first + Math.floor(bad / (x.length / rows));
    throw new ConcordError("numeric/not-finite", `Row ${row} holds ${x[bad]}.`, { cause: error });
  }
}

/** What the pass found: about each SAE, and about pairs. */
export interface LookedThrough {
  readonly seen: readonly Seen[];
  /** Whether partners fire alike, for the pairs in their order. */
  readonly agreement: CodeAgreement;
}

/**
 * Looks through rows with several SAEs.
 *
 * Rows are drawn for the sample by a hash of row, latent and seed. So the sample does not depend on
 * how rows come in blocks. Of each group only the row with the largest activation can be a top
 * example.
 *
 * @throws {ConcordError} "numeric/not-finite" naming a row, or an activation in it, that is not
 *   finite; what `pause` throws.
 */
export async function lookThrough(
  backend: Backend,
  rows: EvidenceRows,
  saes: readonly LookedAt[],
  options: LookOptions,
): Promise<LookedThrough> {
  const ends = blockEnds(rows);
  const longest = ends.reduce((most, end, i) => Math.max(most, end - (ends[i - 1] ?? 0)), 0);
  const gatherers: Gatherer[] = [];
  for (const one of saes) {
    const runner = await openSaeRunner(backend, one.sae, longest);
    const kept = keptCodeRows(rows, await entriesPerRow(runner, rows, longest));
    gatherers.push(new Gatherer(one, runner, kept, options));
  }
  const agreement = new CodeAgreement(
    saes.map(({ sae }) => sae.dSae),
    options.pairs,
  );
  const buffer = backend.float32(longest * rows.dIn);
  let first = 0;
  for (const end of ends) {
    const x = buffer.subarray(0, (end - first) * rows.dIn);
    await rows.read(first, x);
    const codes: EncodedBatch[] = [];
    for (const gatherer of gatherers)
      codes.push(await gatherer.add(x, first, end - first, rows.groups));
    agreement.add(codes);
    first = end;
    options.onRows(first, rows.rows);
    await options.pause();
  }
  return { seen: gatherers.map(({ seen }) => seen), agreement };
}
