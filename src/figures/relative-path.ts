/**
 * @file Long polylines as short text: a start, then steps to a tenth of a pixel whose rounding does
 *   not add up.
 */

import type { Point } from "./thinning.ts";

/** One uninterrupted stretch of a line. */
export type Piece = readonly Point[];

/** Tenths of a pixel as text: 3, −0.4. */
function tenths(n: number): string {
  return String(n / 10 || 0);
}

/**
 * Path data of polylines, about seven characters per point; a point alone is a line of no length.
 */
export function relativePath(pieces: readonly Piece[]): string {
  return pieces
    .map((points) => {
      let [x, y] = [Math.round(10 * points[0]!.x), Math.round(10 * points[0]!.y)];
      const start = `M${tenths(x)} ${tenths(y)}`;
      if (points.length === 1) return `${start}h0`;
      const steps = points.slice(1).map((p) => {
        const [nextX, nextY] = [Math.round(10 * p.x), Math.round(10 * p.y)];
        const step = `l${tenths(nextX - x)} ${tenths(nextY - y)}`;
        [x, y] = [nextX, nextY];
        return step;
      });
      return start + steps.join("");
    })
    .join("");
}
