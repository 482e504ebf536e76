import { expect, test } from "vitest";
import { reference } from "../../../../test/support/backends.ts";
import { codeOf } from "../../../../test/support/code-of.ts";
import { normals } from "../../../../test/support/random.ts";
import { liveLatents, matchByCorrelation, nullShift } from "./correlation-matching.ts";
import { frequencyDeciles } from "./frequency-deciles.ts";
import { CodeKeeper, KeptCodes } from "./kept-codes.ts";

/** A code of positive normals, kept in pieces of 64 rows. */
function random(name: string, rows: number, latents: number): KeptCodes {
  const dense = normals(name, rows * latents).map((v, at) => Math.max(0, v - (at % latents) / 20));
  const codes = new KeptCodes(latents);
  for (let start = 0; start < rows; start += 64)
    codes.append(codeOf(dense.subarray(start * latents, (start + 64) * latents), latents));
  return codes;
}

const all = (codes: readonly [KeptCodes, KeptCodes], most?: number) =>
  liveLatents(...codes, most).map(({ latents }) => latents) as [Int32Array, Int32Array];

test("an SAE matches itself wholly, and the shifted rows hardly", async () => {
  const codes = random("a", 256, 20);
  const latents = all([codes, codes]);
  const self = await matchByCorrelation(reference, codes, codes, latents);
  expect(Array.from(self.partnerOfA)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(self.mean).toBeCloseTo(1, 6);
  const shift = nullShift(256);
  expect(shift).toBeGreaterThanOrEqual(64);
  expect(shift).toBeLessThan(192);
  const none = await matchByCorrelation(reference, codes, codes, latents, shift);
  expect(none.mean).toBeLessThan(0.2);
});

test("the order of the two does not matter, with the rows shifted either", async () => {
  const [a, b] = [random("a", 256, 12), random("b", 256, 20)];
  for (const shift of [0, 100]) {
    const there = await matchByCorrelation(reference, a, b, all([a, b]), shift);
    const back = await matchByCorrelation(reference, b, a, all([b, a]), (256 - shift) % 256);
    expect(back.mean).toBeCloseTo(there.mean, 6);
    for (const [i, j] of there.partnerOfA.entries()) expect(back.partnerOfA[j]).toBe(i);
    expect([there.pairs, back.pairs]).toEqual([12, 12]);
  }
});

test("of SAEs that are too wide the most frequent latents are matched, and all are counted", () => {
  const [a, b] = [random("a", 256, 20), random("b", 256, 30)];
  const [ofA, ofB] = liveLatents(a, b, 100);
  expect([ofA.all, ofB.all]).toEqual([20, 30]);
  expect(ofA.latents.length * ofB.latents.length).toBeLessThanOrEqual(100);
  // Thresholds rise with the latent, so the first ones fire most.
  const least = Math.min(...Array.from(ofA.latents, (i) => a.active[i]!));
  const others = Array.from(a.active.keys()).filter((i) => !ofA.latents.includes(i));
  expect(least).toBeGreaterThanOrEqual(Math.max(...others.map((i) => a.active[i]!)));
  // A narrow SAE leaves room for more of the other.
  const [narrow, wide] = liveLatents(random("c", 256, 4), b, 100);
  expect([narrow.latents.length, wide.latents.length]).toEqual([4, 25]);
});

test("latents that are dead or have one value in every row are not matched", async () => {
  const dense = normals("few", 64 * 3).map((v, at) => [0, 0.3, Math.abs(v)][at % 3]!);
  const codes = new KeptCodes(3);
  codes.append(codeOf(dense, 3));
  const [of] = all([codes, codes]);
  expect(Array.from(of)).toEqual([2]);
  const none = await matchByCorrelation(reference, codes, codes, [new Int32Array(0), of]);
  expect(none).toMatchObject({ pairs: 0, mean: Number.NaN });
  expect(frequencyDeciles(codes, codes, none)).toEqual([]);
});

test("zeros among the entries of a code count as inactive", () => {
  const codes = new KeptCodes(2);
  const entries = { indices: Int32Array.of(0, 1, 0, 1), values: Float32Array.of(0, 2, 3, 0) };
  codes.append({ rows: 2, indptr: Int32Array.of(0, 2, 4), ...entries });
  expect(Array.from(codes.active)).toEqual([1, 1]);
  const { indptr, rows, values } = codes.byLatent();
  expect([indptr, rows, values].map((v) => Array.from(v))).toEqual([
    [0, 1, 2],
    [1, 0],
    [3, 2],
  ]);
});

test("codes are kept as far as they fit, the same rows of every SAE", () => {
  const one = codeOf(new Float32Array(30).fill(1), 3);
  const other = codeOf(new Float32Array(10).fill(1), 1);
  // 30 and 10 entries of 8 bytes, and two times 11 places of 4.
  const keeper = new CodeKeeper([3, 1, 5], 2 * 408 + 1);
  for (let batch = 0; batch < 4; batch++) keeper.keep([one, other, undefined]);
  expect(keeper.kept.map((codes) => codes?.rows)).toEqual([20, 20, undefined]);
});
