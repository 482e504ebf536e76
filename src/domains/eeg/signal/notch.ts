/** @file A narrow band-stop for line noise: the second-order notch of `scipy.signal.iirnotch`. */

import { expected } from "../../../errors.ts";
import type { Sections } from "./sections.ts";

/**
 * One section that is 0 at `frequency` and 1 far from it.
 *
 *   β = tan(π · (frequency / quality) / rate),  g = 1 / (1 + β),  ω = 2π · frequency / rate
 *   H(z) = g (1 − 2 cos ω z⁻¹ + z⁻²) / (1 − 2 g cos ω z⁻¹ + (2g − 1) z⁻²)
 *
 * @param frequency Hz, between 0 and half the rate.
 * @param quality   Frequency over the width at half power; 30 takes 2 Hz out around 60 Hz.
 * @param rate      Hz.
 */
export function notch(frequency: number, quality: number, rate: number): Sections {
  if (!(frequency > 0 && frequency < rate / 2)) {
    throw expected("frequency", `Hz between 0 and half the rate (${rate / 2})`, frequency);
  }
  if (!(quality > 0)) throw expected("quality", "a number above 0", quality);
  const omega = (2 * Math.PI * frequency) / rate;
  const beta = Math.tan(omega / quality / 2);
  const gain = 1 / (1 + beta);
  const middle = -2 * gain * Math.cos(omega);
  return Float64Array.of(gain, middle, gain, 1, middle, 2 * gain - 1);
}
