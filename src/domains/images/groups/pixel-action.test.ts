import { expect, test } from "vitest";
import type { GroupName } from "./group-names.ts";
import { pictureGroup } from "./picture-group.ts";
import { elementsOf, movePicture } from "./pixel-action.ts";
import { pixelMatrices, requireSmallMatrices } from "./pixel-matrices.ts";

function moved(pixels: readonly number[], group: GroupName, pose: number, h: number, w: number) {
  const out = new Uint8Array(pixels.length);
  movePicture(pixels, elementsOf({ group }, h, w)[pose]!, pixels.length / (h * w), out);
  return [...out];
}

test("quarter turns go against the clock, one after another", () => {
  // numpy.rot90([[0, 1], [2, 3]], k)
  expect(moved([0, 1, 2, 3], "c4", 0, 2, 2)).toEqual([0, 1, 2, 3]);
  expect(moved([0, 1, 2, 3], "c4", 1, 2, 2)).toEqual([1, 3, 0, 2]);
  expect(moved([0, 1, 2, 3], "c4", 2, 2, 2)).toEqual([3, 2, 1, 0]);
  expect(moved([0, 1, 2, 3], "c4", 3, 2, 2)).toEqual([2, 0, 3, 1]);
});

test("other groups act on pictures that are not square, all channels of a pixel together", () => {
  expect(moved([0, 1, 2, 3, 4, 5], "flip", 1, 2, 3)).toEqual([2, 1, 0, 5, 4, 3]);
  expect(moved([0, 1, 2, 3, 4, 5], "c2", 1, 2, 3)).toEqual([5, 4, 3, 2, 1, 0]);
  const colours = [1, 2, 3, 4, 5, 6];
  expect(moved(colours, "flip", 1, 1, 2)).toEqual([4, 5, 6, 1, 2, 3]);
});

test.each([
  ["c2", 2],
  ["c4", 4],
  ["flip", 2],
  ["d4", 8],
  ["translations", 4],
] as const)(
  "%s has %i elements, all different, which multiply as the group does",
  (group, order) => {
    const maps = elementsOf({ group }, 4, 4);
    const elements = maps.map((map) => map.join());
    expect(elements).toHaveLength(order);
    expect(new Set(elements).size).toBe(order);
    const { products, size } = pictureGroup({ group });
    for (const [k, a] of maps.entries())
      for (const [j, b] of maps.entries())
        expect(a.map((from) => b[from]!).join()).toBe(elements[products[k * size + j]!]);
  },
);

test("nine translations of pictures of 3 × 6", () => {
  expect(elementsOf({ group: "translations", steps: 3 }, 3, 6)).toHaveLength(9);
});

test("a group that does not act on pictures of a size is refused in one line", () => {
  expect(() => elementsOf({ group: "c4" }, 4, 6)).toThrow(
    "source.group c4 does not act on pictures of 4 × 6: a quarter turn needs square ones.",
  );
  expect(() => elementsOf({ group: "translations", steps: 3 }, 4, 6)).toThrow(
    "source.group translations with 3 steps does not act on pictures of 4 × 6: the steps must divide both sides.",
  );
});

test("matrices of pixels move rows as the group moves pictures", () => {
  const [side, channels] = [3, 2];
  const d = side * side * channels;
  const maps = elementsOf({ group: "d4" }, side, side);
  const matrices = pixelMatrices(maps, channels);
  const row = Float32Array.from({ length: d }, (_, i) => i + 1);
  for (const [k, map] of maps.entries()) {
    const wanted = new Float32Array(d);
    movePicture(row, map, channels, wanted);
    const made = Array.from({ length: d }, (_, i) =>
      row.reduce((sum, value, j) => sum + matrices[(k * d + i) * d + j]! * value, 0),
    );
    expect(made).toEqual([...wanted]);
  }
});

test("matrices that would be too large are refused with their size", () => {
  expect(() => requireSmallMatrices(8, 12_288)).toThrow(
    "The 8 matrices of source.group on rows of 12288 numbers take 4831838208 bytes; at most 268435456 are made.",
  );
});
