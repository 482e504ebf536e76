import { describe, expect, test } from "vitest";
import { bandPower } from "./band-powers.ts";
import { CORRUPTIONS, corrupt, signalPower, snrDb } from "./corruptions.ts";
import { simulateEeg } from "./simulated-eeg.ts";
import { welch } from "./welch.ts";

const { rate, labels, clean } = simulateEeg({ seed: 2, seconds: 12 });
const recording = { rate, labels, channels: clean };

describe.each(CORRUPTIONS)("%s", (kind) => {
  test.each([-5, 0, 10])("has the stated ratio of %d dB, exactly", (ratio) => {
    const { noisy, noise } = corrupt(recording, kind, { snrDb: ratio, seed: 1 });
    expect(snrDb(clean, noisy)).toBeCloseTo(ratio, 9);
    for (const [c, x] of noisy.entries()) {
      expect(x.every((v, i) => v === clean[c]![i]! + noise[c]![i]!)).toBe(true);
    }
  });

  test("is the same again for the same seed, and leaves the recording alone", () => {
    const before = clean[3]!.slice();
    const bytes = (seed: number) =>
      corrupt(recording, kind, { snrDb: 0, seed }).noise.map((x) => Buffer.from(x.buffer));
    const once = bytes(1);
    expect(bytes(1).every((b, c) => b.equals(once[c]!))).toBe(true);
    expect(bytes(2).every((b, c) => b.equals(once[c]!))).toBe(false);
    expect(clean[3]!.every((v, i) => v === before[i])).toBe(true);
  });

  test("happens at least once in a recording of a second", () => {
    const short = { rate, labels, channels: clean.map((x) => x.slice(0, 250)) };
    const { noisy } = corrupt(short, kind, { snrDb: 3, seed: 4 });
    expect(snrDb(short.channels, noisy)).toBeCloseTo(3, 9);
  });
});

describe("each kind is what it says", () => {
  const noiseOf = (kind: (typeof CORRUPTIONS)[number]) =>
    corrupt(recording, kind, { snrDb: 0, seed: 1 }).noise;
  const at = (name: string) => labels.indexOf(name);

  test("line noise is at the line's frequency", () => {
    for (const x of noiseOf("line")) {
      const spectrum = welch(x, rate, { segmentLength: 500 });
      const share = bandPower(spectrum, 48, 52.5) / bandPower(spectrum, 0, 126);
      expect(share).toBeGreaterThan(0.999);
    }
  });

  test("muscle noise is fast, and strongest at the sides", () => {
    const noise = noiseOf("muscle");
    const spectrum = welch(noise[at("T7")]!, rate);
    const fast = bandPower(spectrum, 18, 126) / bandPower(spectrum, 0, 126);
    expect(fast).toBeGreaterThan(0.95);
    expect(signalPower([noise[at("T7")]!])).toBeGreaterThan(10 * signalPower([noise[at("Cz")]!]));
  });

  test("blinks are common to all channels and strongest at the front", () => {
    const noise = noiseOf("blinks");
    const [front, back] = [noise[at("Fp1")]!, noise[at("O1")]!];
    const ratio = back[back.indexOf(Math.max(...back))]! / Math.max(...front);
    expect(ratio).toBeLessThan(0.2);
    expect(front.indexOf(Math.max(...front))).toBe(back.indexOf(Math.max(...back)));
  });

  test("pops are on single channels, sudden, and decay", () => {
    const noise = noiseOf("pops");
    const untouched = noise.filter((x) => x.every((v) => v === 0));
    expect(untouched.length).toBeGreaterThan(0);
    const x = noise.find((c) => c.some((v) => v !== 0))!;
    const start = x.findIndex((v) => v !== 0);
    expect(x[start - 1] ?? 0).toBe(0);
    expect(Math.abs(x[start + 50]!)).toBeLessThan(Math.abs(x[start]!));
  });
});

test("what cannot be disturbed is refused", () => {
  const flat = { rate, labels: ["Cz"], channels: [new Float64Array(100).fill(2)] };
  expect(() => corrupt(flat, "white", { snrDb: 0, seed: 1 })).toThrow(/constant/);
  const ratio = { snrDb: Number.NaN, seed: 1 };
  expect(() => corrupt(recording, "white", ratio)).toThrow(/decibels/);
  const line = { snrDb: 0, seed: 1, lineFrequency: 125 };
  expect(() => corrupt(recording, "line", line)).toThrow(/half the rate/);
  // A sample every ten seconds: blinks fall between.
  const slow = { rate: 0.1, labels: ["Cz"], channels: [Float64Array.of(1, 2, 3)] };
  expect(() => corrupt(slow, "blinks", { snrDb: 0, seed: 1 })).toThrow(/enough samples/);
  expect(() => snrDb(clean, clean.slice(1))).toThrow(/channels/);
});

test("a window of a second holds one event, anywhere in it", () => {
  const second = { rate, labels, channels: clean.map((x) => x.slice(0, 250)) };
  const peaks = Array.from({ length: 40 }, (_, seed) => {
    const [front] = corrupt(second, "blinks", { snrDb: 0, seed }).noise;
    return front!.indexOf(Math.max(...front!));
  });
  expect(Math.min(...peaks)).toBeLessThan(40);
  expect(Math.max(...peaks)).toBeGreaterThan(210);
  expect(new Set(peaks).size).toBeGreaterThan(30);
  for (const kind of CORRUPTIONS)
    for (let seed = 0; seed < 100; seed++) {
      const { noise } = corrupt(second, kind, { snrDb: 0, seed });
      expect(noise.every((x) => x.every(Number.isFinite))).toBe(true);
    }
});
