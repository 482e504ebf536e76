import { describe, expect, test } from "vitest";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import type { Backend } from "../../backend/backend.ts";
import { bestMatches } from "./best-matches.ts";
import { type Dictionary, dictionaryOf } from "./dictionary.ts";
import { IncrementalMatcher, type Movement } from "./incremental.ts";
import { matchOneToOne } from "./one-to-one.ts";

/** Total similarity of the best assignment, by dynamic programming over subsets of columns: for small problems only. */
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
  test("candidates and proof give the same matching as all pairs", async () => {
    const backend = openNamed(native!);
    // Just above the size where candidates replace the whole matrix; unrelated dictionaries are the hardest case.
    const n = 1500;
    const [a, b] = [await random(backend, "a", n, 24), await random(backend, "b", n, 24)];
    const similarity = backend.float32(n * n);
    await backend.gemm({ a: a.unit, b: b.unit, c: similarity, m: n, n, k: 24, transposeB: true });
    const columnOfRow = new Int32Array(n);
    await backend.assign({
      ...{ n, m: n, indptr: Int32Array.from({ length: n + 1 }, (_, i) => i * n) },
      ...{ similarity, v: new Float64Array(n), u: new Float64Array(n), columnOfRow },
      margin: new Float64Array(n),
    });
    const { partnerOfA } = await matchOneToOne(backend, a, b);
    expect(partnerOfA).toEqual(columnOfRow);
  });

  test.each([
    ["all pairs", 300, 0],
    ["candidates", 600, 1],
  ])(
    "an incremental matcher of %s gives what solving from scratch gives, and mostly keeps it",
    async (_name, n, mostSolved) => {
      const backend = openNamed(native!);
      const d = 32;
      const a = await random(backend, "a", n, d);
      const { dictionary: b } = await shuffled(backend, a, 0.1);
      const pair = [a, b];
      const movements: Movement[] = pair.map(() => ({ moved: new Float32Array(n), total: 0 }));
      const matcher = new IncrementalMatcher(backend, n, n);
      const work: string[] = [];
      for (let step = 0; step < 30; step++) {
        work.push(await matcher.match(a, b, movements[0]!, movements[1]!));
        const fresh = await matchOneToOne(backend, a, b);
        expect(matcher.columnOfRow).toEqual(fresh.partnerOfA);
        // Small steps, with a jump of a few atoms on the way.
        for (const [i, dictionary] of pair.entries()) {
          const before = dictionary.unit.slice();
          const jump = step === 15 ? 0.5 : 0.002;
          const change = normals(`step ${step} ${i}`, n * d, jump);
          for (let q = 0; q < (step === 15 ? 6 * d : n * d); q++) dictionary.unit[q]! += change[q]!;
          await backend.normalizeRows({
            ...{ rows: dictionary.unit, unit: dictionary.unit },
            count: n,
            columns: d,
          });
          let most = 0;
          for (let r = 0; r < n; r++) {
            let distance = 0;
            for (let j = 0; j < d; j++)
              distance += (dictionary.unit[r * d + j]! - before[r * d + j]!) ** 2;
            movements[i]!.moved[r]! += Math.sqrt(distance);
            most = Math.max(most, Math.sqrt(distance));
          }
          movements[i]!.total += most;
        }
      }
      expect(work[0]).toBe("solved");
      // Before the jump the first solution carries all others, or nearly so.
      expect(work.slice(1, 15).filter((w) => w === "solved").length).toBeLessThanOrEqual(
        mostSolved,
      );
      expect(work).toContain("kept");
    },
  );
});
