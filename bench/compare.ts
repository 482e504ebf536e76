/**
 * @file Comparing two dictionaries as `concord compare` does: largest cosines both ways, and the
 *   exact one-to-one assignment. They are measured against NumPy's blocked product with running
 *   maxima, and against SciPy's assignment of the whole matrix (bench/peers/compare.py).
 *
 * Half of the atoms of b are those of a with noise, in another order, as two seeds of one SAE share
 * some of theirs; the others are random. Directions of the peer are drawn alike.
 */

import type { Backend } from "../src/backend/backend.ts";
import { bestMatches } from "../src/consistency/matching/best-matches.ts";
import type { Dictionary } from "../src/consistency/matching/dictionary.ts";
import { matchOneToOne } from "../src/consistency/matching/one-to-one.ts";
import { againstPeers, type BenchLine, timed, timing } from "./harness.ts";

/** Size of the noise on shared atoms, relative to them. */
const NOISE = 0.5;

async function dictionaries(backend: Backend, count: number, d: number) {
  const made = async (k1: number): Promise<Dictionary> => {
    const unit = backend.float32(count * d);
    await backend.fillRandom({ k0: 7, k1, start: 0, out: unit, normal: true });
    await backend.normalizeRows({ rows: unit, unit, count, columns: d });
    return { unit, count, d };
  };
  const [a, b] = [await made(1), await made(2)];
  for (let i = 0; i < count; i += 2) {
    const from = (count - 2 - i) * d;
    for (let q = 0; q < d; q++) b.unit[i * d + q] = a.unit[from + q]! + NOISE * b.unit[i * d + q]!;
  }
  await backend.normalizeRows({ rows: b.unit, unit: b.unit, count, columns: d });
  return [a, b] as const;
}

/** Largest cosines both ways, of two dictionaries of 24 576 atoms. */
export async function benchCompare(backend: Backend): Promise<BenchLine[]> {
  const [count, d] = [24576, 768];
  const [a, b] = await dictionaries(backend, count, d);
  return againstPeers(
    () => timed(() => bestMatches(backend, a, b), { warmup: 1, repeats: 3 }),
    {
      name: "compare",
      shape: { atoms: count, d_in: d },
      threads: backend.threads,
      isa: backend.isa,
      memory_mib: Math.round(process.memoryUsage().rss / 2 ** 20),
    },
    "compare.py",
    { atoms: count, "d-in": d, task: "maxima", repeats: 2, threads: backend.threads },
    () => 2.5,
  );
}

/** The exact assignment: next to SciPy where that is possible, and of 32 768 atoms. */
export async function benchAssign(backend: Backend): Promise<BenchLine[]> {
  const facts = { name: "assign", threads: backend.threads, isa: backend.isa };
  const [small, d] = [3072, 768];
  const [a, b] = await dictionaries(backend, small, d);
  const next = await againstPeers(
    () => timed(() => matchOneToOne(backend, a, b), { warmup: 2, repeats: 7 }),
    { ...facts, shape: { atoms: small, d_in: d } },
    "compare.py",
    { atoms: small, "d-in": d, task: "assignment", repeats: 3, threads: backend.threads },
    () => 5,
  );
  const large = 32768;
  const [x, y] = await dictionaries(backend, large, d);
  const ms = await timed(() => matchOneToOne(backend, x, y), { warmup: 0, repeats: 1 });
  const memory = Math.round(process.resourceUsage().maxRSS / 2 ** 10);
  const alone = { ...facts, shape: { atoms: large, d_in: d }, ms: timing(ms) };
  return [...next, { ...alone, exact: true, peak_memory_mib: memory }];
}
