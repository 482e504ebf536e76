/**
 * @file Bring your own activations: any array of any field as a source. An array that fits
 *   `bufferBytes` is read once and permuted whole every pass. A larger one is read by blocks and
 *   shuffled as an activation store is (`rows/shuffle-plan.ts`).
 */

import { given } from "../../base/given.ts";
import { ConcordError, expected } from "../../errors.ts";
import { type Draw, drawIdentity, drawnRows, requireDrawnRows, rowsOfRange } from "../rows/draw.ts";
import { joinedRows, type NamedRows } from "../rows/joined-rows.ts";
import { withoutRows } from "../rows/kept-rows.ts";
import { type Mixing, mixingFacts } from "../rows/mixing.ts";
import { foldedRows, heldOutOrbits, orbitStream } from "../rows/orbit-rows.ts";
import { memoryOf } from "../rows/resident-stream.ts";
import { type RowKernels, TYPESCRIPT_KERNELS } from "../rows/row-kernels.ts";
import { rowReader } from "../rows/row-reader.ts";
import { type HeldOutOptions, heldOutCount, rowBytes } from "../rows/stored-rows.ts";
import {
  DEFAULT_BLOCK_BYTES,
  DEFAULT_BUFFER_BYTES,
  openTrainStream,
  requireBufferBytes,
} from "../rows/train-stream.ts";
import type { Source } from "../source.ts";
import { type ArrayFile, type ArrayInMemory, openArrayParts } from "./array-rows.ts";
import { type SurveyArraysOptions, surveyParts } from "./survey-parts.ts";

/** Which array, how much of it is held out, and how much memory may be used. */
export type ArraySourceOptions = (ArrayFile | ArrayInMemory) &
  HeldOutOptions & {
    /** Decides the order of the rows. Default 0. */
    readonly seed?: number;
    /** Train on a part of the rows that are not held out. Default: on all. */
    readonly draw?: Draw;
    /**
     * All the memory the source may hold, beside an array given in memory. Default 1 GiB. Files
     * that fit are kept in memory; of larger ones, as many blocks as fit are mixed at a time
     * (`ArraySource.mixing`).
     */
    readonly bufferBytes?: number;
    /**
     * Rows of an orbit, which stay together: shuffling, held-out rows and draws take whole ones.
     * Default 1.
     */
    readonly orbitSize?: number;
    /** Bytes read at a time, at least one row. Default 4 MiB. */
    readonly blockBytes?: number;
    /**
     * Leave out rows with a number that is not finite, instead of refusing the array. Default
     * false.
     */
    readonly skipNonFinite?: boolean;
    /** The backend, or the part of one, that widens rows to float32; default plain TypeScript. */
    readonly kernels?: RowKernels;
  } & SurveyArraysOptions;

/** An array that is open. */
export interface ArraySource extends Source {
  /** How well training rows are mixed, on average over passes. */
  readonly mixing: Mixing;
  /**
   * The most that the source holds, bytes, beside an array given in memory; at most `bufferBytes`.
   */
  readonly memoryBytes: number;
}

/**
 * Opens an array as a source: the last rows held out in one piece, the others shuffled anew every
 * pass. All rows are read once before, to find those that are not finite and for the digest of
 * `provenance`.
 *
 * @example await openArraySource({ path: "activations.npy", seed: 1 })
 * @example await openArraySource({ path: "layer6.safetensors", tensor: "resid_post", heldOutRows:
 *   4096 })
 * @example await openArraySource({ path: "acts.f16", dtype: "float16", dIn: 512 })
 * @example await openArraySource({ data: new Float32Array(1000 * 64), dIn: 64 })
 * @throws {FormatError} for damaged files; {ConcordError} `argument/invalid`, `config/invalid`,
 *   `file/missing`, `file/io` or `interrupted`; `numeric/not-finite` naming file, row and column,
 *   unless such rows are skipped.
 */
export async function openArraySource(options: ArraySourceOptions): Promise<ArraySource> {
  const {
    seed = 0,
    bufferBytes = DEFAULT_BUFFER_BYTES,
    blockBytes = DEFAULT_BLOCK_BYTES,
    kernels = TYPESCRIPT_KERNELS,
    draw,
    orbitSize = 1,
  } = options;
  if (orbitSize > 1) requireOrbits(options);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw expected("seed", "a non-negative integer", seed);
  if (!(blockBytes >= 1)) throw expected("blockBytes", "a positive number", blockBytes);
  const parts = await openArrayParts(options);
  const [{ name }] = parts as [NamedRows, ...NamedRows[]];
  const where = parts.length === 1 ? name : `${parts.length} files, the first of them ${name}`;
  try {
    requireInnerRows(parts, orbitSize);
    const single = joinedRows(parts);
    const all = foldedRows(single, orbitSize, where);
    const kept = {
      ...options,
      ...given({ heldOutRows: heldOutOrbits(options.heldOutRows, orbitSize) }),
    };
    const rowsPerBlock = Math.max(1, Math.floor(blockBytes / rowBytes(all)));
    const memoryFor = (count: number) =>
      "data" in options && count === all.rows && draw === undefined
        ? memoryOf(all, elements(options))
        : undefined;
    /** What the streams over `count` rows of these hold. */
    const plan = (count: number) => {
      const trainRows = count - heldOutCount(count, kept, where);
      const drawn = drawnRows(trainRows, draw);
      requireDrawnRows(drawn, trainRows, draw, where);
      const scratchBytes = Math.min(rowsPerBlock, count - trainRows) * rowBytes(all);
      const memory = memoryFor(count);
      const needs = { rowsPerBlock, bufferBytes, scratchBytes, where, ...(memory && { memory }) };
      return { trainRows, drawn, needs };
    };
    // Before all rows are read: rows that are left out make the need smaller, if anything.
    const before = plan(all.rows);
    requireBufferBytes({ ...all, rows: before.drawn.count }, before.needs);
    const survey = await surveyParts(parts, options);
    const stored = withoutRows(all, survey.skipped);
    const { trainRows, drawn, needs } = plan(stored.rows);
    const identity = drawIdentity(draw);
    const train = openTrainStream(rowsOfRange(stored, drawn), {
      ...needs,
      seed,
      kernels,
      identity,
    });
    return {
      dIn: single.dIn,
      mixing: train.mixing,
      memoryBytes: train.memoryBytes,
      provenance: {
        kind: "arrays",
        path: "path" in options ? where : "(in memory)",
        ...("tensor" in options && { tensor: options.tensor }),
        ...survey.facts,
        ...("path" in options && { files: survey.files }),
        rows: stored.rows * orbitSize,
        trainRows: drawn.count * orbitSize,
        ...(orbitSize > 1 && { orbitSize }),
        ...(draw && { draw: { ...draw, firstRow: drawn.start * orbitSize } }),
        storedDtype: stored.dtype,
        mixing: mixingFacts(train.mixing),
      },
      notices: survey.notices,
      train: orbitStream(train.stream, orbitSize, single.dIn),
      heldOut: rowReader(
        orbitSize === 1 ? stored : single,
        trainRows * orbitSize,
        (stored.rows - trainRows) * orbitSize,
        needs.scratchBytes,
        kernels,
      ),
      close: async () => {
        await train.settled();
        await stored.close();
      },
    };
  } catch (error) {
    await closeParts(parts);
    throw error;
  }
}

async function closeParts(parts: readonly NamedRows[]): Promise<void> {
  for (const { rows } of parts) await rows.close();
}

function elements({ data }: ArrayInMemory) {
  return data instanceof Float32Array ? data : data.data;
}

/** @throws {ConcordError} "argument/invalid" for options that would take orbits apart. */
function requireOrbits({ skipNonFinite, orbitSize }: ArraySourceOptions): void {
  if (!Number.isSafeInteger(orbitSize))
    throw expected("orbitSize", "a positive integer", orbitSize);
  if (skipNonFinite)
    throw new ConcordError(
      "argument/invalid",
      "skip_non_finite leaves out single rows, which would take orbits apart.",
      { hint: "Mend what wrote such rows, or leave their orbits out yourself." },
    );
}

/** @throws {ConcordError} "argument/invalid" when arrays group their rows in another way. */
function requireInnerRows(parts: readonly NamedRows[], orbitSize: number): void {
  if (orbitSize === 1) return;
  for (const { name, rows } of parts)
    if (rows.innerRows !== undefined && rows.innerRows !== orbitSize)
      throw new ConcordError(
        "argument/invalid",
        `${name} has orbits of ${rows.innerRows} rows, by its last axis but one, but the group has ${orbitSize} elements.`,
        { hint: "Set source.orbit.group to the group that made the poses." },
      );
}
