import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isNumberedCap, parseChannelLabel } from "./channel-labels.ts";

describe("one electrode, however it is written", () => {
  test.each([
    ["Fp1", "Fp1", ""],
    ["FP1", "Fp1", ""],
    ["Fp1.", "Fp1", ""],
    ["Fc5.", "FC5", ""],
    ["Cz..", "Cz", ""],
    ["EEG FP1-REF", "Fp1", "REF"],
    ["EEG Fp2-Ref", "Fp2", "REF"],
    ["EEG PZ-LE", "Pz", "LE"],
    ["EEG C3-A2", "C3", "A2"],
    ["C4-M1", "C4", "M1"],
    ["EEG:O1", "O1", ""],
    ["eeg fcz - avg", "FCz", "AVG"],
    ["T3", "T7", ""],
    ["EEG T4-Ref", "T8", "REF"],
    ["T5-A1", "P7", "A1"],
    ["t6", "P8", ""],
    ["T7", "T7", ""],
  ])("%s is %s against %j", (label, name, reference) => {
    expect(parseChannelLabel(label)).toEqual({ kind: "electrode", name, reference });
  });
});

test("two scalp electrodes are a bipolar derivation", () => {
  expect(parseChannelLabel("EEG Fpz-Cz")).toEqual({ kind: "bipolar", anode: "Fpz", cathode: "Cz" });
  expect(parseChannelLabel("FP1-F7")).toEqual({ kind: "bipolar", anode: "Fp1", cathode: "F7" });
});

test.each([
  ...["ECG", "EKG1-REF", "POL X1", "POL $A2", "EEG A1-Ref", "Status", "EOG horizontal", ""],
  ...["C3-P3-O1", "Fp1-XYZ", "EEG 26-REF", "EEG", "A1"],
])("%j is something else", (label) => {
  expect(parseChannelLabel(label)).toEqual({ kind: "other" });
});

test("the electrodes of the real recordings are all recognised", () => {
  const golden = join(import.meta.dirname, "../../test/golden/edf/real.json");
  const recordings: Record<string, { channels: { label: string }[] }> = JSON.parse(
    readFileSync(golden, "utf8"),
  );
  const counts = Object.entries(recordings).map(([name, { channels }]) => [
    name,
    channels.filter(({ label }) => parseChannelLabel(label).kind === "electrode").length,
  ]);
  expect(Object.fromEntries(counts)).toMatchObject({
    "eeg_microstates_rest_30ch.edf": 30,
    "mne_overlapping_annotations.edf": 64,
    "nihonkohden_MB0400FU.edf": 19,
    "sleepedf_short_psg.edf": 0,
  });
});

test("a cap numbered by letters of its own is told from the 10–10 system", () => {
  expect(isNumberedCap(["A1", "A2", "B1", "B2", "B3", "B4", "C1", "C2", "C3"])).toBe(true);
  expect(isNumberedCap(["Fp1", "C1", "C2", "C3", "C4", "F1", "F2", "A1", "A2"])).toBe(false);
});
