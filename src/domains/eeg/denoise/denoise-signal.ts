/**
 * @file A stretch of recorded signal through a denoiser of windows. It is prepared as the windows
 *   were that the denoiser learnt from, cut and cleaned. Then it is put together again, and brought
 *   back to the recording's rate and unit.
 */

import { commonAverageReference } from "../signal/multichannel.ts";
import { coveringStarts, OverlapAdd } from "../signal/overlap-add.ts";
import { type RateChange, rateChange, resamplePoly } from "../signal/resample.ts";
import { type Sections, sosfiltfilt } from "../signal/sections.ts";
import { copyWindow } from "../signal/windows.ts";
import type { EegRecipe } from "../windows/recipe.ts";
import { inZScores } from "./denoisers/channel-denoisers.ts";
import { DENOISING_BATCH, type Denoiser } from "./evaluate-denoising.ts";

export interface SignalDenoiser {
  readonly recipe: EegRecipe;
  /** Of z-scored windows. */
  readonly denoiser: Denoiser;
  /** Samples from one window to the next, at the recipe's rate. */
  readonly hop: number;
  /** The recipe's band-pass at the recording's rate. */
  readonly sections: Sections;
  /**
   * Add the mean over channels that was subtracted back, as it was: the reference stays that of the
   * recording.
   */
  readonly restoreReference: boolean;
  /**
   * Channels, by their place in the recipe, that carry nothing: kept out of the reference, zeros to
   * the denoiser.
   */
  readonly flat: ReadonlySet<number>;
}

export interface DenoisedSignal {
  /**
   * At the recording's rate, [channels][samples]; NaN for flat channels, of which nothing is made.
   */
  readonly channels: readonly Float64Array[];
  /**
   * By channel, at the recipe's rate: what went in after filter and reference, and what came out;
   * [channels][samples].
   */
  readonly prepared: readonly Float64Array[];
  readonly denoised: readonly Float64Array[];
  readonly windows: number;
}

/**
 * Denoises one stretch without gaps.
 *
 * Windows begin every `hop` samples, the last one at the end, and fade into each other
 * (`OverlapAdd`). Nothing from outside the recipe's band reaches the denoiser. Where rates differ
 * the stretch is lengthened by its reflection first, and cut in the end.
 *
 * @param channels Signals in the recipe's order, at `rate`; at least as long as the filter's
 *   padding and one window.
 */
export async function denoiseSignal(
  options: SignalDenoiser,
  channels: readonly Float64Array[],
  rate: number,
): Promise<DenoisedSignal> {
  const { recipe, sections, hop, restoreReference, flat } = options;
  const { samples: length } = recipe;
  const n = channels[0]!.length;
  const there = rateChange(rate, recipe.rate);
  const pad = lengthening(there);
  const filtered = channels.map((x) => extended(sosfiltfilt(sections, x), pad));
  const prepared = filtered.map((x) => resamplePoly(x, there));
  const reference = recipe.averageReference ? prepared.map((x) => x.slice()) : [];
  if (recipe.averageReference) commonAverageReference(prepared.filter((_, c) => !flat.has(c)));
  for (const c of flat) prepared[c]!.fill(0);

  const denoiser = inZScores(options.denoiser, recipe);
  const dIn = channels.length * length;
  const starts = coveringStarts(prepared[0]!.length, length, hop);
  const whole = new OverlapAdd(channels.length, prepared[0]!.length, length);
  const batch = new Float32Array(Math.min(DENOISING_BATCH, starts.length) * dIn);
  for (let at = 0; at < starts.length; at += DENOISING_BATCH) {
    const some = starts.slice(at, at + DENOISING_BATCH);
    const rows = batch.subarray(0, some.length * dIn);
    for (const [r, start] of some.entries()) copyWindow(prepared, start, length, rows, r * dIn);
    const clean = await denoiser.denoise(rows, some.length);
    for (const [r, start] of some.entries())
      whole.add(clean.subarray(r * dIn, (r + 1) * dIn), start);
  }
  const denoised = whole.mean();
  const out = denoised.map((x, c) => {
    if (flat.has(c)) return new Float64Array(n).fill(Number.NaN);
    const restored = restoreReference && recipe.averageReference;
    // What the average took away is the same for all channels.
    const y = restored ? x.map((v, i) => v + reference[c]![i]! - prepared[c]![i]!) : x;
    return resamplePoly(y, { up: there.down, down: there.up }).subarray(pad, pad + n);
  });
  const [from, to] = [0, n].map((at) => Math.floor(((pad + at) * there.up) / there.down));
  const own = (x: Float64Array) => x.subarray(from, to);
  return {
    channels: out,
    windows: starts.length,
    prepared: prepared.map(own),
    denoised: denoised.map(own),
  };
}

/** Samples of the slower rate by which resampling there and back lets the ends fade. */
const FADING = 22;

/**
 * Samples at the recording's rate by which a stretch is lengthened, for its ends not to fade; a
 * whole number at both rates.
 */
function lengthening({ up, down }: RateChange): number {
  return up === down ? 0 : Math.ceil(FADING / Math.min(up, down)) * down;
}

/**
 * A signal with `pad` samples more at each end, its reflection about the end point, as the
 * zero-phase filter extends it.
 */
function extended(x: Float64Array, pad: number): Float64Array<ArrayBuffer> {
  const n = x.length;
  const out = new Float64Array(n + 2 * pad);
  out.set(x, pad);
  for (let i = 1; i <= pad; i++) {
    const inside = Math.min(i, n - 1);
    out[pad - i] = 2 * x[0]! - x[inside]!;
    out[pad + n - 1 + i] = 2 * x[n - 1]! - x[n - 1 - inside]!;
  }
  return out;
}
