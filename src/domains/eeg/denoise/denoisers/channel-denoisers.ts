/**
 * @file Classical denoisers that look at one channel of a window at a time: the baselines of a
 *   learned dictionary.
 */

import type { SignalLayout } from "../../../../sources/source.ts";
import { butterworth } from "../../signal/butterworth.ts";
import { defaultPadLength, sosfiltfilt } from "../../signal/sections.ts";
import { waveletDenoise } from "../../signal/wavelet-denoise.ts";
import { fromScale, type Scale, zScore } from "../../signal/z-score.ts";
import type { Denoiser } from "../evaluate-denoising.ts";

/** Applies a function to every channel of every row. */
function channelDenoiser(
  name: string,
  { samples }: SignalLayout,
  clean: (x: Float64Array) => Float64Array,
): Denoiser {
  return {
    name,
    async denoise(noisy) {
      const out = new Float32Array(noisy.length);
      for (let at = 0; at < noisy.length; at += samples)
        out.set(clean(Float64Array.from(noisy.subarray(at, at + samples))), at);
      return out;
    },
  };
}

/** The pipeline's Butterworth band-pass, forward and backward. */
export function bandPassDenoiser(
  name: string,
  layout: SignalLayout,
  band: { readonly low: number; readonly high: number; readonly order: number },
): Denoiser {
  const { low, high, order } = band;
  const sections = butterworth(order, { kind: "bandPass", low, high }, layout.rate);
  const pad = Math.min(defaultPadLength(sections), layout.samples - 1);
  return channelDenoiser(name, layout, (x) => sosfiltfilt(sections, x, pad));
}

/** Soft thresholds on wavelet details (VisuShrink), see `waveletDenoise`. */
export function waveletDenoiser(name: string, layout: SignalLayout): Denoiser {
  return channelDenoiser(name, layout, (x) => waveletDenoise(x));
}

/**
 * A denoiser of z-scored windows for windows in µV: each channel is scaled by itself, and the scale
 * undone afterwards.
 */
export function inZScores(denoiser: Denoiser, { samples }: SignalLayout): Denoiser {
  return {
    name: denoiser.name,
    async denoise(noisy, rows) {
      const scaled = noisy.slice();
      const scales: Scale[] = [];
      for (let at = 0; at < scaled.length; at += samples)
        scales.push(zScore(scaled, at, at + samples));
      const out = (await denoiser.denoise(scaled, rows)).slice();
      for (const [s, scale] of scales.entries())
        fromScale(out, scale, s * samples, (s + 1) * samples);
      return out;
    },
  };
}
