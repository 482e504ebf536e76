import { describe, expect, test } from "vitest";
import { normalAt, randomStream } from "../../../base/philox.ts";
import { whiteNoise } from "../../../base/white-noise.ts";
import { bandPower } from "./band-powers.ts";
import { pinkNoise, randomEvents } from "./noise.ts";
import { welch } from "./welch.ts";

const stream = randomStream(5, "test");

test("white noise is normalAt, element by element", () => {
  for (const n of [0, 1, 2, 3, 4, 5, 1001]) {
    expect([...whiteNoise(stream, n)]).toEqual(
      Array.from({ length: n }, (_, i) => normalAt(stream, i)),
    );
  }
});

describe("1/f noise", () => {
  const x = pinkNoise(stream, 100_000, 250);

  test("has mean 0 and mean square 1", () => {
    expect(x.reduce((a, b) => a + b, 0) / x.length).toBeCloseTo(0, 12);
    expect(x.reduce((a, b) => a + b * b, 0) / x.length).toBeCloseTo(1, 12);
  });

  test("has equal power in every octave above its flat part", () => {
    const spectrum = welch(x, 250, { segmentLength: 2500 });
    const octaves = [2, 4, 8, 16, 32].map((f) => bandPower(spectrum, f, 2 * f));
    for (const power of octaves) expect(power / octaves[0]!).toBeCloseTo(1, 0.5);
  });
});

describe("events", () => {
  const events = randomEvents(stream, 10_000, 2, [0.5, 1.5]);

  test("do not overlap, stay within their lengths and begin before the end", () => {
    for (const [i, e] of events.entries()) {
      expect(e.duration).toBeGreaterThanOrEqual(0.5);
      expect(e.duration).toBeLessThanOrEqual(1.5);
      if (i > 0) {
        const before = events[i - 1]!;
        expect(e.start).toBeGreaterThanOrEqual(before.start + before.duration);
      }
    }
    expect(events.at(-1)!.start).toBeLessThan(10_000);
  });

  test("come as often as asked: one per pause and event, 2 + 1 s", () => {
    // 3333 events, standard deviation about 2 s per event over 3 s: ±2 %.
    expect(events.length / 3333).toBeGreaterThan(0.94);
    expect(events.length / 3333).toBeLessThan(1.06);
  });
});
