/**
 * @file How the windows that an SAE was trained on were made. Its folder keeps it (`metadata.eeg`
 *   of cfg.json): everything that preparing another recording in the same way needs.
 */

import { FormatError } from "../../../errors.ts";
import { FIXED_DEFAULTS } from "./fixed.ts";
import { DEFAULT_BAND, type WindowLayout } from "./pipeline.ts";
import type { EegOptions } from "./prepare.ts";

export interface EegRecipe extends WindowLayout {
  /**
   * `fixed` names electrodes of the 10–10 system in `channels`, `faithful` the labels of its first
   * recording.
   */
  readonly variant: "fixed" | "faithful";
  /** Hz, and the order of the Butterworth prototype; forward and backward. */
  readonly band: { readonly low: number; readonly high: number; readonly order: number };
  /** Whether the mean over channels was subtracted, after the filter. */
  readonly averageReference: boolean;
}

/** What the windows of a source are, given its options and layout. */
export function eegRecipe(options: EegOptions, layout: WindowLayout): EegRecipe {
  const { low, high, order } = { ...DEFAULT_BAND, ...options };
  const { channels, rate, samples } = layout;
  const { variant } = options;
  return {
    variant,
    channels,
    rate,
    samples,
    band: { low, high, order },
    averageReference:
      options.variant === "fixed" && (options.averageReference ?? FIXED_DEFAULTS.averageReference),
  };
}

/** A recipe as cfg.json spells it. */
export function recipeJson({ averageReference, ...rest }: EegRecipe): Record<string, unknown> {
  return { ...rest, average_reference: averageReference, scale: "z_score" };
}

/**
 * Reads a recipe back.
 *
 * @param json  `metadata.eeg` of an SAE's cfg.json.
 * @param where Names the file in messages.
 * @throws {FormatError} naming what is missing or makes no sense.
 */
export function parseRecipe(json: unknown, where: string): EegRecipe {
  const found = (json ?? {}) as Readonly<Record<string, unknown>>;
  const wrong = (key: string, rule: string, value: unknown) =>
    new FormatError(where, `expected ${rule} for eeg.${key} but found ${JSON.stringify(value)}`);
  const positive = (key: string, value: unknown): number => {
    if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
    throw wrong(key, "a number above 0", value);
  };
  const { variant, channels, scale, average_reference: averageReference } = found;
  if (variant !== "fixed" && variant !== "faithful")
    throw wrong("variant", "fixed or faithful", variant);
  const named = Array.isArray(channels) && channels.length > 0;
  if (!named || !channels.every((c) => typeof c === "string"))
    throw wrong("channels", "names", channels);
  if (scale !== "z_score") throw wrong("scale", "z_score", scale);
  if (typeof averageReference !== "boolean")
    throw wrong("average_reference", "true or false", averageReference);
  const rate = positive("rate", found["rate"]);
  const samples = positive("samples", found["samples"]);
  if (!Number.isInteger(samples)) throw wrong("samples", "a whole number", samples);
  const band = (found["band"] ?? {}) as Readonly<Record<string, unknown>>;
  const [low, high, order] = ["low", "high", "order"].map((key) =>
    positive(`band.${key}`, band[key]),
  ) as [number, number, number];
  return { variant, channels, rate, samples, averageReference, band: { low, high, order } };
}
