/**
 * @file Where scalp electrodes sit: the 10–20 system and its 10–10 extension on a unit sphere, and
 *   flattened for maps.
 *
 * The idealised head: Cz is the pole, and Fpz and Oz lie on the equator. 10 % of an arc over the
 * vertex is 22.5°, 10 % of the circumference from front to back is 18°. Rows run through three
 * known points in equal steps (Jasper 1958; Nuwer et al. 1998, "IFCN standards for digital
 * recording of clinical EEG"; Oostenveld and Praamstra 2001 for the names).
 */

/** A point of the head: x to the right ear, y to the nose, z up; the scalp is the unit sphere. */
export type Point3 = readonly [x: number, y: number, z: number];

/** A point of a map: the head from above, nose up, the equator at radius 1. */
export type Point2 = readonly [x: number, y: number];

/**
 * The 19 electrodes of the 10–20 system, front to back, with the modern names of the temporal ones.
 */
export const TEN_TWENTY: readonly string[] =
  "Fp1 Fp2 F7 F3 Fz F4 F8 T7 C3 Cz C4 T8 P7 P3 Pz P4 P8 O1 O2".split(" ");

/**
 * Rows of the 10–10 system from ear to ear: prefix of the names, and the electrodes on the equator
 * at both ends.
 */
const ROWS: readonly (readonly [prefix: string, left: string, right: string])[] = [
  ["AF", "AF7", "AF8"],
  ["F", "F7", "F8"],
  ["FC", "FT7", "FT8"],
  ["C", "T7", "T8"],
  ["CP", "TP7", "TP8"],
  ["P", "P7", "P8"],
  ["PO", "PO7", "PO8"],
];
/** On the equator from front to back, 18° apart, left side; the right side has even numbers. */
const EQUATOR = "Fpz Fp1 AF7 F7 FT7 T7 TP7 P7 PO7 O1 Oz".split(" ");
/** 22.5° below the equator, in the same directions. */
const LOW_RING = "Nz N1 AF9 F9 FT9 T9 TP9 P9 PO9 I1 Iz".split(" ");
/** From the nose over the vertex to the back, 22.5° apart. */
const MIDLINE = "Nz Fpz AFz Fz FCz Cz CPz Pz POz Oz Iz".split(" ");

const DEGREE = Math.PI / 180;

/** Inclination from Cz and azimuth from the nose, left positive, in degrees. */
function onSphere(inclination: number, azimuth: number): Point3 {
  const radius = Math.sin(inclination * DEGREE);
  return [
    -radius * Math.sin(azimuth * DEGREE) + 0,
    radius * Math.cos(azimuth * DEGREE),
    Math.cos(inclination * DEGREE),
  ];
}

function mirror([x, y, z]: Point3): Point3 {
  return [-x + 0, y, z];
}

/** "F7" → "F8", "I1" → "I2", "FT9" → "FT10". */
function rightName(left: string): string {
  return left.replace(/\d+$/, (digits) => String(Number(digits) + 1));
}

function buildPositions(): ReadonlyMap<string, Point3> {
  const positions = new Map<string, Point3>();
  for (const [ring, inclination] of [
    [EQUATOR, 90],
    [LOW_RING, 112.5],
  ] as const) {
    for (const [i, name] of ring.entries()) {
      const point = onSphere(inclination, 18 * i);
      positions.set(name, point);
      if (/\d$/.test(name)) positions.set(rightName(name), mirror(point));
    }
  }
  for (const [i, name] of MIDLINE.entries()) {
    const front = i <= 5;
    positions.set(name, onSphere(Math.abs(5 - i) * 22.5, front ? 0 : 180));
  }
  for (const [prefix, left] of ROWS) {
    const outer = positions.get(left)!;
    const middle = positions.get(`${prefix}z`)!;
    for (const [i, number] of [5, 3, 1].entries()) {
      const point = alongRow(outer, middle, (i + 1) / 4);
      positions.set(`${prefix}${number}`, point);
      positions.set(`${prefix}${number + 1}`, mirror(point));
    }
  }
  return positions;
}

/**
 * The point a share of the way from `left` to `middle` along the circle through left, middle and
 * left's mirror image.
 *
 * In that circle's plane, with u along x and v from the chord's middle up to `middle`: ends (±a,
 * 0), top (0, h).
 */
function alongRow(left: Point3, middle: Point3, share: number): Point3 {
  const a = Math.abs(left[0]);
  const rise = [middle[1] - left[1], middle[2] - left[2]] as const;
  const h = Math.hypot(...rise);
  const radius = (a * a + h * h) / (2 * h);
  // From the top to the left end, seen from the circle's centre.
  const whole = Math.atan2(a, radius - h);
  const angle = (1 - share) * whole;
  const v = h - radius + radius * Math.cos(angle);
  return [-radius * Math.sin(angle), left[1] + (v * rise[0]) / h, left[2] + (v * rise[1]) / h];
}

const POSITIONS = buildPositions();

/** Every name that has a position, in no meaningful order. */
export const ELECTRODES: readonly string[] = [...POSITIONS.keys()];

/**
 * Where an electrode sits.
 *
 * @param name As in {@link ELECTRODES}; `parseChannelLabel` finds it in a recording's label.
 * @returns undefined for a name that is not a scalp electrode of the 10–10 system.
 */
export function electrodePosition(name: string): Point3 | undefined {
  return POSITIONS.get(name);
}

/**
 * The azimuthal equidistant projection for maps: distance from the middle is the angle from Cz, 1
 * at the equator.
 *
 * @returns undefined where {@link electrodePosition} is.
 */
export function electrodeMapPosition(name: string): Point2 | undefined {
  const point = POSITIONS.get(name);
  if (point === undefined) return undefined;
  const [x, y, z] = point;
  const inclination = Math.acos(Math.max(-1, Math.min(1, z))) / (Math.PI / 2);
  const flat = Math.hypot(x, y);
  return flat < 1e-12 ? [0, 0] : [(x / flat) * inclination, (y / flat) * inclination];
}
