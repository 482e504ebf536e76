import { expect, test } from "vitest";
import { codeOf } from "../../../../test/support/code-of.ts";
import { CodeKeeper, KeptCodes } from "./kept-codes.ts";

/** Codes of dense rows [3 latents], in pieces of two rows. */
function kept(...rows: readonly (readonly number[])[]): KeptCodes {
  const codes = new KeptCodes(3);
  for (let r = 0; r < rows.length; r += 2) codes.append(codeOf(rows.slice(r, r + 2).flat(), 3));
  return codes;
}

const ROWS = [
  [1, 0, 2],
  [0, 0, 0],
  [3, 0, 0],
  [0, 0, 4],
  [5, 0, 6],
] as const;

test("sums are those of every row, whatever the pieces", () => {
  const codes = kept(...ROWS);
  expect(codes.rows).toBe(5);
  expect([codes.active, codes.sum, codes.squares].map((v) => [...v])).toEqual([
    [3, 0, 3],
    [9, 0, 12],
    [35, 0, 56],
  ]);
});

test("a row is found in its piece, also an empty one and the last", () => {
  const codes = kept(...ROWS);
  for (const [r, wanted] of ROWS.entries()) {
    const { indices, values, from, to } = codes.row(r);
    const dense = [0, 0, 0];
    for (let e = from; e < to; e++) dense[indices[e]!] = values[e]!;
    expect(dense).toEqual(wanted);
  }
});

test("pieces may be of any length, also empty", () => {
  const codes = new KeptCodes(3);
  for (const [from, to] of [
    [0, 0],
    [0, 1],
    [1, 4],
    [4, 4],
    [4, 5],
  ])
    codes.append(codeOf(ROWS.slice(from, to).flat(), 3));
  for (const [r, wanted] of ROWS.entries()) {
    const { indices, values, from, to } = codes.row(r);
    const dense = [0, 0, 0];
    for (let e = from; e < to; e++) dense[indices[e]!] = values[e]!;
    expect(dense).toEqual(wanted);
  }
});

test("by latent, rows ascend, and a latent that never fires has none", () => {
  const { indptr, rows, values } = kept(...ROWS).byLatent();
  expect([...indptr]).toEqual([0, 3, 3, 6]);
  expect([...rows]).toEqual([0, 2, 4, 0, 3, 4]);
  expect([...values]).toEqual([1, 3, 5, 2, 4, 6]);
});

test("variation is the sum of squares about the mean", () => {
  // Latent 0: 1, 0, 3, 0, 5 with the mean 1.8.
  const wanted = 0.8 ** 2 + 2 * 1.8 ** 2 + 1.2 ** 2 + 3.2 ** 2;
  expect(kept(...ROWS).variation(0)).toBeCloseTo(wanted, 10);
});

test("a latent of one value varies by 0, not by what rounding leaves", () => {
  const codes = new KeptCodes(2);
  codes.append(codeOf(new Float32Array(2 * 1001).fill(0.1), 2));
  expect(codes.variation(0)).toBe(0);
  expect(new KeptCodes(1).variation(0)).toBe(0);
});

test("what is kept is a copy, as the encoder's buffers are used again", () => {
  const code = codeOf([1, 0, 2], 3);
  const codes = new KeptCodes(3);
  codes.append(code);
  code.values.fill(9);
  code.indices.fill(1);
  expect([...codes.row(0).values]).toEqual([1, 2]);
  expect([...codes.row(0).indices]).toEqual([0, 2]);
});

test("a code of no entries takes the bytes of its rows", () => {
  expect(KeptCodes.bytesOf(codeOf([0, 0, 0, 0], 2))).toBe(12);
  expect(KeptCodes.bytesOf(codeOf([1, 0, 2, 3], 2))).toBe(12 + 24);
});

test("after a batch that did not fit, none is kept: rows stay without a gap", () => {
  const big = codeOf(new Float32Array(60).fill(1), 3);
  const small = codeOf([1, 1, 1], 3);
  const keeper = new CodeKeeper([3], 2 * KeptCodes.bytesOf(small));
  keeper.keep([small]);
  keeper.keep([big]);
  keeper.keep([small]);
  expect(keeper.kept[0]!.rows).toBe(1);
});

test("SAEs without rows of a batch keep none of it", () => {
  const keeper = new CodeKeeper([2, 2]);
  keeper.keep([undefined, codeOf([1, 0], 2)]);
  keeper.keep([codeOf([0, 1], 2), codeOf([1, 1], 2)]);
  expect(keeper.kept.map((codes) => codes?.rows)).toEqual([1, 2]);
  expect(keeper.kept[0]!.pieces).toHaveLength(1);
});
