/**
 * @file Where a quantity on a disk is above a threshold, as outlines. They are found by marching
 *   squares on a polar grid, so that the rim is smooth and nothing has to be cut off.
 */

/**
 * Values on a disk: `values[ring · spokes + spoke]`. Ring 0 is the middle, one point whatever the
 * spoke; the last ring is the rim; the spokes go once around.
 */
export interface DiskGrid {
  readonly rings: number;
  readonly spokes: number;
  readonly values: ArrayLike<number>;
}

/** A point of the disk: share of the radius, and the angle from the first spoke in turns. */
export interface PolarPoint {
  readonly radius: number;
  readonly turn: number;
}

/**
 * Rings and spokes of a map the size of a hand's breadth: cells of about four pixels at the rim.
 */
export const DISK_RINGS = 19;
export const DISK_SPOKES = 72;

/** The points that a grid's values are of, in their order. */
export function diskPoints(rings = DISK_RINGS, spokes = DISK_SPOKES): PolarPoint[] {
  return Array.from({ length: rings * spokes }, (_, i) => ({
    radius: Math.floor(i / spokes) / (rings - 1),
    turn: (i % spokes) / spokes,
  }));
}

/** One side of a cell, by the grid point that it starts at and its direction. */
function edgeKey(ring: number, spoke: number, along: "out" | "round"): number {
  return 2 * ((ring << 16) + spoke) + (along === "out" ? 0 : 1);
}

/**
 * The outlines of {p : value(p) ≥ threshold}, each closed; filled by the even-odd rule they are
 * that region.
 *
 * Between grid points the value runs linearly. Beyond the rim it counts as below the threshold;
 * what is not finite does everywhere.
 */
export function outlinesAbove(grid: DiskGrid, threshold: number): PolarPoint[][] {
  const { rings, spokes, values } = grid;
  const value = (ring: number, spoke: number) => {
    if (ring === rings) return Number.NEGATIVE_INFINITY;
    const v = values[ring === 0 ? 0 : ring * spokes + (spoke % spokes)]!;
    return Number.isFinite(v) ? v : Number.NEGATIVE_INFINITY;
  };
  const above = (ring: number, spoke: number) => value(ring, spoke) >= threshold;
  const next = new Map<number, number>();
  const places = new Map<number, PolarPoint>();

  /** The crossing between two neighbours, as the key of their common side. */
  const crossing = (
    key: number,
    [r0, s0]: readonly [number, number],
    [r1, s1]: readonly [number, number],
  ) => {
    if (places.has(key)) return key;
    const [a, b] = [value(r0, s0), value(r1, s1)];
    // Next to what has no value, the outline runs through the point that has one.
    const t = !Number.isFinite(a) ? 1 : !Number.isFinite(b) ? 0 : (threshold - a) / (b - a);
    places.set(key, {
      radius: (r0 + t * (r1 - r0)) / (rings - 1),
      turn: (s0 + t * (s1 - s0)) / spokes,
    });
    return key;
  };

  for (let r = 0; r < rings; r++)
    for (let s = 0; s < spokes; s++) {
      const after = (s + 1) % spokes;
      const inside = [above(r, s), above(r, s + 1), above(r + 1, s + 1), above(r + 1, s)];
      const sides = [
        () => crossing(edgeKey(r, s, "round"), [r, s], [r, s + 1]),
        () => crossing(edgeKey(r, after, "out"), [r, s + 1], [r + 1, s + 1]),
        () => crossing(edgeKey(r + 1, s, "round"), [r + 1, s], [r + 1, s + 1]),
        () => crossing(edgeKey(r, s, "out"), [r, s], [r + 1, s]),
      ];
      // Going round the cell, the outline enters the region on one side and leaves it on another.
      const enters = [0, 1, 2, 3].filter((i) => !inside[i] && inside[(i + 1) % 4]);
      const leaves = [0, 1, 2, 3].filter((i) => inside[i] && !inside[(i + 1) % 4]);
      const middle = (value(r, s) + value(r, s + 1) + value(r + 1, s + 1) + value(r + 1, s)) / 4;
      for (const from of leaves) {
        // In a saddle the corners above are one region when the middle is above too, and two when
        // it is not.
        const step = enters.length === 2 && middle >= threshold ? 1 : 3;
        const to = enters.length === 1 ? enters[0]! : (from + step) % 4;
        next.set(sides[from]!(), sides[to]!());
      }
    }
  return followed(next).map((keys) => keys.map((key) => places.get(key)!));
}

/** Closed chains of a map that takes every element to another. */
function followed(next: ReadonlyMap<number, number>): number[][] {
  const seen = new Set<number>();
  const chains: number[][] = [];
  for (const start of next.keys()) {
    if (seen.has(start)) continue;
    const chain: number[] = [];
    for (let key = start; !seen.has(key); key = next.get(key)!) {
      seen.add(key);
      chain.push(key);
    }
    chains.push(chain);
  }
  return chains;
}
