import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { galaxies } from "./galaxies.ts";

const SET = { count: 8, size: 24, seed: 3 };

test("galaxies are the same pictures whichever part is drawn, on every machine", async () => {
  const all = await galaxies.make({ ...SET, first: 0, n: 8 });
  const part = await galaxies.make({ ...SET, first: 5, n: 2 });
  const each = 24 * 24 * 3;
  expect(part.pixels).toEqual(all.pixels.subarray(5 * each, 7 * each));
  const digest = createHash("sha256").update(all.pixels).digest("hex");
  expect(digest.slice(0, 16)).toBe("67742c4d7a4d2e0c");
  const other = await galaxies.make({ ...SET, seed: 4, first: 0, n: 8 });
  expect(other.pixels).not.toEqual(all.pixels);
});

test("classes are balanced, and known without drawing", async () => {
  const { classes } = await galaxies.make({ ...SET, first: 0, n: 8 });
  expect([...classes!.of]).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
  expect(await galaxies.labels!({ ...SET, first: 2, n: 3 })).toEqual({
    classes: { names: classes!.names, of: Int32Array.of(2, 3, 0) },
  });
  expect(galaxies).toMatchObject({ isSubstitute: true });
  expect(galaxies.description).toMatch(/rendered, not photographed/);
});

test("each class looks like what it is called", async () => {
  const size = 48;
  const n = 24;
  const { pixels } = await galaxies.make({ count: n, size, seed: 0, first: 0, n });
  /** Short over long axis of the light above the sky, by its second moments. */
  const roundness = (i: number) => {
    let [sum, mx, my] = [0, 0, 0];
    const at = (x: number, y: number) =>
      Math.max(0, pixels[((i * size + y) * size + x) * 3 + 1]! - 60);
    const over = (f: (x: number, y: number, v: number) => void) => {
      for (let y = 8; y < size - 8; y++) for (let x = 8; x < size - 8; x++) f(x, y, at(x, y));
    };
    over((x, y, v) => {
      sum += v;
      mx += v * x;
      my += v * y;
    });
    let [xx, yy, xy] = [0, 0, 0];
    over((x, y, v) => {
      const [dx, dy] = [x - mx / sum, y - my / sum];
      xx += v * dx * dx;
      yy += v * dy * dy;
      xy += v * dx * dy;
    });
    const spread = Math.hypot(xx - yy, 2 * xy);
    return Math.sqrt((xx + yy - spread) / (xx + yy + spread));
  };
  const mean = (kind: number) => {
    const all = Array.from({ length: n / 4 }, (_, i) => roundness(4 * i + kind));
    return all.reduce((a, b) => a + b, 0) / all.length;
  };
  expect(mean(0)).toBeGreaterThan(0.8);
  expect(mean(1)).toBeLessThan(0.6);
  expect(mean(2)).toBeLessThan(0.5);
  expect(mean(3)).toBeGreaterThan(0.6);
});
