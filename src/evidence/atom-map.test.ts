import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { normalAt, randomStream } from "../base/philox.ts";
import { dictionaryOf } from "../consistency/matching/dictionary.ts";
import { MOST_MAPPED, mapAtoms } from "./atom-map.ts";

const D = 16;
const pause = async () => {};

/** Atoms near `centres` directions, in turn. */
function atoms(name: string, count: number, centres: number) {
  const around = randomStream(1, "centres");
  const noise = randomStream(2, name);
  const rows = Float32Array.from({ length: count * D }, (_, i) => {
    const [row, column] = [Math.floor(i / D), i % D];
    return normalAt(around, (row % centres) * D + column) + 0.05 * normalAt(noise, i);
  });
  return dictionaryOf(reference, rows, count, D);
}

const distance = (map: Float32Array, i: number, other: Float32Array, j: number) =>
  Math.hypot(map[2 * i]! - other[2 * j]!, map[2 * i + 1]! - other[2 * j + 1]!);

test("similar atoms of all dictionaries lie together, and the same atoms lie at the same places", async () => {
  const both = [await atoms("a", 40, 4), await atoms("b", 60, 4)];
  const [a, b] = (await mapAtoms(reference, both, 3, pause))!;
  expect([a!.length, b!.length]).toEqual([80, 120]);
  const mean = (isSame: boolean) => {
    const all: number[] = [];
    for (let i = 0; i < 40; i++)
      for (let j = 0; j < 60; j++)
        if ((i % 4 === j % 4) === isSame) all.push(distance(a!, i, b!, j));
    return all.reduce((sum, d) => sum + d, 0) / all.length;
  };
  expect(mean(true)).toBeLessThan(mean(false) / 3);
  expect(await mapAtoms(reference, both, 3, pause)).toEqual([a, b]);
  expect(await mapAtoms(reference, both, 4, pause)).not.toEqual([a, b]);
});

test("three atoms have a map; two have none, nor have too many", async () => {
  const three = await mapAtoms(reference, [await atoms("c", 3, 3)], 0, pause);
  expect(three![0]!.every(Number.isFinite)).toBe(true);
  expect(await mapAtoms(reference, [await atoms("c", 2, 2)], 0, pause)).toBeUndefined();
  const many = { unit: new Float32Array(0), count: MOST_MAPPED + 1, d: D };
  expect(await mapAtoms(reference, [many], 0, pause)).toBeUndefined();
});
