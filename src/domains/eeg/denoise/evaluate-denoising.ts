/**
 * @file How well something makes clean rows of noisy ones: one pass over held-out rows with
 *   targets, for all denoisers at once.
 */

import { expected, ShapeError } from "../../../errors.ts";
import type { RowReader, SignalLayout } from "../../../sources/source.ts";
import type { BandSums, DenoisingSums } from "../metrics/denoising-metric.ts";
import { EEG_BANDS, type EegBand } from "../signal/band-powers.ts";
import { type Spectrum, welch } from "../signal/welch.ts";

/** Anything that makes clean rows of noisy ones. */
export interface Denoiser {
  readonly name: string;
  /**
   * @param noisy [rows, d_in], left as it is.
   * @returns Clean rows, [rows, d_in]; valid until the next call.
   */
  denoise(noisy: Float32Array, rows: number): Promise<Float32Array>;
}

/** Leaves noisy rows as they are: what every denoiser has to beat. */
export const NOTHING_DONE: Denoiser = { name: "nothing", denoise: async (noisy) => noisy };

/** Rows at a time. */
export const DENOISING_BATCH = 256;

const BANDS = Object.keys(EEG_BANDS) as EegBand[];

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Adds up errors of one denoiser. */
class Tally {
  readonly sums: Mutable<Omit<DenoisingSums, "bands">> & {
    bands: Record<string, Mutable<BandSums>>;
  };
  readonly #layout: SignalLayout | undefined;

  constructor(rows: number, segments: number, layout: SignalLayout | undefined) {
    const bands = layout ? BANDS.map((band) => [band, { difference: 0, reference: 0 }]) : [];
    this.#layout = layout;
    this.sums = {
      rows,
      segments,
      noise: 0,
      error: 0,
      correlation: 0,
      bands: Object.fromEntries(bands),
    };
  }

  addSegment(noisy: Float32Array, clean: Float32Array, denoised: Float32Array, wanted?: Spectrum) {
    const { sums } = this;
    for (let i = 0; i < clean.length; i++) {
      sums.noise += (noisy[i]! - clean[i]!) ** 2;
      sums.error += (denoised[i]! - clean[i]!) ** 2;
    }
    sums.correlation += correlation(denoised, clean);
    if (!this.#layout || !wanted) return;
    const found = spectrumOf(denoised, this.#layout);
    for (const band of BANDS) {
      const [low, high] = EEG_BANDS[band];
      const into = sums.bands[band]!;
      for (const [k, f] of wanted.frequencies.entries()) {
        if (f < low || f >= high) continue;
        into.difference += (found.density[k]! - wanted.density[k]!) ** 2;
        into.reference += wanted.density[k]! ** 2;
      }
    }
  }
}

/**
 * Sums for every denoiser over the rows of `reader`, from which the metrics of `DENOISING_METRICS`
 * follow.
 *
 * @param layout What a row is as signals in time; without it a row is one segment and has no bands.
 * @throws {ConcordError} `argument/invalid` for a reader without targets, {ShapeError} when the
 *   layout is not that of the rows.
 */
export async function evaluateDenoising(
  denoisers: readonly Denoiser[],
  reader: RowReader,
  dIn: number,
  layout?: SignalLayout,
): Promise<DenoisingSums[]> {
  if (!reader.hasTargets) throw expected("reader", "rows with targets", "rows without");
  const length = layout?.samples ?? dIn;
  const perRow = layout?.channels.length ?? 1;
  if (length * perRow !== dIn)
    throw new ShapeError("evaluateDenoising", `rows of ${length * perRow}`, `d_in ${dIn}`);
  const tallies = denoisers.map(() => new Tally(reader.rows, reader.rows * perRow, layout));
  const batch = Math.min(DENOISING_BATCH, reader.rows);
  const [x, t] = [new Float32Array(batch * dIn), new Float32Array(batch * dIn)];
  for (let start = 0; start < reader.rows; start += batch) {
    const rows = Math.min(batch, reader.rows - start);
    const [noisy, clean] = [x.subarray(0, rows * dIn), t.subarray(0, rows * dIn)];
    await reader.read(start, noisy, clean);
    const segments = Array.from({ length: rows * perRow }, (_, s) => [
      s * length,
      (s + 1) * length,
    ]);
    const spectra =
      layout && segments.map(([from, to]) => spectrumOf(clean.subarray(from, to), layout));
    for (const [d, denoiser] of denoisers.entries()) {
      const denoised = await denoiser.denoise(noisy, rows);
      for (const [s, [from, to]] of segments.entries()) {
        const part = (v: Float32Array) => v.subarray(from, to);
        tallies[d]!.addSegment(part(noisy), part(clean), part(denoised), spectra?.[s]);
      }
    }
  }
  return tallies.map((tally) => tally.sums);
}

function spectrumOf(segment: Float32Array, { rate, samples }: SignalLayout): Spectrum {
  return welch(Float64Array.from(segment), rate, { segmentLength: samples });
}

/** Pearson's r; 0 when either is constant. */
function correlation(a: Float32Array, b: Float32Array): number {
  const n = a.length;
  let [sumA, sumB] = [0, 0];
  for (let i = 0; i < n; i++) {
    sumA += a[i]!;
    sumB += b[i]!;
  }
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [u, v] = [a[i]! - sumA / n, b[i]! - sumB / n];
    ab += u * v;
    aa += u * u;
    bb += v * v;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}
