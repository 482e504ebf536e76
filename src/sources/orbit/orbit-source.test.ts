/** Arrays and stores whose rows come in orbits: these stay together, and have a symmetry. */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectAllclose } from "../../../test/support/allclose.ts";
import { reference } from "../../../test/support/backends.ts";
import { orbitRows, quarterTurns } from "../../../test/support/orbits.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { float32Tensor } from "../../base/tensor.ts";
import { writeNpy } from "../../formats/npy.ts";
import { arrays } from "../arrays/array-kind.ts";
import { openArraySource } from "../arrays/array-source.ts";
import { orbitStream } from "../rows/orbit-rows.ts";
import { openShardSource } from "../shards/shard-source.ts";
import { openShardWriter } from "../shards/shard-writer.ts";
import { withSymmetry } from "./orbit-symmetry.ts";

const [D, ORBITS] = [4, 30];
const C4 = quarterTurns(D);
/** Row k of orbit o is 10 o + k in its first number; the rest says nothing. */
const NUMBERED = Float32Array.from({ length: ORBITS * 4 * D }, (_, i) =>
  i % D === 0 ? 10 * Math.floor(i / (4 * D)) + (Math.floor(i / D) % 4) : 0,
);

/** Whether rows are whole orbits in their order; which orbits. */
function orbitsIn(rows: Float32Array): number[] {
  const firsts = Array.from({ length: rows.length / D }, (_, i) => rows[i * D]!);
  for (const [i, first] of firsts.entries()) expect(first % 10).toBe(i % 4);
  return firsts.filter((_, i) => i % 4 === 0).map((first) => first / 10);
}

test("orbits are shuffled and held out whole, and a part of one can be resumed", async () => {
  const open = () => openArraySource({ data: NUMBERED, dIn: D, orbitSize: 4, heldOutRows: 24 });
  const source = await open();
  expect([source.train.rowsPerPass, source.heldOut.rows]).toEqual([96, 24]);
  const pass = new Float32Array(96 * D);
  await source.train.next(pass);
  const orbits = orbitsIn(pass);
  expect([...orbits].sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, i) => i));
  expect(orbits).not.toEqual([...orbits].sort((a, b) => a - b));
  const held = new Float32Array(24 * D);
  await source.heldOut.read(0, held);
  expect(orbitsIn(held)).toEqual([24, 25, 26, 27, 28, 29]);
  // Rows one by one are the same ones.
  const again = await open();
  const parts = new Float32Array(96 * D);
  for (const [from, to] of [
    [0, 6],
    [6, 7],
    [7, 30],
  ] as const)
    await again.train.next(parts.subarray(from * D, to * D));
  const state = JSON.parse(JSON.stringify(again.train.state()));
  const resumed = await open();
  await resumed.train.seek(state);
  await resumed.train.next(parts.subarray(30 * D));
  expect(parts).toEqual(pass);
});

test("a store's orbits stay together too, whatever its blocks are", async () => {
  const folder = join(temporaryFolder(), "store");
  const writer = await openShardWriter({
    folder,
    dIn: D,
    dtype: "float32",
    blockBytes: 6 * D * 4,
    provenance: { kind: "test" },
  });
  await writer.append(NUMBERED);
  await writer.finish();
  const source = await openShardSource({
    folder,
    orbitSize: 4,
    heldOutRows: 24,
    bufferBytes: 1500,
  });
  const pass = new Float32Array(source.train.rowsPerPass! * D);
  await source.train.next(pass);
  expect(new Set(orbitsIn(pass)).size).toBe(source.train.rowsPerPass! / 4);
  const held = new Float32Array(source.heldOut.rows * D);
  await source.heldOut.read(0, held);
  orbitsIn(held);
  await source.close();
});

test("matrices are fitted on training orbits, or read from a file", async () => {
  const rows = orbitRows(C4, D, ORBITS);
  const folder = mkdtempSync(join(temporaryFolder(), "a"));
  await writeNpy(join(folder, "rows.npy"), float32Tensor([ORBITS, 4, D], rows));
  await writeNpy(join(folder, "M.npy"), float32Tensor([D, D], C4.matrices.slice(D * D, 2 * D * D)));
  await writeNpy(join(folder, "small.npy"), float32Tensor([2, 2], new Float32Array(4)));
  await writeNpy(join(folder, "false.npy"), float32Tensor([D, D], rows.slice(0, D * D)));
  const context = {
    backend: reference,
    baseFolder: folder,
    cacheDir: folder,
    seed: 0,
    catalogue: { cacheDir: folder, offline: true },
  };
  const open = (orbit: object, more: object = {}) =>
    arrays.open(config({ path: "rows.npy", orbit: { group: "c4", ...orbit }, ...more }), context);
  const config = (given: object) =>
    camelKeys(arrays.schema.parse({ kind: "arrays", ...given })) as never;
  const { camelKeys } = await import("../../formats/key-case.ts");

  const fitted = await open({});
  expectAllclose(fitted.symmetry!.matrices, C4.matrices, { atol: 1e-3 });
  expect(fitted.symmetry).toMatchObject({ group: "c4", size: 4, isExact: false });
  expect(fitted.notices?.[0]).toMatch(
    /^The action of c4 was fitted\. R² on 3 held-out orbits: r 1\.000/,
  );
  const exact = await open({ action: "M.npy" });
  expect(exact.symmetry).toMatchObject({ isExact: true });
  expectAllclose(exact.symmetry!.matrices, C4.matrices, { atol: 1e-6 });
  const own = await open({ group: "turns", generators: { t: [1, 2, 3, 0] } });
  expect(own.symmetry!.group).toBe("turns");
  for (const one of [fitted, exact, own]) await one.close();

  const refused = (orbit: object, more?: object) => expect(open(orbit, more)).rejects;
  await refused({ group: "c5" }).toThrow(
    "orbits of 4 rows, by its last axis but one, but the group has 5",
  );
  await refused({ group: "so3" }).toThrow("is not a group that is known");
  await refused({ action: "small.npy" }).toThrow("small.npy has shape [2, 2]; the matrices of c4");
  await refused({ action: "false.npy" }).toThrow("do not act as c4");
  await refused({ action: "none.npy" }).toThrow("none.npy");
  await refused({}, { held_out_rows: 6 }).toThrow("held_out_rows: expected a multiple of 4");
  await refused({}, { skip_non_finite: true }).toThrow("take orbits apart");
  await refused({ generators: { t: [0, 0] } }).toThrow("generator t");
  await expect(
    openArraySource({ data: NUMBERED.subarray(0, 6 * D), dIn: D, orbitSize: 4 }),
  ).rejects.toThrow("6 rows, which are not whole orbits of 4");
  const source = await openArraySource({ data: NUMBERED, dIn: D, orbitSize: 4 });
  expect(orbitStream(source.train, 1, D)).toBe(source.train);
  const orbit = {
    group: "c4",
    action: "fitted",
    method: "least_squares",
    of: "generators",
    trainOnAllK: true,
    epochs: 1,
    learningRate: 1e-3,
    orbits: 5,
  } as const;
  const found = await withSymmetry(source, orbit, context);
  expect(found.notices?.at(-1)).toContain("Rows vary in 1 of 4 directions");
});
