/** @file Atoms as templates: what is kept of each beside the evidence, and read back. */

import { toBfloat16 } from "../../../base/float16.ts";
import { type Tensor, tensor } from "../../../base/tensor.ts";
import type { SignalLayout } from "../../../sources/source.ts";
import type { KeptOfLatent } from "../../evidence-maker.ts";
import { EEG_BANDS } from "../signal/band-powers.ts";
import type { TemplateFacts } from "../signal/template.ts";
import { segmentsOf } from "../signal/welch.ts";

/** Channels whose courses are kept of each atom, the strongest ones. */
export const KEPT_COURSES = 3;

/** Bins of a template's spectrum up to the end of the EEG's bands, and their distance in Hz. */
function keptBins({ samples, rate }: SignalLayout): {
  readonly bins: number;
  readonly step: number;
} {
  const { length } = segmentsOf(samples, rate);
  const step = rate / length;
  const all = Math.floor(length / 2) + 1;
  return { bins: Math.min(all, Math.floor(EEG_BANDS.gamma[1] / step) + 1), step };
}

/** Gathers templates of atoms, one after the other. */
export class KeptTemplates {
  readonly #latents: number;
  readonly #layout: SignalLayout;
  readonly #bins: number;
  readonly #kept: number;
  readonly #map: Uint16Array;
  readonly #peak: Int32Array;
  readonly #peakHz: Float32Array;
  readonly #courseChannels: Int32Array;
  readonly #courses: Uint16Array;
  readonly #density: Uint16Array;

  constructor(latents: number, layout: SignalLayout) {
    const { channels, samples } = layout;
    this.#latents = latents;
    this.#layout = layout;
    this.#bins = keptBins(layout).bins;
    this.#kept = Math.min(KEPT_COURSES, channels.length);
    this.#map = new Uint16Array(latents * channels.length);
    this.#peak = new Int32Array(latents);
    this.#peakHz = new Float32Array(latents).fill(Number.NaN);
    this.#courseChannels = new Int32Array(latents * this.#kept);
    this.#courses = new Uint16Array(latents * this.#kept * samples);
    this.#density = new Uint16Array(latents * this.#bins);
  }

  /** Takes the template of a latent, which has `KEPT_COURSES` courses or all. */
  set(latent: number, { map, peak, peakFrequency, courses, spectrum }: TemplateFacts): void {
    const put = (into: Uint16Array, at: number, values: ArrayLike<number>, count: number) => {
      for (let i = 0; i < count; i++) into[at + i] = toBfloat16(values[i]!);
    };
    const { channels, samples } = this.#layout;
    put(this.#map, latent * channels.length, map, channels.length);
    this.#peak[latent] = peak;
    if (peakFrequency !== undefined) this.#peakHz[latent] = peakFrequency;
    for (const [i, { channel, values }] of courses.entries()) {
      const at = latent * this.#kept + i;
      this.#courseChannels[at] = channel;
      put(this.#courses, at * samples, values, samples);
    }
    put(this.#density, latent * this.#bins, spectrum.density, this.#bins);
  }

  /**
   * What is kept of each latent; [latents] comes first in every shape:
   *
   *   map [channels]                    values at the moment of the largest field power
   *   peak, peak_hz []                  that sample; frequency of the most power, NaN without one
   *   course_channels [courses]         the strongest channels, the strongest first
   *   courses [courses, samples]        what they do
   *   density [bins]                    mean spectrum from 0 Hz to the end of the EEG's bands
   *
   * About 1.2 KB a latent for 19 channels and 128 samples.
   */
  tensors(): Map<string, Tensor> {
    const n = this.#latents;
    const half = (data: Uint16Array, ...rest: number[]) => tensor("bfloat16", [n, ...rest], data);
    return new Map([
      ["map", half(this.#map, this.#layout.channels.length)],
      ["peak", tensor("int32", [n], this.#peak)],
      ["peak_hz", tensor("float32", [n], this.#peakHz)],
      ["course_channels", tensor("int32", [n, this.#kept], this.#courseChannels)],
      ["courses", half(this.#courses, this.#kept, this.#layout.samples)],
      ["density", half(this.#density, this.#bins)],
    ]);
  }
}

/** The template of one latent; undefined where none was kept. */
export function keptTemplate(kept: KeptOfLatent, layout: SignalLayout): TemplateFacts | undefined {
  const map = kept.get("map");
  const courses = kept.get("courses");
  const density = kept.get("density");
  if (!map || !courses || !density) return undefined;
  const { rate, samples } = layout;
  const { step } = keptBins(layout);
  const [peak = 0] = kept.get("peak") ?? [];
  const [hertz = Number.NaN] = kept.get("peak_hz") ?? [];
  return {
    rate,
    samples,
    peak,
    map,
    courses: Array.from(kept.get("course_channels") ?? [], (channel, i) => {
      return { channel, values: courses.subarray(i * samples, (i + 1) * samples) };
    }),
    spectrum: {
      frequencies: Float64Array.from(density, (_, k) => k * step),
      density: Float64Array.from(density),
    },
    peakFrequency: Number.isNaN(hertz) ? undefined : hertz,
  };
}
