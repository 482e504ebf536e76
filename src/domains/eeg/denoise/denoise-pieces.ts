/**
 * @file A recording's channels through a denoiser, stretch by stretch between gaps and piece by
 *   piece within, so that memory does not grow with the recording. The pieces overlap by more than
 *   the filter remembers. Their windows begin at the same samples as those of an undivided stretch,
 *   so that where it is divided does not show.
 */

import { ConcordError } from "../../../errors.ts";
import type { EdfFile } from "../edf/edf-file.ts";
import type { EdfSignal } from "../edf/header.ts";
import { stuckRuns, stuckSamples } from "../recordings/raw-faults.ts";
import { type RateChange, rateChange } from "../signal/resample.ts";
import { defaultPadLength } from "../signal/sections.ts";
import { FIXED_DEFAULTS } from "../windows/fixed.ts";
import type { EegRecipe } from "../windows/recipe.ts";
import type { RecipeChannels } from "../windows/recipe-channels.ts";
import { type DenoisedSignal, denoiseSignal, type SignalDenoiser } from "./denoise-signal.ts";

export interface PieceOptions {
  /**
   * Most samples of a channel at a time, margins included; more where the margins alone are longer.
   * Default: 2²² over the channels.
   */
  readonly pieceSamples?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: { readonly seconds: number; readonly totalSeconds: number }) => void;
}

export interface DenoisedChannel {
  readonly label: string;
  /** As the SAE names it. */
  readonly name: string;
  readonly unit: string;
  /**
   * Root mean squares in the channel's unit: filtered and referenced; denoised; and of their
   * difference. NaN when nothing was.
   */
  readonly rmsIn: number;
  readonly rmsOut: number;
  readonly rmsRemoved: number;
}

const DEFAULT_PIECE_NUMBERS = 2 ** 22;
/**
 * Periods of the band's lower edge after which an end of a piece is forgotten: the slowest part of
 * the filter falls by e⁻¹⁹.
 */
const FORGOTTEN_PERIODS = 10;

/** How a stretch is worked through. */
interface Pieces {
  /**
   * Samples that a piece contributes, and those it reaches beyond on either side; multiples of one
   * hop.
   */
  readonly core: number;
  readonly margin: number;
}

/**
 * Pieces whose windows begin where those of an undivided stretch would: at multiples of the hop, in
 * samples of both rates.
 */
function piecesOf(
  change: RateChange,
  settings: SignalDenoiser,
  rate: number,
  most: number,
): Pieces {
  const { recipe, hop } = settings;
  const unit = (hop / commonDivisor(hop, change.up)) * change.down;
  const up = (samples: number) => Math.ceil(samples / unit) * unit;
  const seconds = FORGOTTEN_PERIODS / recipe.band.low + recipe.samples / recipe.rate;
  const margin = up(seconds * rate);
  return { core: Math.max(unit, Math.floor((most - 2 * margin) / unit) * unit), margin };
}

/** The samples that a stretch needs: for the filter's padding, and for one window. */
export function leastSamples({ recipe, sections }: SignalDenoiser, rate: number): number {
  const { up, down } = rateChange(rate, recipe.rate);
  return Math.max(defaultPadLength(sections) + 1, Math.ceil((recipe.samples * down) / up));
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/**
 * New samples of the channels in stored order; NaN where they are left as they are. That is in
 * stretches too short for a filter and a window, and in channels that are flat. It is also where a
 * channel drops out, staying about one value for a quarter of a window.
 */
export async function* denoisedParts(
  file: EdfFile,
  settings: SignalDenoiser,
  { indices, microvolts, rate }: RecipeChannels,
  tally: DenoisingTally,
  options: PieceOptions,
): AsyncGenerator<readonly Float64Array[]> {
  const { recipe } = settings;
  const change = rateChange(rate, recipe.rate);
  const most = options.pieceSamples ?? Math.ceil(DEFAULT_PIECE_NUMBERS / indices.length);
  const { core, margin } = piecesOf(change, settings, rate, most);
  const perRecord = file.signals[indices[0]!]!.samplesPerRecord;
  const totalSeconds = file.duration;
  const least = leastSamples(settings, rate);
  const stuck = stuckSamples(Math.round((recipe.samples * rate) / recipe.rate), rate);
  let done = 0;
  for (const { firstRecord, records } of await file.segments()) {
    const first = firstRecord * perRecord;
    const n = records * perRecord;
    if (n < least) tally.keep(n);
    else tally.stretches++;
    for (let at = 0; at < n; at += core) {
      if (options.signal?.aborted)
        throw new ConcordError(
          "interrupted",
          `Denoising was interrupted after ${Math.round(done / rate)} of ${totalSeconds} s.`,
          {
            hint: "No partial result was kept; run it again.",
          },
        );
      const count = Math.min(core, n - at);
      if (n < least) yield indices.map(() => new Float64Array(count).fill(Number.NaN));
      else {
        const from = Math.max(0, at - margin);
        const range = { startSample: first + from, count: Math.min(n, at + count + margin) - from };
        const channels: Float64Array[] = [];
        for (const [c, index] of indices.entries()) {
          const x = await file.readSignal(index, range);
          channels.push(microvolts[c] === 1 ? x : x.map((v) => v * microvolts[c]!));
        }
        const result = await denoiseSignal(settings, channels, rate);
        for (const [c, x] of channels.entries()) {
          if (settings.flat.has(c)) continue;
          for (const [first, end] of stuckRuns(x, FIXED_DEFAULTS.minStdUv, stuck)) {
            result.channels[c]!.fill(Number.NaN, first, end);
            const [own, last] = [Math.max(first, at - from), Math.min(end, at - from + count)];
            tally.drop(c, Math.max(0, last - own));
          }
        }
        tally.add(result, { skip: at - from, count }, change);
        yield result.channels.map((x, c) => {
          const part = x.subarray(at - from, at - from + count);
          return microvolts[c] === 1 ? part : part.map((v) => v / microvolts[c]!);
        });
      }
      done += count;
      options.onProgress?.({ seconds: done / rate, totalSeconds });
    }
  }
}

/** What happened on the way. */
export class DenoisingTally {
  stretches = 0;
  keptStretches = 0;
  keptSamples = 0;
  /** By channel, samples in which it stays about one value, left as they are. */
  readonly droppedSamples: number[];
  samples = 0;
  windows = 0;
  #counted = 0;
  readonly #matched: RecipeChannels;
  /**
   * By channel: Σ of squares, in µV² at the recipe's rate, of what went in, came out, and of their
   * difference.
   */
  readonly #squares: { in: number; out: number; removed: number }[];

  constructor(matched: RecipeChannels) {
    this.#matched = matched;
    this.droppedSamples = matched.indices.map(() => 0);
    this.#squares = matched.indices.map(() => ({ in: 0, out: 0, removed: 0 }));
  }

  keep(samples: number): void {
    this.keptStretches++;
    this.keptSamples += samples;
  }

  drop(channel: number, samples: number): void {
    this.droppedSamples[channel]! += samples;
  }

  /** Counts a piece's own samples, its margins left out. */
  add(
    { prepared, denoised, windows }: DenoisedSignal,
    { skip, count }: { readonly skip: number; readonly count: number },
    { up, down }: RateChange,
  ): void {
    this.samples += count;
    const [from, to] = [(skip * up) / down, Math.floor(((skip + count) * up) / down)];
    this.windows += windows;
    this.#counted += to - from;
    for (const [c, squares] of this.#squares.entries()) {
      for (let i = from; i < to; i++) {
        const [x, y] = [prepared[c]![i]!, denoised[c]![i]!];
        squares.in += x * x;
        squares.out += y * y;
        squares.removed += (x - y) ** 2;
      }
    }
  }

  channels(signals: readonly EdfSignal[], recipe: EegRecipe): DenoisedChannel[] {
    const { indices, microvolts } = this.#matched;
    return recipe.channels.map((name, c) => {
      const { label, unit } = signals[indices[c]!]!;
      const rms = (square: number) => Math.sqrt(square / this.#counted) / microvolts[c]!;
      const squares = this.#squares[c]!;
      const [rmsIn, rmsOut, rmsRemoved] = [squares.in, squares.out, squares.removed].map(rms);
      return { label, name, unit, rmsIn: rmsIn!, rmsOut: rmsOut!, rmsRemoved: rmsRemoved! };
    });
  }
}
