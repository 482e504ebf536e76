/**
 * @file How SAEs reconstruct rows that are signals in time: window by window, and band by band of
 *   the spectrum.
 */

import type { Backend } from "../../../backend/backend.ts";
import { openSaeRunner, type Sae } from "../../../sae/sae.ts";
import type { RowReader, SignalLayout } from "../../../sources/source.ts";
import { bandPower, EEG_BANDS } from "../signal/band-powers.ts";
import { type PeriodogramSum, periodogramSum, segmentsOf } from "../signal/welch.ts";

/** Mean power of windows by frequency, and by channel and band. */
export interface WindowSpectra {
  /** Hz, [bins]. */
  readonly frequencies: Float64Array;
  /** Mean over windows and channels, squared unit per Hz, [bins]. */
  readonly density: Float64Array;
  /** Mean over windows, squared unit, [channels × bands of `EEG_BANDS`]. */
  readonly bands: Float64Array;
}

export interface WindowErrors {
  /**
   * ‖x̂ − x‖² / ‖x‖² by row asked for, x being the row's target where it has one. NaN for a silent
   * window.
   */
  readonly shares: Float64Array;
  /** Of x̂ − x. */
  readonly spectra: WindowSpectra;
}

/** A few rows with what an SAE makes of them; valid until the next are asked for. */
export interface ReconstructedRows {
  /** Position of the first among the rows asked for. */
  readonly first: number;
  readonly count: number;
  /**
   * Each [count, d_in]. `target` is the same memory as `input` for rows that are their own targets.
   */
  readonly input: Float32Array;
  readonly target: Float32Array;
  /** x̂ − target. */
  readonly residual: Float32Array;
}

/** Rows at a time. */
const WINDOW_BATCH = 64;

/** At most `most` of the rows 0 … n − 1, evenly spread, in order. */
export function spreadRows(n: number, most: number): number[] {
  const count = Math.min(n, most);
  return Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));
}

/**
 * Reads rows and reconstructs them, a batch at a time.
 *
 * @throws (while iterating) {ConcordError} "numeric/not-finite" when a row is not finite.
 */
export async function* reconstructedRows(
  backend: Backend,
  sae: Sae,
  reader: RowReader,
  rows: readonly number[],
): AsyncGenerator<ReconstructedRows> {
  const { dIn } = sae;
  const batch = Math.min(WINDOW_BATCH, rows.length);
  const runner = await openSaeRunner(backend, sae, batch);
  const x = backend.float32(batch * dIn);
  const t = reader.hasTargets ? backend.float32(batch * dIn) : x;
  for (let first = 0; first < rows.length; first += batch) {
    const count = Math.min(batch, rows.length - first);
    for (let b = 0; b < count; b++) {
      const part = (of: Float32Array) => of.subarray(b * dIn, (b + 1) * dIn);
      await reader.read(rows[first + b]!, part(x), reader.hasTargets ? part(t) : undefined);
    }
    const input = x.subarray(0, count * dIn);
    const target = t.subarray(0, count * dIn);
    const { residual } = await runner.residual(target, await runner.encode(input, count));
    yield { first, count, input, target, residual };
  }
}

/** Adds up the spectra of windows. */
class SpectraSum {
  readonly #layout: SignalLayout;
  readonly #starts: readonly number[];
  readonly #channels: readonly PeriodogramSum[];

  constructor(layout: SignalLayout) {
    const { length, starts } = segmentsOf(layout.samples, layout.rate);
    this.#layout = layout;
    this.#starts = starts;
    this.#channels = layout.channels.map(() => periodogramSum(length, layout.rate));
  }

  /** Adds the window that begins at `start` of `rows`. */
  add(rows: ArrayLike<number>, start: number): void {
    const { samples } = this.#layout;
    for (const [c, sum] of this.#channels.entries())
      for (const from of this.#starts) sum.add(rows, start + c * samples + from);
  }

  mean(): WindowSpectra {
    const spectra = this.#channels.map((sum) => sum.mean());
    const { frequencies } = spectra[0]!;
    const density = frequencies.map((_, k) =>
      spectra.reduce((total, s) => total + s.density[k]! / spectra.length, 0),
    );
    const limits = Object.values(EEG_BANDS);
    const bands = Float64Array.from(
      spectra.flatMap((s) => limits.map(([low, high]) => bandPower(s, low, high))),
    );
    return { frequencies, density, bands };
  }
}

/**
 * What an SAE misses of the given rows, at least one. @throws {ConcordError} as
 * `reconstructedRows`.
 */
export async function windowErrors(
  backend: Backend,
  sae: Sae,
  reader: RowReader,
  layout: SignalLayout,
  rows: readonly number[],
): Promise<WindowErrors> {
  const { dIn } = sae;
  const shares = new Float64Array(rows.length);
  const sum = new SpectraSum(layout);
  for await (const part of reconstructedRows(backend, sae, reader, rows)) {
    for (let b = 0; b < part.count; b++) {
      let [error, power] = [0, 0];
      for (let i = b * dIn; i < (b + 1) * dIn; i++) {
        error += part.residual[i]! ** 2;
        power += part.target[i]! ** 2;
      }
      shares[part.first + b] = power > 0 ? error / power : Number.NaN;
      sum.add(part.residual, b * dIn);
    }
  }
  return { shares, spectra: sum.mean() };
}

/**
 * Spectra of the given rows, at least one, or of their targets; and of what was added to these,
 * where rows have targets.
 */
export async function signalSpectra(
  reader: RowReader,
  layout: SignalLayout,
  rows: readonly number[],
): Promise<{ readonly signal: WindowSpectra; readonly noise?: WindowSpectra }> {
  const dIn = layout.channels.length * layout.samples;
  const [input, target] = [new Float32Array(dIn), new Float32Array(dIn)];
  const signal = new SpectraSum(layout);
  const noise = new SpectraSum(layout);
  for (const row of rows) {
    await reader.read(row, input, reader.hasTargets ? target : undefined);
    signal.add(reader.hasTargets ? target : input, 0);
    if (reader.hasTargets)
      noise.add(
        input.map((v, i) => v - target[i]!),
        0,
      );
  }
  return { signal: signal.mean(), ...(reader.hasTargets && { noise: noise.mean() }) };
}
