/** @file A box in three dimensions seen from outside, by parallel projection. */

export type Vector = readonly [number, number, number];

/** Half the sides of the box: its height to its sides as matplotlib has them, 3 : 4. */
export const BOX: Vector = [1, 1, 0.75];

export interface View {
  /** Place of a point of the box in the figure, in pixels. */
  place(p: Vector): { readonly x: number; readonly y: number };
  /** How near a point is to the viewer: 0 at the back of the box, 1 at the front. */
  nearness(p: Vector): number;
  /** The corners of the box that are farthest from the viewer and nearest. */
  readonly far: Vector;
  readonly near: Vector;
  /** Lower end of the box in the figure. */
  readonly bottom: number;
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

const CORNERS: readonly Vector[] = [-1, 1].flatMap((x) =>
  [-1, 1].flatMap((y) => [-1, 1].map((z): Vector => [x * BOX[0], y * BOX[1], z * BOX[2]])),
);

/**
 * Fits the box between `left` and `right`, from `top` down.
 *
 * @param elevation Where one looks from, in degrees as matplotlib counts them.
 * @param azimuth The same.
 */
export function viewOfBox(
  { elevation, azimuth }: { readonly elevation: number; readonly azimuth: number },
  { left, right, top }: { readonly left: number; readonly right: number; readonly top: number },
): View {
  const e = (elevation * Math.PI) / 180;
  const a = (azimuth * Math.PI) / 180;
  const [ce, se, ca, sa] = [Math.cos(e), Math.sin(e), Math.cos(a), Math.sin(a)];
  const toViewer: Vector = [ce * ca, ce * sa, se];
  const rightwards: Vector = [-sa, ca, 0];
  const down: Vector = [se * ca, se * sa, -ce];
  const xs = CORNERS.map((p) => dot(p, rightwards));
  const ys = CORNERS.map((p) => dot(p, down));
  const unit = (right - left) / (Math.max(...xs) - Math.min(...xs));
  const corner = (sign: number): Vector => [
    Math.sign(toViewer[0] || 1) * sign * BOX[0],
    Math.sign(toViewer[1] || 1) * sign * BOX[1],
    Math.sign(toViewer[2] || 1) * sign * BOX[2],
  ];
  return {
    place: (p) => ({
      x: left + (dot(p, rightwards) - Math.min(...xs)) * unit,
      y: top + (dot(p, down) - Math.min(...ys)) * unit,
    }),
    nearness: (p) => (dot(p, toViewer) / Math.hypot(...BOX) + 1) / 2,
    far: corner(-1),
    near: corner(1),
    bottom: top + (Math.max(...ys) - Math.min(...ys)) * unit,
  };
}
