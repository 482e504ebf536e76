import { expect, test } from "vitest";
import { normals } from "../../test/support/random.ts";
import { relativePath } from "./relative-path.ts";

/** Where the steps of a path lead, one list per piece. */
function points(path: string): [number, number][][] {
  return path
    .split("M")
    .slice(1)
    .map((piece) => {
      const [start, ...steps] = piece.split("l").map((p) => p.split(" ").map(Number));
      let [x, y] = start as [number, number];
      const found: [number, number][] = [[x, y]];
      for (const [dx, dy] of steps as [number, number][]) {
        [x, y] = [x + dx, y + dy];
        found.push([x, y]);
      }
      return found;
    });
}

test("a line is a start and steps of tenths of a pixel", () => {
  const piece = [
    { x: 1, y: 2 },
    { x: 1.5, y: 1.04 },
    { x: 0.96, y: 1.04 },
  ];
  expect(relativePath([piece])).toBe("M1 2l0.5 -1l-0.5 0");
});

test("pieces are apart, and a point alone is a line of no length", () => {
  const pieces = [
    [{ x: 0, y: 0 }],
    [
      { x: -3, y: 0.06 },
      { x: -3, y: 0 },
    ],
  ];
  expect(relativePath(pieces)).toBe("M0 0h0M-3 0.1l0 -0.1");
  expect(relativePath([])).toBe("");
});

test("rounding does not add up, however long the line", () => {
  const noise = normals("path", 4000);
  const line = Array.from(noise, (y, i) => ({ x: i * 0.0333, y: 10 * y }));
  const [found] = points(relativePath([line]));
  expect(found).toHaveLength(line.length);
  for (const [i, [x, y]] of found!.entries()) {
    expect(Math.abs(x - line[i]!.x)).toBeLessThan(0.051);
    expect(Math.abs(y - line[i]!.y)).toBeLessThan(0.051);
  }
});
