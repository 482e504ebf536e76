import { expect, test } from "vitest";
import { GrowingCurve } from "./growing-curve.ts";

const value = (line: number) => Math.sin(line) + 1e-6 * line;

function grown(lines: number, spikes: ReadonlyMap<number, number> = new Map()) {
  const curve = new GrowingCurve();
  for (let line = 0; line < lines; line++)
    curve.add(line, { x: 10 * line, y: spikes.get(line) ?? value(line) });
  return curve.curve;
}

test("a short curve is kept whole", () => {
  const { points, logged } = grown(512);
  expect(logged).toBe(512);
  expect(points).toEqual(Array.from({ length: 512 }, (_, i) => ({ x: 10 * i, y: value(i) })));
});

test.each([513, 1000, 100_003])("%d points become few, and ends and spikes stay", (lines) => {
  const spikes = new Map([
    [Math.floor(lines / 3), 50],
    [Math.floor(lines / 2), -50],
  ]);
  const { points, logged } = grown(lines, spikes);
  expect(logged).toBe(lines);
  expect(points.length).toBeLessThanOrEqual(3 * 512 + 1);
  expect(points.length).toBeGreaterThan(256);
  const xs = points.map(({ x }) => x);
  expect(xs).toEqual([...new Set(xs)].sort((a, b) => a - b));
  expect([xs[0], xs.at(-1)]).toEqual([0, 10 * (lines - 1)]);
  for (const [line, y] of spikes) expect(points).toContainEqual({ x: 10 * line, y });
});

test("curves of one log share steps, whatever lines some of them leave out", () => {
  const [every, some] = [new GrowingCurve(), new GrowingCurve()];
  for (let line = 0; line < 5000; line++) {
    every.add(line, { x: line, y: value(line) });
    if (line % 7 !== 3) some.add(line, { x: line, y: -value(line) });
  }
  const steps = new Set(every.curve.points.map(({ x }) => x));
  const shared = some.curve.points.filter(({ x }) => steps.has(x));
  expect(shared.length).toBeGreaterThan(200);
});

test("no point, no curve", () => {
  expect(new GrowingCurve().curve).toEqual({ points: [], logged: 0 });
});
