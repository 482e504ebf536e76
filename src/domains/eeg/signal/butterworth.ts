/**
 * @file Digital Butterworth filters as second-order sections: coefficients of
 *   `scipy.signal.butter(..., output="sos")`.
 */

import { expected } from "../../../errors.ts";
import type { Sections } from "./sections.ts";
import {
  bilinear,
  butterworthPrototype,
  toBandPass,
  toBandStop,
  toHighPass,
  toLowPass,
  type Zpk,
} from "./zpk.ts";
import { zpkToSections } from "./zpk-to-sections.ts";

/**
 * Which frequencies pass, Hz. The gain is 1/√2 at each edge (once forward; 1/2 forward and
 * backward).
 */
export type Passband =
  | { readonly kind: "lowPass"; readonly cutoff: number }
  | { readonly kind: "highPass"; readonly cutoff: number }
  | { readonly kind: "bandPass"; readonly low: number; readonly high: number }
  | { readonly kind: "bandStop"; readonly low: number; readonly high: number };

/** Above this the roots of even single sections lose digits, and nobody needs it. */
const MAX_ORDER = 50;

/**
 * Designs a Butterworth filter.
 *
 * The edges are pre-warped, w = 4 tan(π f / rate), the prototype is transformed and mapped by the
 * bilinear transform.
 *
 * @param order Of the prototype: a band-pass or band-stop has twice as many poles.
 * @param rate  Sampling rate, Hz.
 * @returns [sections × 6] in scipy's order.
 * @throws {ConcordError} `argument/invalid` for edges outside (0, rate / 2) or out of order.
 * @example butterworth(5, { kind: "bandPass", low: 0.5, high: 45 }, 250)
 */
export function butterworth(order: number, band: Passband, rate: number): Sections {
  return zpkToSections(butterworthZpk(order, band, rate));
}

/** Zeros, poles and gain of {@link butterworth}. */
function butterworthZpk(order: number, band: Passband, rate: number): Zpk {
  if (!Number.isInteger(order) || order < 1 || order > MAX_ORDER) {
    throw expected("order", `an integer from 1 to ${MAX_ORDER}`, order);
  }
  if (!(rate > 0 && Number.isFinite(rate))) throw expected("rate", "Hz above 0", rate);
  const warp = (name: string, frequency: number) => {
    if (!(frequency > 0 && frequency < rate / 2)) {
      throw expected(name, `Hz between 0 and half the rate (${rate / 2})`, frequency);
    }
    return 4 * Math.tan((Math.PI * ((2 * frequency) / rate)) / 2);
  };
  const prototype = butterworthPrototype(order);
  if (band.kind === "lowPass") return bilinear(toLowPass(prototype, warp("cutoff", band.cutoff)));
  if (band.kind === "highPass") return bilinear(toHighPass(prototype, warp("cutoff", band.cutoff)));
  const low = warp("low", band.low);
  const high = warp("high", band.high);
  if (!(low < high)) throw expected("low", `below high (${band.high} Hz)`, band.low);
  const transform = band.kind === "bandPass" ? toBandPass : toBandStop;
  return bilinear(transform(prototype, Math.sqrt(low * high), high - low));
}
