/** @file Reference kernels that compare dictionaries. */

import type { Assign, BestMatches, PairedDots, PullRows, RaiseReach } from "../backend.ts";

export function bestMatches(args: BestMatches): void {
  const { a, b, n, m, d, bestOfA, partnerOfA, bestOfB, partnerOfB } = args;
  bestOfA.fill(Number.NEGATIVE_INFINITY, 0, n);
  bestOfB.fill(Number.NEGATIVE_INFINITY, 0, m);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++) {
      let product = 0;
      for (let q = 0; q < d; q++) product += a[i * d + q]! * b[j * d + q]!;
      product = Math.fround(product);
      if (product > bestOfA[i]!) {
        bestOfA[i] = product;
        partnerOfA[i] = j;
      }
      if (product > bestOfB[j]!) {
        bestOfB[j] = product;
        partnerOfB[j] = i;
      }
    }
}

/**
 * The Hungarian method with potentials, O(n² m); the start of v is ignored. Pairs outside the graph
 * cost more than any assignment could gain, so rows that need one are found and reported.
 */
export function assign(args: Assign): number {
  const { n, m, indptr, columns, similarity } = args;
  const outside = 1e6;
  const cost = Array.from({ length: n }, (_, r) => {
    const row = new Float64Array(m).fill(outside);
    for (let e = indptr[r]!; e < indptr[r + 1]!; e++)
      row[columns?.[e] ?? e - indptr[r]!] = -similarity[e]!;
    return row;
  });
  // Row 0 and column 0 are sentinels.
  const u = new Float64Array(n + 1);
  const v = new Float64Array(m + 1);
  const rowOf = new Int32Array(m + 1);
  for (let r = 1; r <= n; r++) {
    rowOf[0] = r;
    let column = 0;
    const least = new Float64Array(m + 1).fill(Number.POSITIVE_INFINITY);
    const previous = new Int32Array(m + 1);
    const used = new Uint8Array(m + 1);
    do {
      used[column] = 1;
      const row = rowOf[column]!;
      let delta = Number.POSITIVE_INFINITY;
      let next = 0;
      for (let j = 1; j <= m; j++) {
        if (used[j]) continue;
        const reduced = cost[row - 1]![j - 1]! - u[row]! - v[j]!;
        if (reduced < least[j]!) {
          least[j] = reduced;
          previous[j] = column;
        }
        if (least[j]! < delta) {
          delta = least[j]!;
          next = j;
        }
      }
      for (let j = 0; j <= m; j++)
        if (used[j]) {
          u[rowOf[j]!]! += delta;
          v[j]! -= delta;
        } else least[j]! -= delta;
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      const before = previous[column]!;
      rowOf[column] = rowOf[before]!;
      column = before;
    }
  }
  let unassigned = 0;
  for (let j = 1; j <= m; j++) {
    args.v[j - 1] = -v[j]!;
    const row = rowOf[j]!;
    if (row === 0) continue;
    const inGraph = cost[row - 1]![j - 1]! < outside;
    args.columnOfRow[row - 1] = inGraph ? j - 1 : -1;
    if (!inGraph) unassigned++;
  }
  const shift = n === m ? args.v.reduce((sum, x) => sum + x, 0) / m : 0;
  for (let j = 0; j < m; j++) args.v[j]! -= shift;
  for (let r = 0; r < n; r++) {
    args.u[r] = shift - u[r + 1]!;
    const own = args.columnOfRow[r]!;
    let least = Number.POSITIVE_INFINITY;
    for (let j = 0; j < m; j++) {
      const slack = args.u[r]! + args.v[j]! + cost[r]![j]!;
      if (j !== own && cost[r]![j]! < outside) least = Math.min(least, slack);
    }
    args.margin[r] = own < 0 ? 0 : least;
  }
  return unassigned;
}

export function pullRows(args: PullRows): void {
  const { unit, parameter, dSae, dIn, indptr, out } = args;
  for (let f = 0; f < dSae; f++) {
    const g = new Float64Array(dIn);
    for (let e = indptr[f]!; e < indptr[f + 1]!; e++) {
      const atoms = args.partners[args.partner[e]!]!;
      for (let j = 0; j < dIn; j++) g[j]! += args.weight[e]! * atoms[args.row[e]! * dIn + j]!;
    }
    let along = 0;
    let norm2 = 0;
    for (let j = 0; j < dIn; j++) {
      along += g[j]! * unit[f * dIn + j]!;
      norm2 += (parameter ? parameter[f * dIn + j]! : 0) ** 2;
    }
    const scale = parameter ? (norm2 > 0 ? 1 / Math.sqrt(norm2) : 0) : 1;
    for (let j = 0; j < dIn; j++) out[f * dIn + j] = scale * (g[j]! - along * unit[f * dIn + j]!);
  }
}

export function raiseReach(args: RaiseReach): number {
  const { reach, rows, groups, byRow, byGroup, level, above, most } = args;
  let rowsAbove = 0;
  for (let r = 0; r < rows; r++) {
    above[r] = 0;
    most[r] = Number.NEGATIVE_INFINITY;
    for (let g = 0; g < groups; g++) {
      reach[r * groups + g]! += Math.fround((byRow?.[r] ?? 0) + (byGroup?.[g] ?? 0));
      if (!(reach[r * groups + g]! <= level[r]!)) above[r]! |= 1 << g;
      if (reach[r * groups + g]! > most[r]!) most[r] = reach[r * groups + g]!;
    }
    if (above[r] !== 0) rowsAbove++;
  }
  return rowsAbove;
}

export function pairedDots(args: PairedDots): void {
  const { a, b, index, count, d, out } = args;
  for (let i = 0; i < count; i++) {
    const row = index ? index[i]! : i;
    let product = 0;
    for (let j = 0; j < d; j++) product += a[i * d + j]! * b[row * d + j]!;
    out[i] = product;
  }
}
