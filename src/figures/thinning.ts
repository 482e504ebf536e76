/** @file Fewer points where thousands would say no more: always the same ones for the same data. */

import { permutation, randomStream } from "../base/philox.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * At most about `most` points of a curve: of each stretch its first, lowest, highest and last, so
 * that spikes stay visible.
 *
 * @param points In order of x.
 */
export function thinnedCurve<P extends Point>(points: readonly P[], most: number): readonly P[] {
  const stretches = Math.max(1, Math.floor(most / 4));
  if (points.length <= 4 * stretches) return points;
  const kept: P[] = [];
  for (let s = 0; s < stretches; s++) {
    const from = Math.floor((s * points.length) / stretches);
    const to = Math.floor(((s + 1) * points.length) / stretches);
    let lowest = from;
    let highest = from;
    for (let i = from; i < to; i++) {
      if (points[i]!.y < points[lowest]!.y) lowest = i;
      if (points[i]!.y > points[highest]!.y) highest = i;
    }
    const chosen = new Set([from, lowest, highest, to - 1]);
    for (const i of [...chosen].sort((a, b) => a - b)) kept.push(points[i]!);
  }
  return kept;
}

/**
 * `most` of the positions 0 … n−1, drawn without replacement by a fixed stream, in ascending order;
 * all when there are no more.
 */
export function sampledPositions(n: number, most: number): Int32Array {
  if (n <= most) return Int32Array.from({ length: n }, (_, i) => i);
  const order = permutation(randomStream(0, `report/sample/${n}`), n);
  return order.slice(0, most).sort();
}
