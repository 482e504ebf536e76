import { describe, expect, test } from "vitest";
import { gapsOf, sampleTime, TimelineBuilder } from "./timeline.ts";

function build(duration: number, onsets: readonly (number | undefined)[], tolerance = 1e-3) {
  const builder = new TimelineBuilder(duration, tolerance);
  const steps = onsets.map((onset) => builder.add(onset));
  return { segments: builder.segments, steps };
}

describe("stretches and gaps", () => {
  test("records that follow each other are one stretch", () => {
    const { segments, steps } = build(2, [0, 2, 4]);
    expect(segments).toEqual([{ firstRecord: 0, records: 3, start: 0, end: 6 }]);
    expect(gapsOf(segments)).toEqual([]);
    expect(steps).toEqual([undefined, undefined, undefined]);
  });

  test("a late record begins another stretch after a gap", () => {
    const { segments, steps } = build(1, [0, 1, 5, 6]);
    expect(gapsOf(segments)).toEqual([{ start: 2, end: 5, record: 2 }]);
    expect(steps[2]).toBe("gap");
    expect(segments[1]).toEqual({ firstRecord: 2, records: 2, start: 5, end: 7 });
  });

  test("an early record is an overlap and no gap", () => {
    const { segments, steps } = build(1, [0, 0.5]);
    expect(steps).toEqual([undefined, "overlap"]);
    expect(gapsOf(segments)).toEqual([]);
  });

  test("a record that does not say when it starts follows the one before", () => {
    expect(build(1, [0, undefined, 2]).segments).toHaveLength(1);
  });

  test("a rounded record duration does not drift into a gap", () => {
    // 255/256 s in eight characters is 0.996094: 2.5e-7 s off per record, 2.5 ms after 10,000.
    const onsets = Array.from({ length: 10_000 }, (_, r) => (r * 255) / 256);
    const { segments } = build(0.996094, onsets, 0.5e-3);
    expect(segments).toHaveLength(1);
    expect(sampleTime(segments, 255, 255 * 9_999)).toBeCloseTo(onsets[9_999]!, 3);
  });
});

test("the time of a sample counts the gaps before it", () => {
  const { segments } = build(1, [0, 1, 5, 6]);
  const times = [0, 5, 19, 20, 25, 39].map((sample) => sampleTime(segments, 10, sample));
  expect(times.map((t) => Number(t.toFixed(9)))).toEqual([0, 0.5, 1.9, 5, 5.5, 6.9]);
});
