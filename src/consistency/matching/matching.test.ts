import { describe, expect, test } from "vitest";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import type { Backend } from "../../backend/backend.ts";
import { bestMatches } from "./best-matches.ts";
import { type Dictionary, dictionaryOf } from "./dictionary.ts";
import { IncrementalMatcher } from "./incremental.ts";
import { Movement } from "./movement.ts";
import { matchOneToOne } from "./one-to-one.ts";

/**
 * Total similarity of the best assignment, by dynamic programming over subsets of columns: for
 * small problems only.
 */
function bestTotal(similarity: number[][]): number {
  const columns = similarity[0]!.length;
  let best = new Map<number, number>([[0, 0]]);
  for (const row of similarity) {
    const next = new Map<number, number>();
    for (const [used, total] of best)
      for (let c = 0; c < columns; c++)
        if (!(used & (1 << c)))
          next.set(used | (1 << c), Math.max(next.get(used | (1 << c)) ?? -1e9, total + row[c]!));
    best = next;
  }
  return Math.max(...best.values());
}

const random = (backend: Backend, name: string, count: number, d: number): Promise<Dictionary> =>
  dictionaryOf(backend, normals(name, count * d), count, d);

/** `dictionary` with its rows in another order, and a little noise. */
async function shuffled(backend: Backend, a: Dictionary, noise: number) {
  const order = Int32Array.from({ length: a.count }, (_, i) => (i * 7 + 3) % a.count);
  const rows = normals("noise", a.count * a.d, noise);
  for (let i = 0; i < a.count; i++)
    for (let j = 0; j < a.d; j++) rows[order[i]! * a.d + j]! += a.unit[i * a.d + j]!;
  return { order, dictionary: await dictionaryOf(backend, rows, a.count, a.d) };
}

describe.each([...backendNames].filter((n) => !n.includes("portable")))("on %s", (name) => {
  test.each([
    [6, 6],
    [5, 8],
    [8, 5],
  ])("a matching of %d and %d atoms has the largest total", async (n, m) => {
    const backend = openNamed(name);
    const [a, b] = [await random(backend, "a", n, 4), await random(backend, "b", m, 4)];
    const { partnerOfA, cosine, mean, pairs } = await matchOneToOne(backend, a, b);
    const dot = (i: number, j: number) => {
      let sum = 0;
      for (let q = 0; q < 4; q++) sum += a.unit[i * 4 + q]! * b.unit[j * 4 + q]!;
      return sum;
    };
    const [rows, columns] = [Math.min(n, m), Math.max(n, m)];
    const similarity = Array.from({ length: rows }, (_, i) =>
      Array.from({ length: columns }, (_, j) => (n <= m ? dot(i, j) : dot(j, i))),
    );
    expect(mean * pairs).toBeCloseTo(bestTotal(similarity), 5);
    expect(pairs).toBe(rows);
    partnerOfA.forEach((j, i) => {
      expect(cosine[i]).toBeCloseTo(j < 0 ? 0 : dot(i, j), 5);
    });
  });

  test("atoms in another order are found again", async () => {
    const backend = openNamed(name);
    const a = await random(backend, "a", 60, 20);
    const { order, dictionary } = await shuffled(backend, a, 0.05);
    const { partnerOfA, mean } = await matchOneToOne(backend, a, dictionary);
    expect(Array.from(partnerOfA)).toEqual(Array.from(order));
    expect(mean).toBeGreaterThan(0.95);
    const { partnerOfA: nearest } = await bestMatches(backend, a, dictionary);
    expect(Array.from(nearest)).toEqual(Array.from(order));
  });
});

const native = [...backendNames].filter((n) => n !== "reference")[0];

describe.runIf(native !== undefined)("for large dictionaries", () => {
  test.each([
    [1500, 1500],
    [500, 900],
  ])("candidates and proof give the same matching of %d and %d as all pairs", async (n, m) => {
    const backend = openNamed(native!);
    // Just above the size where candidates replace the whole matrix; unrelated dictionaries are the
    // hardest case.
    const [a, b] = [await random(backend, "a", n, 24), await random(backend, "b", m, 24)];
    const similarity = backend.float32(n * m);
    await backend.gemm({
      a: a.unit,
      b: b.unit,
      c: similarity,
      m: n,
      n: m,
      k: 24,
      transposeB: true,
    });
    const columnOfRow = new Int32Array(n);
    await backend.assign({
      n,
      m,
      indptr: Int32Array.from({ length: n + 1 }, (_, i) => i * m),
      similarity,
      v: new Float64Array(m),
      u: new Float64Array(n),
      columnOfRow,
      margin: new Float64Array(n),
    });
    const { partnerOfA } = await matchOneToOne(backend, a, b);
    expect(partnerOfA).toEqual(columnOfRow);
  });

  /** A step of `dictionary`: atom i moves by about pace(i). */
  async function move(
    backend: Backend,
    { unit, count, d }: Dictionary,
    movement: Movement,
    name: string,
    pace: (atom: number) => number,
  ) {
    const before = unit.slice();
    const change = normals(name, count * d, 1 / Math.sqrt(d));
    for (let q = 0; q < count * d; q++) unit[q]! += pace(Math.floor(q / d)) * change[q]!;
    await backend.normalizeRows({ rows: unit, unit, count, columns: d });
    const step = Float32Array.from({ length: count }, (_, r) => {
      let distance = 0;
      for (let j = r * d; j < (r + 1) * d; j++) distance += (unit[j]! - before[j]!) ** 2;
      return Math.sqrt(distance);
    });
    movement.record(step);
  }

  test.each([
    ["all pairs", 300, 300, 15],
    ["candidates", 600, 600, 15],
    // Their duals cannot start from others, and soon stop being useful.
    ["candidates among more atoms", 500, 700, 30],
  ])(
    "an incremental matcher of %s gives what solving from scratch gives, and mostly keeps it",
    async (_name, n, m, mostSolved) => {
      const backend = openNamed(native!);
      const d = 32;
      const a = await random(backend, "a", n, d);
      const others = await random(backend, "b", m, d);
      const { dictionary: near } = await shuffled(backend, a, 0.1);
      others.unit.set(near.unit);
      const [one, other] = [new Movement(n), new Movement(m)];
      const matcher = new IncrementalMatcher(backend, n, other);
      const work: string[] = [];
      for (let step = 0; step < 70; step++) {
        work.push(await matcher.match(a, others, one, other));
        const fresh = await matchOneToOne(backend, a, others);
        expect(matcher.columnOfRow).toEqual(fresh.partnerOfA);
        // Small steps, a tenth of the atoms faster than others, with a jump of a few atoms on the
        // way.
        const pace = (atom: number) => {
          if (step === 40) return atom < 6 ? 2.5 : 0;
          return atom % 10 === 0 ? 0.02 : 0.0005;
        };
        await move(backend, a, one, `a ${step}`, pace);
        await move(backend, others, other, `b ${step}`, pace);
      }
      expect(work[0]).toBe("solved");
      expect(work).toContain("kept");
      expect(work.slice(1, 40).filter((w) => w === "solved").length).toBeLessThanOrEqual(2);
      expect(work.slice(40).filter((w) => w === "solved").length).toBeLessThan(mostSolved);
    },
  );

  test("what fast atoms put in doubt is looked at alone", async () => {
    const real = openNamed(native!);
    let wanted = 0;
    const backend: Backend = {
      ...real,
      searchTopK(args) {
        for (const bits of args.groups.wanted ?? [])
          for (let g = 0; g < 32; g++) wanted += (bits >>> g) & 1;
        return real.searchTopK(args);
      },
    };
    const [n, d] = [1024, 64];
    const a = await random(backend, "a", n, d);
    const { dictionary: b } = await shuffled(backend, a, 0.02);
    const [one, other] = [new Movement(n), new Movement(n)];
    const matcher = new IncrementalMatcher(backend, n, other);
    const share: number[] = [];
    for (let step = 0; step < 60; step++) {
      wanted = 0;
      await matcher.match(a, b, one, other);
      share.push(wanted / (n * 32));
      const pace = (atom: number) => (atom % 8 === 0 ? 0.05 : 0.0001);
      await move(backend, a, one, `a ${step}`, pace);
      await move(backend, b, other, `b ${step}`, pace);
    }
    const grouped = share.slice(40, 60);
    // One atom in eight is fast, on either side.
    expect(grouped.reduce((sum, x) => sum + x, 0) / grouped.length).toBeLessThan(0.3);
    expect(Math.max(...grouped)).toBeGreaterThan(0);
  });
});
