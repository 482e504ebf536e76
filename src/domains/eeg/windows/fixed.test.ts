import { describe, expect, test } from "vitest";
import { fakeRecording } from "../../../../test/support/fake-recording.ts";
import { TEN_TWENTY } from "../signal/electrodes.ts";
import { type FixedOptions, planFixed } from "./fixed.ts";
import { artefactOf, fixedWindows } from "./fixed-windows.ts";

const options: FixedOptions = { variant: "fixed", minChannels: 2 };
const plan = (recordings: ReturnType<typeof fakeRecording>[], more: Partial<FixedOptions> = {}) =>
  planFixed(recordings, [], { ...options, ...more });

describe("channels", () => {
  test("are the electrodes common to all recordings, whatever their order and spelling", () => {
    const { layout, planned } = plan([
      fakeRecording("a", ["EEG Cz-REF", "EEG FP1-REF", "EEG T3-REF", "ECG"]),
      fakeRecording("b", ["T7", "Fp1", "Pz", "CZ"]),
    ]);
    expect([...layout.channels].sort()).toEqual(["Cz", "Fp1", "T7"]);
    const labels = planned.map((p) => p.indices.map((i) => p.recording.channels[i]!.label));
    const column = layout.channels.indexOf("T7");
    expect(labels.map((l) => l[column])).toEqual(["EEG T3-REF", "T7"]);
    expect(planned[0]!.skippedChannels).toEqual([
      { label: "ECG", reason: "not a scalp electrode of the 10–10 system" },
    ]);
    expect(planned[1]!.skippedChannels).toEqual([
      { label: "Pz", reason: "not in every recording used" },
    ]);
  });

  test("can be named, and recordings without one of them are skipped", () => {
    const { layout, planned, skipped } = plan(
      [fakeRecording("a", ["Fp1", "Cz", "Oz"]), fakeRecording("b", ["Fp1", "Oz"])],
      { channels: ["cz", "FP1"] },
    );
    expect(layout.channels).toEqual(["Cz", "Fp1"]);
    expect(planned.map((p) => p.indices)).toEqual([[1, 0]]);
    expect(skipped).toEqual([{ name: "b", reason: "it lacks Cz" }]);
    expect(() => plan([fakeRecording("a", ["Cz"])], { channels: ["ECG"] })).toThrow(/ECG/);
  });

  test("that cannot be used are skipped, each with its reason", () => {
    const { planned } = plan([
      fakeRecording("a", [
        "Fp1",
        "Cz",
        "Fp1-Cz",
        "EEG fp1-LE",
        { label: "Oz", unit: "degC" },
        { label: "Pz", isCalibrated: false },
        { label: "O1", rate: 100 },
        { label: "F3", rate: 0 },
        { label: "F4", isFlat: true },
      ]),
    ]);
    expect(planned[0]!.skippedChannels).toEqual([
      { label: "Fp1-Cz", reason: "a difference of two electrodes" },
      { label: "Oz", reason: 'unit "degC" is not a voltage' },
      { label: "Pz", reason: "no calibration" },
      {
        label: "F3",
        reason: "no sampling rate: its data records have no duration or no samples",
      },
      { label: "F4", reason: "flat from beginning to end" },
      { label: "EEG fp1-LE", reason: "Fp1 a second time" },
      { label: "O1", reason: "100 Hz, not 250 Hz" },
    ]);
  });

  test("of a cap with its own numbering are none of the 10–10 system, though some share a name", () => {
    const cap = ["A", "B", "C", "D"].flatMap((l) => [1, 2, 3, 4].map((n) => `${l}${n}`));
    const { skipped } = plan([fakeRecording("a", ["C1", "C2", "C3"]), fakeRecording("b", cap)]);
    expect(skipped).toEqual([
      {
        name: "b",
        reason:
          "0 scalp electrodes, fewer than 2 (left out: A1, A2, A3 and 13 more: a position of the cap's own numbering, not of the 10–10 system)",
      },
    ]);
  });

  test("too few say why each of the others was left out; a wanted one that is left out says why", () => {
    const recording = fakeRecording("a", [
      "Cz",
      "ECG",
      "Fp1-F7",
      ...["O1", "O2", "P3", "P4"].map((label) => ({ label, unit: "mmHg" })),
      { label: "Pz", isFlat: true },
    ]);
    const reason = (more: Partial<FixedOptions>) => () => plan([recording], more);
    expect(reason({})).toThrow(
      'a: 1 scalp electrodes, fewer than 2 (left out: O1, O2, P3 and 1 more: unit "mmHg" is not a voltage; Pz: flat from beginning to end; ECG: not a scalp electrode of the 10–10 system; Fp1-F7: a difference of two electrodes)',
    );
    expect(reason({ channels: ["Cz", "Pz", "F3"] })).toThrow(
      "a: it lacks Pz (Pz: flat from beginning to end), F3",
    );
  });

  test("against one electrode are electrodes, not differences", () => {
    const { layout, planned } = plan([
      fakeRecording("a", ["Fp1-Cz", "F3-Cz", "O1-Cz", "O2-Cz", "C3-P3"]),
    ]);
    expect([...layout.channels].sort()).toEqual(["F3", "Fp1", "O1", "O2"]);
    expect(planned[0]!.skippedChannels).toEqual([
      { label: "C3-P3", reason: "a difference of two electrodes" },
    ]);
  });

  test("too few in one recording skip it; too few in common are an error that says what to do", () => {
    const { skipped } = plan([fakeRecording("a", ["Fp1", "Cz"]), fakeRecording("b", ["Cz", "x"])]);
    const left = "left out: x: not a scalp electrode of the 10–10 system";
    expect(skipped).toEqual([{ name: "b", reason: `1 scalp electrodes, fewer than 2 (${left})` }]);
    expect(() =>
      plan([fakeRecording("a", ["Fp1", "Cz"]), fakeRecording("b", ["O1", "O2"])]),
    ).toThrow(
      expect.objectContaining({ code: "config/invalid", hint: expect.stringMatching(/channels/) }),
    );
    expect(() => plan([fakeRecording("a", ["x", "y"])])).toThrow(/None of the 1 .*a: 0 scalp/);
  });

  test("by default eight are needed", () => {
    const some = (n: number) => [fakeRecording("a", TEN_TWENTY.slice(0, n))];
    expect(() => planFixed(some(7), [], { variant: "fixed" })).toThrow(/fewer than 8/);
    expect(planFixed(some(8), [], { variant: "fixed" }).layout.channels).toHaveLength(8);
  });
});

describe("the rate", () => {
  test("is the lowest of the recordings used, those too slow for the band left out", () => {
    const { layout, skipped } = plan([
      fakeRecording("a", ["Fp1", "Cz"], { rate: 500 }),
      fakeRecording("b", ["Fp1", "Cz"], { rate: 128 }),
      fakeRecording("c", ["Fp1", "Cz"], { rate: 64 }),
    ]);
    expect(layout).toMatchObject({ rate: 128, samples: 128 });
    expect(skipped).toEqual([{ name: "c", reason: "64 Hz carry less than the band's 45 Hz" }]);
  });

  test("can be set, but not below the band", () => {
    const a = [fakeRecording("a", ["Fp1", "Cz"])];
    expect(plan(a, { rate: 100, windowSeconds: 2 }).layout.samples).toBe(200);
    expect(() => plan(a, { rate: 90 })).toThrow(/twice the band's end/);
    expect(() => plan(a, { rate: Math.PI * 100 })).toThrow(/None of the 1 .*small integers/);
  });

  test("of one recording that has no simple ratio to the others skips that one, not the others", () => {
    const odd = fakeRecording("odd", ["Fp1", "Cz"], { rate: 127.99371 });
    const { layout, planned, skipped } = plan([
      odd,
      fakeRecording("a", ["Fp1", "Cz"]),
      fakeRecording("b", ["Fp1", "Cz"], { rate: 500 }),
    ]);
    expect(layout.rate).toBe(250);
    expect(planned.map((p) => p.recording.name)).toEqual(["a", "b"]);
    expect(skipped).toEqual([
      {
        name: "odd",
        reason: "its 127.99371 Hz cannot be resampled to 250 Hz: no ratio of small integers",
      },
    ]);
  });
});

test("a recording that would not fit in memory is skipped before any of it is read", () => {
  const day = fakeRecording("day", ["Fp1", "Cz"], { seconds: 86_400 });
  const { planned, skipped } = plan([day, fakeRecording("a", ["Fp1", "Cz"])], {
    maxRecordingBytes: 8 * 2 * 250 * 3600,
  });
  expect(planned.map((p) => p.recording.name)).toEqual(["a"]);
  expect(skipped[0]!.reason).toMatch(
    /^2 channels of 86400 s at 250 Hz take 345600000 bytes of memory, more than the 14400000 allowed/,
  );
});

describe("windows", () => {
  async function windows(
    recording: ReturnType<typeof fakeRecording>,
    more: Partial<FixedOptions> = {},
  ) {
    const { planned, layout } = plan([recording], more);
    return { layout, ...(await fixedWindows(planned[0]!, layout, { ...options, ...more })) };
  }
  const two = ["Fp1", "Cz"] as const;

  test("overlap, are whole, and are z-scored per channel", async () => {
    const {
      starts,
      windows: rows,
      used,
    } = await windows(fakeRecording("a", two, { seconds: 3.7 }));
    expect([...starts]).toEqual([0, 0.5, 1, 1.5, 2, 2.5].map((s) => expect.closeTo(s, 9)));
    expect(used).toMatchObject({ windows: 6, paddedWindows: 0 });
    for (let at = 0; at < rows.length; at += 250) {
      const part = rows.subarray(at, at + 250);
      expect(part.reduce((a, b) => a + b, 0) / 250).toBeCloseTo(0, 5);
      expect(part.reduce((a, b) => a + b * b, 0) / 250).toBeCloseTo(1, 5);
    }
  });

  test("do not reach across a gap", async () => {
    const stretches = [
      { from: 0, to: 2.5 },
      { from: 2.5, to: 2.6 },
      { from: 2.6, to: 5 },
    ];
    const { starts, used } = await windows(fakeRecording("a", two, { seconds: 5, stretches }), {
      overlap: 0,
    });
    expect([...starts]).toEqual([0, 1, 2.6, 3.6].map((s) => expect.closeTo(s, 9)));
    expect(used.shortStretches).toBe(1);
  });

  test("with an artefact are left out and counted, with the channel that had it", async () => {
    const jump = (i: number) => (i >= 1000 && i < 1010 ? 5000 : 20 * Math.sin(i / 4));
    const recording = fakeRecording("a", ["Cz", { label: "Fp1", sample: jump }], { seconds: 10 });
    const { used, starts } = await windows(recording, { averageReference: false, overlap: 0 });
    expect(used.rejected.amplitude).toBeGreaterThan(0);
    expect(used.rejected.flat).toBe(0);
    expect(used.rejectedBy).toEqual({ Fp1: used.rejected.amplitude });
    expect(used.windows + used.rejected.amplitude).toBe(10);
    expect([...starts]).not.toContain(4);
  });

  test("with a flat channel are left out", async () => {
    const recording = fakeRecording("a", ["Cz", { label: "Fp1", sample: () => 7 }]);
    const { used } = await windows(recording, { averageReference: false });
    expect(used).toMatchObject({ windows: 0, rejected: { amplitude: 0, flat: 19 } });
    expect(used.rejectedBy).toEqual({ Fp1: 19 });
  });

  test("with a flat channel are left out before the reference makes it the mean of the others", async () => {
    const noise = (least: number) => (i: number) => least * ((i * 7919) % 2);
    for (const [what, sample] of [
      ["zero", () => 0],
      ["constant", () => -3276.8],
      ["a step of the converter", noise(0.1)],
      ["a slow drift", (i: number) => i / 1000],
    ] as const) {
      const recording = fakeRecording("a", [...two, "O1", { label: "O2", sample }]);
      const { used } = await windows(recording);
      expect([what, used.windows, used.rejected.flat]).toEqual([what, 0, 19]);
      expect(used.rejectedBy).toEqual({ O2: 19 });
    }
  });

  test("in which a channel drops out are left out, those before and after it kept", async () => {
    const sine = (i: number) => 20 * Math.sin(i / 4);
    // Of 10 s at 250 Hz: seconds 3 to 5, and 0.3 s from second 8 on.
    const isOut = (i: number) => (i >= 750 && i < 1250) || (i >= 2000 && i < 2075);
    for (const value of [0, 55]) {
      const sample = (i: number) => (isOut(i) ? value : sine(i));
      const recording = fakeRecording("a", [...two, { label: "Pz", sample }], { seconds: 10 });
      const { used, starts } = await windows(recording, { overlap: 0 });
      expect(used.rejected).toEqual({ amplitude: 0, flat: 3, clipped: 0 });
      expect(used.rejectedBy).toEqual({ Pz: 3 });
      expect([...starts]).toEqual([0, 1, 2, 5, 6, 7, 9]);
    }
  });

  test("in which a channel is clipped are left out, unless that is allowed", async () => {
    // Clipped at 30 µV from second 4 to 6; its peaks reach that nowhere else.
    const wave = (i: number) => (i >= 1000 && i < 1500 ? 90 : 20) * Math.sin(i / 4);
    const sample = (i: number) => Math.min(30, Math.max(-30, wave(i)));
    const recording = fakeRecording("a", [...two, { label: "Pz", sample }], { seconds: 10 });
    const { used, starts } = await windows(recording, { overlap: 0 });
    expect(used.rejected).toEqual({ amplitude: 0, flat: 0, clipped: 2 });
    expect([...starts]).toEqual([0, 1, 2, 3, 6, 7, 8, 9]);
    expect((await windows(recording, { overlap: 0, rejectClipped: false })).used.windows).toBe(10);
  });

  test("are judged at the recording's rate, where each lies in it, across gaps and resampling", async () => {
    const sine = (i: number) => 20 * Math.sin(i / 4);
    const sample = (i: number) => (i >= 6 * 500 && i < 7 * 500 ? 1 : sine(i));
    const stretches = [
      { from: 0, to: 5 },
      { from: 5, to: 10 },
    ];
    const channels = [...two, { label: "Pz", sample }];
    const recording = fakeRecording("a", channels, { seconds: 10, rate: 500, stretches });
    const { used, starts } = await windows(recording, { overlap: 0, rate: 125 });
    expect(used.rejected).toEqual({ amplitude: 0, flat: 1, clipped: 0 });
    expect([...starts]).not.toContain(6);
  });

  test("are in µV before the tests for artefacts, whatever the unit", async () => {
    const volts = (i: number) => 20e-6 * Math.sin(i / 4);
    const recording = fakeRecording("a", ["Cz", { label: "Fp1", unit: "V", sample: volts }]);
    const { used } = await windows(recording, { averageReference: false });
    expect(used.rejected).toEqual({ amplitude: 0, flat: 0, clipped: 0 });
  });

  test("have the mean over electrodes taken away unless told not to", async () => {
    const same = (i: number) => 30 * Math.sin(i / 4);
    const recording = fakeRecording("a", [
      { label: "Cz", sample: same },
      { label: "Fp1", sample: same },
    ]);
    // What all electrodes share is their mean: nothing is left.
    expect((await windows(recording)).used.rejected.flat).toBe(19);
    expect((await windows(recording, { averageReference: false })).used.windows).toBe(19);
  });

  test("are resampled to the common rate", async () => {
    const recording = fakeRecording("a", two, { rate: 500, seconds: 40 });
    const { layout, windows: rows, starts } = await windows(recording, { rate: 125, overlap: 0 });
    expect(layout.samples).toBe(125);
    expect(rows).toHaveLength(starts.length * 2 * 125);
    // Ten periods a second: the value repeats after 12.5 samples, so after 25.
    const middle = rows.subarray(5000 + 50, 5000 + 60);
    const later = rows.subarray(5000 + 75, 5000 + 85);
    for (const [i, v] of middle.entries()) expect(later[i]).toBeCloseTo(v, 1);
  });

  test("an overlap of everything is refused", async () => {
    await expect(windows(fakeRecording("a", two), { overlap: 1 })).rejects.toThrow(/overlap/);
  });
});

test("an artefact is the first sample out of range, or not a number, before a flat channel", () => {
  const x = Float64Array.of(0, 1, 0, 1, 300, 0);
  const flat = new Float64Array(6);
  expect(artefactOf([x], 0, 4, 200, 0.1)).toBeUndefined();
  expect(artefactOf([x], 2, 4, 200, 0.1)).toEqual({ kind: "amplitude", channel: 0 });
  expect(artefactOf([flat, x], 0, 4, 200, 0.1)).toEqual({ kind: "flat", channel: 0 });
  expect(artefactOf([flat, x], 2, 4, 200, 0.1)).toEqual({ kind: "amplitude", channel: 1 });
  expect(artefactOf([Float64Array.of(1, Number.NaN)], 0, 2, 200, 0)).toMatchObject({ channel: 0 });
});
