/** Representatives that are drawn: kept by a member, and another draw for each. */
import { expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import { Tape } from "../../tape/tape.ts";
import { keptRepresentatives } from "./orbits.ts";

const [ORBITS, SIZE, D] = [400, 4, 3];
const ROWS = normals("orbits", ORBITS * SIZE * D);

/** Poses of all representatives, [orbits], in a batch that begins with orbit `from`. */
async function drawn(seed: number, from = 0): Promise<number[]> {
  const tape = new Tape(reference);
  const x = tape.input([ORBITS * SIZE, D]);
  const { rows } = keptRepresentatives(x, SIZE, seed);
  const at = from * SIZE * D;
  x.value.set([...ROWS.subarray(at), ...ROWS.subarray(0, at)]);
  await tape.forward();
  return Array.from(rows, (row) => row % SIZE);
}

test("a member draws each pose as often, and keeps an orbit's wherever it stands", async () => {
  const poses = await drawn(7);
  for (let pose = 0; pose < SIZE; pose++) {
    const times = poses.filter((one) => one === pose).length;
    expect(times).toBeGreaterThan(ORBITS / SIZE - 40);
    expect(times).toBeLessThan(ORBITS / SIZE + 40);
  }
  const later = await drawn(7, 100);
  expect([...later.slice(-100), ...later.slice(0, -100)]).toEqual(poses);
});

test("members of other seeds draw independently", async () => {
  const all = await Promise.all([0, 1, 2, 2 ** 33].map((seed) => drawn(seed)));
  for (const [i, a] of all.entries())
    for (const b of all.slice(i + 1)) {
      const alike = a.filter((pose, orbit) => pose === b[orbit]).length;
      expect(alike).toBeGreaterThan(ORBITS / SIZE - 40);
      expect(alike).toBeLessThan(ORBITS / SIZE + 40);
    }
});
