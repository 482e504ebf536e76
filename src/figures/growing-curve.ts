/** @file A curve of any number of points in bounded memory, for logs that are read line by line. */

import type { Point } from "./thinning.ts";

/** Points of a curve, and how many original points each represents. */
export interface KeptCurve {
  /** In order of x. */
  readonly points: readonly Point[];
  readonly logged: number;
}

interface Bucket {
  /** It holds the lines from number × stride on. */
  number: number;
  readonly first: Point;
  lowest: Point;
  highest: Point;
}

/** More than any figure draws; see `thinnedCurve`. */
const MOST_BUCKETS = 512;

/**
 * Keeps of each bucket of 2^k lines the first, the lowest and the highest point, and the last of
 * all. It keeps every point while there are no more than 512. Curves of logs of equal length have
 * the firsts of their buckets at the same steps.
 */
export class GrowingCurve {
  #buckets: Bucket[] = [];
  /** Lines in a bucket. */
  #stride = 1;
  #last: Point | undefined;
  #logged = 0;

  /**
   * @param line Number of the line of the log, ascending.
   * @param point In order of x; y is finite.
   */
  add(line: number, point: Point): void {
    this.#logged++;
    this.#last = point;
    const number = Math.floor(line / this.#stride);
    const last = this.#buckets.at(-1);
    if (last?.number === number) {
      widen(last, point, point);
      return;
    }
    this.#buckets.push({ number, first: point, lowest: point, highest: point });
    if (this.#buckets.length > MOST_BUCKETS) this.#halve();
  }

  #halve(): void {
    this.#stride *= 2;
    const kept: Bucket[] = [];
    for (const bucket of this.#buckets) {
      bucket.number = Math.floor(bucket.number / 2);
      const last = kept.at(-1);
      if (last?.number === bucket.number) widen(last, bucket.lowest, bucket.highest);
      else kept.push(bucket);
    }
    this.#buckets = kept;
  }

  get curve(): KeptCurve {
    const points: Point[] = [];
    const keep = (point: Point) => {
      if (point.x > (points.at(-1)?.x ?? Number.NEGATIVE_INFINITY)) points.push(point);
    };
    for (const { first, lowest, highest } of this.#buckets) {
      keep(first);
      for (const point of lowest.x < highest.x ? [lowest, highest] : [highest, lowest]) keep(point);
    }
    if (this.#last) keep(this.#last);
    return { points, logged: this.#logged };
  }
}

function widen(bucket: Bucket, low: Point, high: Point): void {
  if (low.y < bucket.lowest.y) bucket.lowest = low;
  if (high.y > bucket.highest.y) bucket.highest = high;
}
