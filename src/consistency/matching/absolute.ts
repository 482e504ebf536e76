/** @file One-to-one matching by |cosine|: an atom and its negative count as the same direction. */

import type { Backend } from "../../backend/backend.ts";
import { type Dictionary, requireSameSpace } from "./dictionary.ts";

/** Every |cosine| is held in memory, 4 bytes each: 256 MiB. */
const MOST_ABSOLUTE_PAIRS = 2 ** 26;

/**
 * Mean |cosine| under the one-to-one assignment in which it is largest, over min(n, m) pairs.
 *
 * @returns Undefined for more than `MOST_ABSOLUTE_PAIRS` pairs of atoms.
 * @throws {ShapeError} for dictionaries of different d.
 */
export async function absoluteMcc(
  backend: Backend,
  a: Dictionary,
  b: Dictionary,
): Promise<number | undefined> {
  requireSameSpace(a, b);
  const [rows, columns] = a.count > b.count ? [b, a] : [a, b];
  const [n, m, k] = [rows.count, columns.count, rows.d];
  if (n * m > MOST_ABSOLUTE_PAIRS) return undefined;
  const similarity = backend.float32(n * m);
  await backend.gemm({
    a: rows.unit,
    b: columns.unit,
    c: similarity,
    m: n,
    n: m,
    k,
    transposeB: true,
  });
  for (let i = 0; i < similarity.length; i++) similarity[i] = Math.abs(similarity[i]!);
  const columnOfRow = new Int32Array(n);
  await backend.assign({
    n,
    m,
    similarity,
    columnOfRow,
    indptr: Int32Array.from({ length: n + 1 }, (_, r) => r * m),
    v: new Float64Array(m),
    u: new Float64Array(n),
    margin: new Float64Array(n),
  });
  let sum = 0;
  for (let r = 0; r < n; r++) sum += similarity[r * m + columnOfRow[r]!]!;
  return sum / n;
}
