/**
 * @file What a recording's channel label means: recorders write the same electrode as "Fp1", "FP1", "EEG Fp1-Ref", "EEG
 * FP1-LE" or "Fp1.".
 */

import { ELECTRODES } from "./electrodes.ts";

export type ChannelLabel =
  /** One scalp electrode against a common reference ("" when the label does not say which). */
  | { readonly kind: "electrode"; readonly name: string; readonly reference: string }
  /** The difference of two scalp electrodes. */
  | { readonly kind: "bipolar"; readonly anode: string; readonly cathode: string }
  /** Anything else: ECG, ears, triggers … */
  | { readonly kind: "other" };

/** Other names of the same place: the temporal electrodes' before 1991, and the low occipital ones' of some caps. */
const ALIASES: Readonly<Record<string, string>> = {
  ...{ T3: "T7", T4: "T8", T5: "P7", T6: "P8" },
  ...{ O9: "I1", O10: "I2" },
};

const BY_UPPER_CASE: ReadonlyMap<string, string> = new Map([
  ...ELECTRODES.map((name) => [name.toUpperCase(), name] as const),
  ...Object.entries(ALIASES),
]);

/**
 * What stands after a hyphen when the other electrode is a common reference: ears, mastoids, their mean, the average, or
 * just "reference".
 */
const REFERENCE =
  /^(REF\d*|LE|AR|AV|AVG|AVE|CAR|A1|A2|A12|A1A2|A1\+A2|M1|M2|M1M2|M1\+M2|EARS?|LER|VREF|NASION|NOSE|ORG|G2|GND|0V)$/;

/** The 10–10 name of an electrode in any capitals, or undefined. */
export function electrodeName(text: string): string | undefined {
  return BY_UPPER_CASE.get(text.trim().toUpperCase());
}

/**
 * Reads a channel label.
 *
 * A prefix "EEG" and trailing dots are dropped, capitals do not matter, and the old temporal names become the modern ones
 * (T3 → T7, T4 → T8, T5 → P7, T6 → P8).
 *
 * @example parseChannelLabel("EEG FP1-REF") // { kind: "electrode", name: "Fp1", reference: "REF" }
 * @example parseChannelLabel("EEG Fpz-Cz") // { kind: "bipolar", anode: "Fpz", cathode: "Cz" }
 */
export function parseChannelLabel(label: string): ChannelLabel {
  const text = label
    .trim()
    .replace(/^EEG[\s:_-]+/i, "")
    .replace(/\.+$/, "");
  const [first, second, ...more] = text.split(/[-–]/).map((part) => part.trim());
  const name = electrodeName(first!);
  if (name === undefined || more.length > 0) return { kind: "other" };
  if (second === undefined) return { kind: "electrode", name, reference: "" };
  const cathode = electrodeName(second);
  if (cathode !== undefined) return { kind: "bipolar", anode: name, cathode };
  const reference = second.toUpperCase();
  return REFERENCE.test(reference) ? { kind: "electrode", name, reference } : { kind: "other" };
}

/**
 * Whether a recording names its electrodes by a letter and a number of the cap's own (A1 … A32, B1 … B32, C1 …), in which
 * "C3" is not the C3 of the 10–10 system.
 *
 * Told by at least four labels of the letters B, D, E, G and H, which the 10–10 system does not have.
 */
export function isNumberedCap(labels: readonly string[]): boolean {
  return labels.filter((label) => /^(EEG )?[BDEGH]\d{1,3}(-.*)?$/i.test(label.trim())).length >= 4;
}
