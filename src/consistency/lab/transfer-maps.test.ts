import { expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import { rotation, turned } from "../../../test/support/rotation.ts";
import { PairedMoments } from "../../linalg/paired-moments.ts";
import { fitTransferMaps, reversed, type SpaceMap } from "./transfer-maps.ts";

const ROWS = 200;

async function fitted(x: Float32Array, n: number, y: Float32Array, m: number) {
  const ofX = new PairedMoments(reference, n);
  const ofY = new PairedMoments(reference, m);
  const cross = new PairedMoments(reference, n, m);
  await ofX.add(x, ROWS);
  await ofY.add(y, ROWS);
  await cross.add(x, ROWS, y);
  return fitTransferMaps(ofX, ofY, cross, n, m);
}

/** Rows of x taken to the other place by a map. */
function mapped(x: Float32Array, { meanX, meanY, there }: SpaceMap): Float32Array {
  const [n, m] = [meanX.length, meanY.length];
  const out = new Float32Array((x.length / n) * m);
  for (let at = 0; at < out.length; at++) {
    const [row, j] = [Math.floor(at / m), at % m];
    let sum = meanY[j]!;
    for (let i = 0; i < n; i++) sum += (x[row * n + i]! - meanX[i]!) * there[i * m + j]!;
    out[at] = sum;
  }
  return out;
}

const largestError = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), 0);

test("rows that are turned and shifted are mapped exactly, there and back", async () => {
  const [d, shift] = [5, 3];
  const x = normals("x", ROWS * d);
  const y = turned(x, rotation("space", d), d).map((v) => v + shift);
  const { procrustes, affine, conditioning } = await fitted(x, d, y, d);
  for (const map of [procrustes, affine]) {
    expect(largestError(mapped(x, map), y)).toBeLessThan(1e-3);
    expect(largestError(mapped(y, reversed(map)), x)).toBeLessThan(1e-3);
  }
  for (const { rank, condition } of conditioning) {
    expect(rank).toBe(d);
    expect(condition).toBeLessThan(2);
  }
});

test("the scaled map undoes a change of length in all directions, there and back", async () => {
  const d = 4;
  const x = normals("x", ROWS * d);
  const y = turned(x, rotation("space", d), d).map((v) => 20 * v + 3);
  const { procrustes, scaled } = await fitted(x, d, y, d);
  expect(largestError(mapped(x, procrustes), y)).toBeGreaterThan(10);
  expect(largestError(mapped(x, scaled), y)).toBeLessThan(0.01);
  expect(largestError(mapped(y, reversed(scaled)), x)).toBeLessThan(1e-3);
});

test("constant rows leave the scaled map without a factor", async () => {
  const { procrustes, scaled } = await fitted(
    new Float32Array(ROWS * 2),
    2,
    normals("y", ROWS * 2),
    2,
  );
  expect(scaled.there).toEqual(procrustes.there);
});

test("the way back of the rotation is its transpose", async () => {
  const [n, m] = [4, 6];
  const { procrustes } = await fitted(normals("x", ROWS * n), n, normals("y", ROWS * m), m);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++)
      expect(procrustes.back[j * n + i]).toBe(procrustes.there[i * m + j]);
});

test("least squares undoes a stretch, which a rotation cannot", async () => {
  const d = 3;
  const x = normals("x", ROWS * d);
  const y = x.map((v, at) => v * [1, 10, 0.1][at % d]!);
  const { procrustes, affine } = await fitted(x, d, y, d);
  expect(largestError(mapped(x, affine), y)).toBeLessThan(0.01);
  expect(largestError(mapped(x, procrustes), y)).toBeGreaterThan(5);
});

test("a coordinate that never varies lowers the rank of its side alone", async () => {
  const d = 4;
  const x = normals("x", ROWS * d).map((v, at) => (at % d === 2 ? 7 : v));
  const { conditioning, affine } = await fitted(x, d, normals("y", ROWS * d), d);
  expect(conditioning.map(({ rank }) => rank)).toEqual([3, 4]);
  expect(affine.meanX[2]).toBeCloseTo(7, 5);
  for (const w of affine.there.subarray(2 * d, 3 * d)) expect(w).toBeCloseTo(0, 12);
});

test("reversing twice gives the map again", async () => {
  const { affine } = await fitted(normals("x", ROWS * 2), 2, normals("y", ROWS * 3), 3);
  const back = reversed(affine);
  expect(back.meanX).toBe(affine.meanY);
  expect(back.there).toBe(affine.back);
  expect(reversed(back)).toEqual(affine);
});
