/** The pass over rows, next to what a reader of whole dense codes would find. */
import { describe, expect, test } from "vitest";
import { nativeIsas, openNamed, reference } from "../../test/support/backends.ts";
import { madeSae } from "../../test/support/made-sae.ts";
import { normals } from "../../test/support/random.ts";
import type { Backend } from "../backend/backend.ts";
import { fromBfloat16, toBfloat16 } from "../base/float16.ts";
import { openSaeRunner, type Sae } from "../sae/sae.ts";
import type { EvidenceRows } from "./evidence-rows.ts";
import type { KeptRows } from "./kept-rows.ts";
import { BINS } from "./latent-tally.ts";
import {
  type LookOptions,
  lookThrough,
  NEAR_MISSES,
  SAMPLE,
  type Seen,
  TOP,
} from "./look-through.ts";
import type { NearestAtoms } from "./nearest-atoms.ts";

const AROUND = 3;
const D_IN = 6;

const OPTIONS: LookOptions = {
  pairs: [],
  around: AROUND,
  seed: 0,
  pause: async () => {},
  onRows: () => {},
};

/** The rows of x, in groups of these lengths; none: each by itself. */
function rowsOf(x: Float32Array, lengths?: readonly number[], heldOutFrom = 0): EvidenceRows {
  const groups =
    lengths && Int32Array.from(lengths.flatMap((length, g) => new Array(length).fill(g)));
  return {
    dIn: D_IN,
    rows: x.length / D_IN,
    heldOutFrom,
    ...(groups && { groups }),
    read: async (start, out) => {
      out.set(x.subarray(start * D_IN, start * D_IN + out.length));
    },
    close: async () => {},
  };
}

/** Each latent's nearest is the next one; the last has none. */
function chain(latents: number): NearestAtoms {
  const atoms = Int32Array.from({ length: latents }, (_, i) => (i + 1 < latents ? i + 1 : -1));
  return { k: 1, atoms, cosines: new Float32Array(latents) };
}

/** Dense codes [rows][latents], all rows at once. */
async function denseCodes(backend: Backend, sae: Sae, x: Float32Array): Promise<number[][]> {
  const rows = x.length / D_IN;
  const { encode } = await openSaeRunner(backend, sae, Math.max(1, rows));
  const { indptr, indices, values } = await encode(x, rows);
  return Array.from({ length: rows }, (_, r) => {
    const row = new Array<number>(sae.dSae).fill(0);
    for (let e = indptr[r]!; e < indptr[r + 1]!; e++) row[indices[e]!] = values[e]!;
    return row;
  });
}

interface Valued {
  readonly row: number;
  readonly value: number;
}

interface Shown extends Valued {
  readonly around: readonly number[];
}

/** What is kept of a latent, by row. */
function keptOf({ rows, values, around, slots, width }: KeptRows, latent: number): Shown[] {
  return Array.from({ length: slots }, (_, i) => latent * slots + i)
    .filter((slot) => rows[slot]! >= 0)
    .map((slot) => ({
      row: rows[slot]!,
      value: values[slot]!,
      around: Array.from(around.subarray(slot * width, (slot + 1) * width), fromBfloat16),
    }))
    .sort((a, b) => a.row - b.row);
}

const byRow = (a: { row: number }, b: { row: number }) => a.row - b.row;
const bySize = (a: Valued, b: Valued) => Math.abs(b.value) - Math.abs(a.value) || a.row - b.row;

/** Compares all that was seen of an SAE with its dense codes. */
function expectSeen(seen: Seen, z: readonly number[][], { groups, heldOutFrom }: EvidenceRows) {
  const rows = z.length;
  const latents = seen.tally.active.length;
  const groupOf = (row: number) => (groups ? groups[row]! : row);
  for (let f = 0; f < latents; f++) {
    const of = (row: number) => z[row]![f]!;
    const valued = (row: number) => ({ row, value: of(row) });
    const shown = ({ row, value }: Valued): Shown => ({
      row,
      value,
      around: Array.from({ length: 2 * AROUND + 1 }, (_, i) => {
        const at = row + i - AROUND;
        const isThere = at >= 0 && at < rows && groupOf(at) === groupOf(row);
        return isThere ? fromBfloat16(toBfloat16(of(at))) : 0;
      }),
    });
    const active = Array.from(z.keys()).filter((row) => of(row) !== 0);
    const { tally } = seen;
    expect(tally.active[f]).toBe(active.length);
    const sum = active.reduce((total, row) => total + of(row), 0);
    expect(tally.sum[f]).toBeCloseTo(sum, 9);
    const strongest = active.map(valued).sort(bySize);
    expect(tally.largest[f]).toBe(strongest[0]?.value ?? 0);
    const histogram = new Array<number>(BINS).fill(0);
    for (const row of active) histogram[Math.floor(Math.abs(of(row)) / tally.binWidth[f]!)]!++;
    expect(Array.from(tally.histogram.subarray(f * BINS, (f + 1) * BINS))).toEqual(histogram);

    const inGroups = new Map<number, Valued>();
    for (const one of strongest)
      if (!inGroups.has(groupOf(one.row))) inGroups.set(groupOf(one.row), one);
    const top = [...inGroups.values()].slice(0, TOP).sort(byRow);
    expect(keptOf(seen.top, f)).toEqual(top.map(shown));

    const sample = keptOf(seen.sample, f);
    expect(sample).toHaveLength(Math.min(SAMPLE, active.length));
    expect(new Set(sample.map(({ row }) => row)).size).toBe(sample.length);
    expect(sample).toEqual(sample.map(({ row }) => shown(valued(row))));
    for (const { value } of sample) expect(value).not.toBe(0);

    const misses = Array.from(z.keys())
      .filter((row) => f + 1 < latents && z[row]![f + 1] !== 0 && of(row) === 0)
      .map((row) => ({ row, value: z[row]![f + 1]! }));
    const nearest = misses.sort(bySize).slice(0, NEAR_MISSES).sort(byRow);
    expect(keptOf(seen.nearMisses, f)).toEqual(nearest.map(shown));
  }
  // So few rows that all those held out are kept.
  const heldOut = Array.from({ length: rows - heldOutFrom }, (_, i) => heldOutFrom + i);
  expect(Array.from(seen.keptRows)).toEqual(heldOut);
  expect(seen.codes.rows).toBe(heldOut.length);
  for (const [i, row] of heldOut.entries()) {
    const { indices, values, from, to } = seen.codes.row(i);
    const dense = new Array<number>(latents).fill(0);
    for (let e = from; e < to; e++) dense[indices[e]!] = values[e]!;
    expect(dense).toEqual(z[row]);
  }
}

const topk = madeSae("topk", { dIn: D_IN, dSae: 12, k: 3 });
/** Keeps the largest scores, whatever their sign. */
const signed: Sae = { ...topk, selection: { kind: "topk", k: 11, relu: false } };
/** About half of all latents are active; one never is, and one always. */
const dense: Sae = {
  ...madeSae("relu", { dIn: D_IN, dSae: 9 }),
  selection: { kind: "relu" },
  encoderBias: Float32Array.of(0, -1e6, 0.5, 0, 0, 50, 0, 0, 0),
};
const cut: Sae = {
  ...madeSae("jumprelu", { dIn: D_IN, dSae: 2 }),
  selection: { kind: "jumprelu", thresholds: Float32Array.of(0.7, 0) },
};

const ROWS = 1560;
const x = normals("rows", ROWS * D_IN);

const LAYOUTS: [string, EvidenceRows][] = [
  ["rows by themselves", rowsOf(x, undefined, 1000)],
  ["groups of a few rows", rowsOf(x, new Array(ROWS / 13).fill(13), 1000)],
  ["groups of one row", rowsOf(x, new Array(ROWS).fill(1), ROWS)],
  ["a group longer than a block", rowsOf(x, [1, 40, 1460, 2, 57], 41)],
  ["one group", rowsOf(x, [ROWS])],
  ["one row", rowsOf(x.subarray(0, D_IN), [1])],
];

describe.each(["reference", ...nativeIsas.slice(0, 1)])("on %s", (name) => {
  test.each(LAYOUTS)("it finds what dense codes say, in %s", async (_, rows) => {
    const backend = openNamed(name);
    const all = x.subarray(0, rows.rows * D_IN);
    const saes = [topk, signed, dense, cut];
    const looked = saes.map((sae) => ({ sae, nearest: chain(sae.dSae) }));
    const { seen } = await lookThrough(backend, rows, looked, OPTIONS);
    for (const [s, sae] of saes.entries())
      expectSeen(seen[s]!, await denseCodes(backend, sae, all), rows);
    if (rows.rows < ROWS) return;
    expect(seen[1]!.tally.largest.some((value) => value < 0)).toBe(true);
    expect(Array.from(seen[2]!.tally.active.subarray(1, 6))).toEqual([
      0,
      expect.any(Number),
      expect.any(Number),
      expect.any(Number),
      ROWS,
    ]);
  });
});

test("no rows leave nothing to be seen", async () => {
  const rows = rowsOf(new Float32Array(0));
  const { seen } = await lookThrough(reference, rows, [{ sae: topk, nearest: chain(12) }], OPTIONS);
  expectSeen(seen[0]!, [], rows);
});

test("the sample is drawn evenly from all active rows, each latent's and each seed's apart", async () => {
  const [latents, count] = [80, 4000];
  const always: Sae = {
    ...madeSae("always", { dIn: D_IN, dSae: latents }),
    selection: { kind: "relu" },
    encoderBias: new Float32Array(latents).fill(100),
  };
  const rows = rowsOf(normals("even", count * D_IN));
  const sampled = async (seed: number) => {
    const looked = [{ sae: always, nearest: chain(latents) }];
    const { seen } = await lookThrough(reference, rows, looked, { ...OPTIONS, seed });
    return seen[0]!.sample.rows.slice();
  };
  const first = await sampled(1);
  expect(first).toHaveLength(latents * SAMPLE);
  /** χ² of the drawn rows over classes of rows that are equally likely. */
  const chiSquare = (classes: number, classOf: (row: number) => number) => {
    const counts = new Array<number>(classes).fill(0);
    for (const row of first) counts[classOf(row)]!++;
    const expected = first.length / classes;
    return counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  };
  // Of 9 and 7 degrees of freedom: 33.7 and 30.7 at a chance of one in ten thousand.
  expect(chiSquare(10, (row) => Math.floor(row / 400))).toBeLessThan(33.7);
  expect(chiSquare(10, (row) => row % 10)).toBeLessThan(33.7);
  expect(chiSquare(8, (row) => row & 7)).toBeLessThan(30.7);
  const shared = (a: Int32Array, b: Int32Array) =>
    Array.from(a).filter((r) => b.includes(r)).length;
  // Two draws of 50 of 4000 share 0.6 rows on average.
  let common = 0;
  const second = await sampled(2);
  for (let f = 0; f < latents; f++) {
    const own = first.subarray(f * SAMPLE, (f + 1) * SAMPLE);
    const next = ((f + 1) % latents) * SAMPLE;
    common += shared(own, first.subarray(next, next + SAMPLE));
    common += shared(own, second.subarray(f * SAMPLE, (f + 1) * SAMPLE));
  }
  expect(common / (2 * latents)).toBeGreaterThan(0.4);
  expect(common / (2 * latents)).toBeLessThan(0.9);
});

test("how rows come in blocks decides nothing", async () => {
  const layouts = [[ROWS], [780, 780], [1200, 1, 359]];
  const found = [];
  for (const lengths of layouts) {
    const looked = [{ sae: dense, nearest: chain(dense.dSae) }];
    const { seen } = await lookThrough(reference, rowsOf(x, lengths), looked, OPTIONS);
    const { sample, tally, nearMisses, keptRows } = seen[0]!;
    const slots = { rows: sample.rows, values: sample.values };
    found.push({ slots, tally, missed: nearMisses.rows, keptRows });
  }
  expect(found[1]).toEqual(found[0]);
  expect(found[2]).toEqual(found[0]);
});

test("whether partners fire alike, latent by latent, is that of their dense codes", async () => {
  const partnerOfA = Int32Array.of(3, -1, 0, 8, 7, 6, 5, 4, 2, 1, -1, -1);
  const looked = [topk, dense].map((sae) => ({ sae, nearest: chain(sae.dSae) }));
  const options = { ...OPTIONS, pairs: [{ a: 0, b: 1, partnerOfA }] };
  const { agreement } = await lookThrough(reference, rowsOf(x), looked, options);
  const { jaccard, correlation } = agreement.perLatent(0);
  const [a, b] = [await denseCodes(reference, topk, x), await denseCodes(reference, dense, x)];
  for (const [i, j] of partnerOfA.entries()) {
    const [u, v] = [a.map((row) => row[i]!), b.map((row) => row[j] ?? 0)];
    const count = (holds: (r: number) => boolean) => Array.from(u.keys()).filter(holds).length;
    if (j < 0 || v.every((value) => value === 0)) {
      expect([jaccard[i], correlation[i]]).toEqual([Number.NaN, Number.NaN]);
      continue;
    }
    const both = count((r) => u[r] !== 0 && v[r] !== 0);
    expect(jaccard[i]).toBeCloseTo(both / count((r) => u[r] !== 0 || v[r] !== 0), 6);
    const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / ROWS;
    const product = (p: readonly number[], q: readonly number[]) =>
      p.reduce((sum, value, r) => sum + (value - mean(p)) * (q[r]! - mean(q)), 0);
    const pearson = product(u, v) / Math.sqrt(product(u, u) * product(v, v));
    expect(correlation[i]).toBeCloseTo(pearson, 6);
  }
});

test("a row, or an activation, that is not finite ends the pass and is named", async () => {
  const bad = x.slice();
  bad[1500 * D_IN + 2] = Number.POSITIVE_INFINITY;
  const look = (sae: Sae, all: Float32Array) =>
    lookThrough(reference, rowsOf(all), [{ sae, nearest: chain(sae.dSae) }], OPTIONS);
  await expect(look(topk, bad)).rejects.toMatchObject({
    code: "numeric/not-finite",
    message: expect.stringMatching(/\b1500\b/),
  });
  const huge: Sae = { ...dense, encoder: dense.encoder.map((weight) => weight * 3e38) };
  await expect(look(huge, x)).rejects.toMatchObject({ code: "numeric/not-finite" });
});

test("what pause throws ends the pass, and progress reaches all rows", async () => {
  const told: number[] = [];
  const options = { ...OPTIONS, onRows: (done: number, total: number) => told.push(done, total) };
  const looked = [{ sae: topk, nearest: chain(12) }];
  await lookThrough(reference, rowsOf(x), looked, options);
  expect(told).toEqual([1024, ROWS, ROWS, ROWS]);
  const stopped = lookThrough(reference, rowsOf(x), looked, {
    ...OPTIONS,
    pause: async () => {
      throw new Error("stop");
    },
  });
  await expect(stopped).rejects.toThrow("stop");
});
