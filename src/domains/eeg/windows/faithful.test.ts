import { describe, expect, test } from "vitest";
import { fakeRecording } from "../../../../test/support/fake-recording.ts";
import { fromFloat16, toFloat16 } from "../../../base/float16.ts";
import { faithfulWindows, planFaithful } from "./faithful.ts";

const options = { variant: "faithful" } as const;
const plan = (...recordings: ReturnType<typeof fakeRecording>[]) =>
  planFaithful(recordings, [], options);

describe("what is kept", () => {
  test("channels at the recording's modal rate", () => {
    const { layout, planned } = plan(
      fakeRecording("a", ["Fp1", { label: "Resp", rate: 25 }, "ECG", { label: "SaO2", rate: 1 }]),
    );
    expect(layout).toEqual({ channels: ["Fp1", "ECG"], rate: 250, samples: 250 });
    expect(planned[0]!.indices).toEqual([0, 2]);
    expect(planned[0]!.skippedChannels).toEqual([
      { label: "Resp", reason: "25 Hz, not 250 Hz" },
      { label: "SaO2", reason: "1 Hz, not 250 Hz" },
    ]);
  });

  test("recordings at the rate of most channels of all, with as many channels as the first of them", () => {
    const { planned, skipped } = plan(
      fakeRecording("other rate", ["a", "b"], { rate: 256 }),
      fakeRecording("first", ["a", "b"]),
      fakeRecording("three", ["a", "b", "c"]),
      fakeRecording("second", ["a", "b"]),
      fakeRecording("short", ["a", "b"], { seconds: 0.132 }),
      fakeRecording("empty", []),
    );
    expect(planned.map((p) => p.recording.name)).toEqual(["first", "second"]);
    expect(skipped).toEqual([
      { name: "other rate", reason: "its modal rate is 256 Hz, not 250 Hz" },
      { name: "three", reason: "it has 3 channels, the first recording 2" },
      {
        name: "short",
        reason: "0.132 s are too short for the filter, which needs more than 33 samples",
      },
      { name: "empty", reason: "no channels" },
    ]);
  });

  test("no recording that would not fit in memory", () => {
    const { planned, skipped } = planFaithful(
      [fakeRecording("long", ["x"], { seconds: 1000 }), fakeRecording("a", ["x"])],
      [],
      { ...options, maxRecordingBytes: 1e6 },
    );
    expect(planned.map((p) => p.recording.name)).toEqual(["a"]);
    expect(skipped[0]!.reason).toMatch(/^1 channels of 1000 s at 250 Hz take 2000000 bytes/);
  });

  test("among equally frequent rates, the one seen first", () => {
    const { layout } = plan(fakeRecording("a", ["x"], { rate: 200 }), fakeRecording("b", ["x"]));
    expect(layout.rate).toBe(200);
  });

  test("recordings whose columns are other electrodes, which is noted", () => {
    const { notes } = plan(fakeRecording("a", ["Fp1", "Cz"]), fakeRecording("b", ["Cz", "Fp1"]));
    expect(notes.some((n) => /1 recording.*not the same electrode everywhere/.test(n))).toBe(true);
  });

  test("nothing, when the band needs more than the rate: an error says what to set", () => {
    expect(() => plan(fakeRecording("a", ["x"], { rate: 90 }))).toThrow(
      expect.objectContaining({ code: "config/invalid", hint: expect.stringMatching(/`high`/) }),
    );
    const slow = ["Resp", "Temp", "Event"].map((label) => ({ label, rate: 1 }));
    const sleep = fakeRecording("a", ["EEG Fpz-Cz", "EEG Pz-Oz", "EOG", ...slow, ...slow]);
    expect(() => plan(sleep)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining("most channels have 1 Hz"),
        hint: expect.stringMatching(/EEG channels have 250 Hz/),
      }),
    );
    const bad = fakeRecording("a", [{ label: "x", isCalibrated: false }]);
    expect(() => plan(bad)).toThrow(/a: channel "x" has no calibration/);
    expect(() => planFaithful([], [{ name: "z", reason: "damaged" }], options)).toThrow(
      /z: damaged/,
    );
  });
});

describe("windows", () => {
  test("are one second, channel after channel, z-scored, in half precision, the last completed with zeros", async () => {
    const { planned, layout } = plan(fakeRecording("a", ["x", "y"], { seconds: 3.5 }));
    const { windows, starts, used } = await faithfulWindows(planned[0]!, layout, options);
    expect([...starts]).toEqual([0, 1, 2, 3]);
    expect(used).toMatchObject({ windows: 4, paddedWindows: 1, seconds: 3.5 });
    expect(windows).toHaveLength(4 * 500);
    for (let w = 0; w < 4; w++) {
      for (let c = 0; c < 2; c++) {
        const part = windows.subarray(w * 500 + c * 250, w * 500 + (c + 1) * 250);
        const mean = part.reduce((a, b) => a + b, 0) / 250;
        const power = part.reduce((a, b) => a + b * b, 0) / 250;
        expect(mean).toBeCloseTo(0, 2);
        expect(power).toBeCloseTo(1, 2);
        for (const v of part) expect(fromFloat16(toFloat16(v))).toBe(v);
      }
    }
    // Zeros before the z-score are all the same number after it.
    const padded = windows.subarray(3 * 500 + 125, 3 * 500 + 250);
    expect(new Set(padded).size).toBe(1);
  });

  test("a whole number of seconds needs no zeros", async () => {
    const { planned, layout } = plan(fakeRecording("a", ["x"], { seconds: 3 }));
    const { used } = await faithfulWindows(planned[0]!, layout, options);
    expect(used).toMatchObject({ windows: 3, paddedWindows: 0 });
  });
});
