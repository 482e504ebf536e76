import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commonCathode, isNumberedCap, parseChannelLabel } from "./channel-labels.ts";

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
    ["EEG Fp1-CLE", "Fp1", "CLE"],
    ["EEG O2-LER", "O2", "LER"],
    ["Fp1-XYZ", "Fp1", "XYZ"],
    ["FP1-A1+A2", "Fp1", "A1+A2"],
    ["C3-(A1+A2)/2", "C3", "(A1+A2)/2"],
    ["F3-M1M2", "F3", "M1M2"],
    ["C4/Linked Ears", "C4", "LINKED EARS"],
    ["C3:M2", "C3", "M2"],
    ["EEG_C3_REF", "C3", "REF"],
    ["EEGFp2-Ref", "Fp2", "REF"],
    ["EEG Fp1 REF", "Fp1", "REF"],
    ["Fc5.-REF", "FC5", "REF"],
    ["C3A2", "C3", "A2"],
    ["O2M1", "O2", "M1"],
    ["Cz-", "Cz", ""],
    ["EEG Fp1-0", "Fp1", "0"],
    ["FT10-Ref", "FT10", "REF"],
    ["AF3-REF", "AF3", "REF"],
  ])("%s is %s against %j", (label, name, reference) => {
    expect(parseChannelLabel(label)).toEqual({ kind: "electrode", name, reference });
  });
});

test("two scalp electrodes are a bipolar derivation", () => {
  expect(parseChannelLabel("EEG Fpz-Cz")).toEqual({ kind: "bipolar", anode: "Fpz", cathode: "Cz" });
  expect(parseChannelLabel("FP1-F7")).toEqual({ kind: "bipolar", anode: "Fp1", cathode: "F7" });
});

test.each([
  "ECG",
  "EKG1-REF",
  "POL X1",
  "POL $A2",
  "EEG A1-Ref",
  "Status",
  "EOG horizontal",
  "",
  "C3-P3-O1",
  "C3-(F3+P3)/2",
  "EEG 26-REF",
  "EEG",
  "A1",
  "A2-C3",
  "F11",
  "C31-REF",
  "O2-Sat",
  "O2 Sat",
  "P2 Pulse",
  "C3 flow",
  "O2%",
  "Pz2",
  "T3-EMG",
  "SpO2",
  "Fpx-REF",
])("%j is something else", (label) => {
  expect(parseChannelLabel(label)).toEqual({ kind: "other" });
});

test("the electrodes of the real recordings are all recognised", () => {
  const golden = join(import.meta.dirname, "../../../../test/golden/edf/real.json");
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

test("an electrode that all others are measured against is a reference, not half of a derivation", () => {
  const against = (cathode: string) =>
    ["Fp1", "F3", "O1", "T3"].map((name) => `${name}-${cathode}`);
  expect(commonCathode([...against("Cz"), "ECG", "A1"])).toBe("Cz");
  expect(commonCathode([...against("FCz"), "C3-P3"])).toBe("FCz");
  const banana = ["Fp1-F7", "F7-T3", "T3-T5", "T5-O1", "Fp1-F3", "F3-C3", "C3-P3", "P3-O1"];
  expect(commonCathode(banana)).toBeUndefined();
  expect(commonCathode(["EEG Fpz-Cz", "EEG Pz-Oz"])).toBeUndefined();
  expect(commonCathode(["Fp1-REF", "Cz-REF"])).toBeUndefined();
});

test("a cap numbered by letters of its own is told from the 10–10 system", () => {
  expect(isNumberedCap(["A1", "A2", "B1", "B2", "B3", "B4", "C1", "C2", "C3"])).toBe(true);
  expect(isNumberedCap(["Fp1", "C1", "C2", "C3", "C4", "F1", "F2", "A1", "A2"])).toBe(false);
});
