import { describe, expect, test } from "vitest";
import { bandOf, describeTemplate, globalFieldPower } from "./template.ts";
import { segmentsOf } from "./welch.ts";

const [samples, rate] = [250, 250];

/** A wave of 10 Hz under a bump around 0.6 s, by channel times −1, 0.5 and 2. */
const gains = [-1, 0.5, 2];
const wave = (i: number) =>
  Math.cos((2 * Math.PI * 10 * (i - 150)) / rate) * Math.exp(-(((i - 150) / 40) ** 2));
const values = Float64Array.from({ length: 3 * samples }, (_, i) => {
  return gains[Math.floor(i / samples)]! * wave(i % samples);
});
const template = { values, channels: 3, samples, rate };

describe("a template", () => {
  test("is strongest when and where its wave is, at its frequency", () => {
    const facts = describeTemplate(template);
    expect(facts).toMatchObject({ peak: 150, peakFrequency: 10, samples, rate });
    expect(facts.courses.map(({ channel }) => channel)).toEqual([2, 0, 1]);
    expect(facts.courses[1]!.values).toEqual(values.slice(0, samples));
    for (const [c, gain] of gains.entries()) expect(facts.map[c]).toBeCloseTo(gain, 12);
    // The deviation of −1, 0.5 and 2 from their mean.
    expect(globalFieldPower(template)[150]).toBeCloseTo(Math.sqrt(1.5), 12);
    expect(bandOf(facts.peakFrequency!)).toBe("alpha");
  });

  test("has no field where all channels are alike, and no peak frequency when it is silent", () => {
    const same = { ...template, values: Float64Array.from(values, (_, i) => wave(i % samples)) };
    for (const v of globalFieldPower(same)) expect(v).toBeCloseTo(0, 12);
    const silent = describeTemplate({ ...template, values: new Float32Array(3 * samples) });
    expect(silent).toMatchObject({ peak: 0, peakFrequency: undefined });
  });

  test("keeps the courses of as many channels as are asked for, the strongest ones", () => {
    const { courses, map } = describeTemplate(template, 2);
    expect(courses.map(({ channel }) => channel)).toEqual([2, 0]);
    expect(map).toHaveLength(3);
  });

  test("longer than two seconds is cut into segments of two that overlap by half", () => {
    expect(segmentsOf(250, 250)).toEqual({ length: 250, starts: [0] });
    expect(segmentsOf(1000, 128)).toEqual({ length: 256, starts: [0, 128, 256, 384, 512, 640] });
    const long = {
      values: Float64Array.from({ length: 1000 }, (_, i) =>
        Math.sin((2 * Math.PI * 5.5 * i) / 128),
      ),
    };
    const facts = describeTemplate({ ...long, channels: 1, samples: 1000, rate: 128 });
    expect(facts.peakFrequency).toBe(5.5);
  });
});
