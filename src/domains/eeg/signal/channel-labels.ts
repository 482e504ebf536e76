/**
 * @file What a recording's channel label means: recorders write the same electrode as "Fp1", "FP1",
 *   "EEG Fp1-Ref", "EEG FP1-LE" or "Fp1.".
 */

import { ELECTRODES } from "./electrodes.ts";

export type ChannelLabel =
  /** One scalp electrode against a common reference ("" when the label does not say which). */
  | { readonly kind: "electrode"; readonly name: string; readonly reference: string }
  /** The difference of two scalp electrodes. */
  | { readonly kind: "bipolar"; readonly anode: string; readonly cathode: string }
  /** Anything else: ECG, ears, triggers … */
  | { readonly kind: "other" };

/**
 * Other names of the same place: the temporal electrodes' before 1991, and the low occipital ones'
 * of some caps.
 */
const ALIASES: Readonly<Record<string, string>> = {
  T3: "T7",
  T4: "T8",
  T5: "P7",
  T6: "P8",
  O9: "I1",
  O10: "I2",
};

const BY_UPPER_CASE: ReadonlyMap<string, string> = new Map([
  ...ELECTRODES.map((name) => [name.toUpperCase(), name] as const),
  ...Object.entries(ALIASES),
]);

/**
 * References that are told without a separator before them, as in "C3A2": ears, mastoids, their
 * mean, the average.
 */
const KNOWN_REFERENCE =
  /^(REF\d*|C?LE|LER|AR|AV|AVG|AVE|CAR|A1|A2|A12|A1\+?A2|M1|M2|M1\+?M2|EARS?|VREF|NOSE|ORG)$/;

/** What is measured when it is not EEG, though an electrode's name stands before it: "O2-Sat". */
const OTHER_MEASURE = /^(E[CKMO]G|SAT|SAO2|SPO2|RESP|FLOW|TEMP|PULSE|HR|TRIG|STATUS|DC)\d*$/;

/** The 10–10 name of an electrode in any capitals, or undefined. */
export function electrodeName(text: string): string | undefined {
  return BY_UPPER_CASE.get(text.trim().toUpperCase());
}

/**
 * The electrode that a label begins with, and the rest: "FP1-REF" → Fp1, "-REF". The longest name
 * counts.
 */
function leadingElectrode(text: string): readonly [name: string, rest: string] | undefined {
  for (let length = Math.min(4, text.length); length > 1; length--) {
    const name = electrodeName(text.slice(0, length));
    const rest = text.slice(length);
    // A digit more makes another name of it, one that the system does not have.
    if (name !== undefined && !/^\d/.test(rest)) return [name, rest];
  }
  return undefined;
}

/**
 * Reads a channel label by taking it apart: a prefix "EEG", an electrode, and what it is measured
 * against.
 *
 * After a hyphen, slash, colon or underscore anything is a reference that is not a scalp electrode.
 * After a blank or nothing it must be one that is known. Trailing dots are dropped, capitals do not
 * matter, and the old temporal names become the modern ones (T3 → T7, T4 → T8, T5 → P7, T6 → P8).
 *
 * @example parseChannelLabel("EEG FP1-REF") // { kind: "electrode", name: "Fp1", reference: "REF" }
 * @example parseChannelLabel("EEG Fp1-CLE") // { kind: "electrode", name: "Fp1", reference: "CLE" }
 * @example parseChannelLabel("EEG Fpz-Cz") // { kind: "bipolar", anode: "Fpz", cathode: "Cz" }
 */
export function parseChannelLabel(label: string): ChannelLabel {
  const text = label
    .trim()
    .replace(/^EEG[\s:_-]*/i, "")
    .replace(/[\s.]+$/, "");
  const [name, rest] = leadingElectrode(text) ?? [];
  if (name === undefined) return { kind: "other" };
  const [, separator = "", second = ""] = /^\s*([-–−/:_.]*)\s*(.*)$/.exec(rest!)!;
  const reference = second.toUpperCase();
  if (reference === "") return { kind: "electrode", name, reference };
  const cathode = electrodeName(second);
  if (cathode !== undefined) return { kind: "bipolar", anode: name, cathode };
  const parts = reference.split(/[^A-Z0-9]+/).filter((part) => part !== "");
  // A third electrode, or an average of some of them.
  if (parts.some((part) => electrodeName(part) !== undefined || OTHER_MEASURE.test(part)))
    return { kind: "other" };
  const isReference = separator !== "" || KNOWN_REFERENCE.test(reference);
  return isReference ? { kind: "electrode", name, reference } : { kind: "other" };
}

/**
 * The electrode that all channels of a recording are measured against, where the labels say so one
 * by one: "Fp1-Cz", "O1-Cz" …
 *
 * @returns The cathode of at least four two-electrode labels and of most of them. Undefined for a
 *   bipolar montage, in which an electrode is the cathode of two or three.
 */
export function commonCathode(labels: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  let bipolar = 0;
  for (const label of labels) {
    const parsed = parseChannelLabel(label);
    if (parsed.kind !== "bipolar") continue;
    bipolar++;
    counts.set(parsed.cathode, (counts.get(parsed.cathode) ?? 0) + 1);
  }
  const [cathode, count] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [undefined, 0];
  return count >= 4 && 2 * count > bipolar ? cathode : undefined;
}

/**
 * Whether a recording names its electrodes by a letter and a number of the cap's own (A1 … A32, B1
 * … B32, C1 …), in which "C3" is not the C3 of the 10–10 system.
 *
 * Told by at least four labels of the letters B, D, E, G and H, which the 10–10 system does not
 * have.
 */
export function isNumberedCap(labels: readonly string[]): boolean {
  return labels.filter((label) => /^(EEG )?[BDEGH]\d{1,3}(-.*)?$/i.test(label.trim())).length >= 4;
}
