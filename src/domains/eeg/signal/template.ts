/**
 * @file What a spatio-temporal pattern is like: when it is strongest, where, and at which
 *   frequencies.
 */

import { EEG_BANDS, type EegBand } from "./band-powers.ts";
import { periodogramSum, type Spectrum, segmentsOf } from "./welch.ts";

/** A pattern over channels and time: one window, or the atom of a dictionary of windows. */
export interface Template {
  /** [channels × samples], channel after channel. */
  readonly values: ArrayLike<number>;
  readonly channels: number;
  readonly samples: number;
  /** Hz. */
  readonly rate: number;
}

/** The course of a pattern in one channel. */
export interface TemplateCourse {
  readonly channel: number;
  /** [samples]. */
  readonly values: ArrayLike<number>;
}

/** What a pattern is like, as far as pictures and words need it. */
export interface TemplateFacts {
  /** Hz. */
  readonly rate: number;
  readonly samples: number;
  /** Sample of the largest global field power, the first of equals. */
  readonly peak: number;
  /** Values at the peak, [channels]. */
  readonly map: ArrayLike<number>;
  /** Of some channels or all, from the one of the largest size at the peak on. */
  readonly courses: readonly TemplateCourse[];
  /** Mean over channels. */
  readonly spectrum: Spectrum;
  /**
   * Hz of the spectrum's largest bin within the EEG's bands; undefined for a pattern without power
   * there.
   */
  readonly peakFrequency: number | undefined;
}

/**
 * Global field power: how much the channels differ at each moment.
 *
 *   g(t) = √( mean over channels of (v_c(t) − v̄(t))² )
 *
 * @see Lehmann and Skrandies 1980, "Reference-free identification of components of
 *   checkerboard-evoked multichannel potential fields", Electroencephalogr. Clin. Neurophysiol. 48,
 *   609–621.
 */
export function globalFieldPower({ values, channels, samples }: Template): Float64Array {
  return Float64Array.from({ length: samples }, (_, t) => {
    let mean = 0;
    for (let c = 0; c < channels; c++) mean += values[c * samples + t]! / channels;
    let square = 0;
    for (let c = 0; c < channels; c++) square += (values[c * samples + t]! - mean) ** 2 / channels;
    return Math.sqrt(square);
  });
}

/**
 * Describes a pattern.
 *
 * @param most Courses, those of the channels of the largest size at the peak. Default all.
 */
export function describeTemplate(template: Template, most = template.channels): TemplateFacts {
  const { values, channels, samples, rate } = template;
  const fieldPower = globalFieldPower(template);
  const peak = fieldPower.reduce((best, v, t) => (v > fieldPower[best]! ? t : best), 0);
  const map = Float64Array.from({ length: channels }, (_, c) => values[c * samples + peak]!);
  const size = (c: number) => Math.abs(map[c]!) || 0;
  const strongest = [...map.keys()].sort((a, b) => size(b) - size(a) || a - b).slice(0, most);
  const courses = strongest.map((channel) => {
    const course = Float64Array.from({ length: samples }, (_, t) => values[channel * samples + t]!);
    return { channel, values: course };
  });
  const { length, starts } = segmentsOf(samples, rate);
  const sum = periodogramSum(length, rate);
  for (let c = 0; c < channels; c++)
    for (const start of starts) sum.add(values, c * samples + start);
  const spectrum = sum.mean();
  return { rate, samples, peak, map, courses, spectrum, peakFrequency: peakOf(spectrum) };
}

function peakOf({ frequencies, density }: Spectrum): number | undefined {
  let best: number | undefined;
  for (const [k, f] of frequencies.entries())
    if (bandOf(f) && density[k]! > (best === undefined ? 0 : density[best]!)) best = k;
  return best === undefined ? undefined : frequencies[best];
}

/** The band that a frequency lies in. */
export function bandOf(frequency: number): EegBand | undefined {
  const bands = Object.entries(EEG_BANDS) as [EegBand, readonly [number, number]][];
  return bands.find(([, [low, high]]) => frequency >= low && frequency < high)?.[0];
}
