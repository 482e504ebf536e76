import { expect, test } from "vitest";
import { normals } from "../../../test/support/random.ts";
import { relativePath } from "./relative-path.ts";

/** Where the steps of a path of one piece lead. */
function points(path: string): [number, number][] {
  const [start, ...steps] = path
    .slice(1)
    .split("l")
    .map((p) => p.split(" ").map(Number));
  let [x, y] = start as [number, number];
  return [
    [x, y],
    ...(steps as [number, number][]).map(([dx, dy]): [number, number] => {
      [x, y] = [x + dx, y + dy];
      return [x, y];
    }),
  ];
}

test("a line is a start and steps of tenths of a pixel", () => {
  expect(relativePath("M1,2L1.5,1.04L0.96,1.04")).toBe("M1 2l0.5 -1l-0.5 0");
});

test("pieces are apart, and a closed one stays closed", () => {
  expect(relativePath("M0,0ZM-3,0.06L-3,0L1e-7,0Z")).toBe("M0 0ZM-3 0.1l0 -0.1l3 0Z");
  expect(relativePath("")).toBe("");
});

test("what is not lines between places stays as it is", () => {
  for (const d of ["M0,0C1,2,3,4,5,6", "M1 2h3", "M0,0A1,1,0,0,1,2,2Z"])
    expect(relativePath(d)).toBe(d);
});

test("rounding does not add up, however long the line", () => {
  const line = Array.from(normals("path", 4000), (y, i) => [i * 0.0333, 10 * y] as const);
  const found = points(relativePath(`M${line.map(([x, y]) => `${x},${y}`).join("L")}`));
  expect(found).toHaveLength(line.length);
  for (const [i, [x, y]] of found.entries()) {
    expect(Math.abs(x - line[i]![0])).toBeLessThan(0.051);
    expect(Math.abs(y - line[i]![1])).toBeLessThan(0.051);
  }
});
