/**
 * @file How the light of parts of a galaxy is spread. Profiles are those of the literature: Sérsic
 *   1963, with b_n of Ciotti and Bertin 1999; an edge-on disk exponential along itself and sech²
 *   across it (van der Kruit and Searle 1981); logarithmic spirals. How parts are put together, and
 *   their numbers, are ours.
 */

/** Brightness at a place: in pixels from the centre, along the long axis and across it. */
export type Light = (x: number, y: number) => number;

/**
 * A Sérsic profile, 1 at the effective radius: exp(−b_n ((r / r_e)^(1/n) − 1)), r² = x² + (y / q)².
 *
 * @param q Axis ratio, from 0 (a line) to 1 (round).
 */
export function sersic(n: number, effectiveRadius: number, q: number): Light {
  const b = 2 * n - 1 / 3 + 4 / (405 * n);
  // The core is as wide as a pixel sees it; profiles of large n have a cusp there.
  const core = 0.35 ** 2;
  return (x, y) => {
    const r = Math.sqrt(x * x + (y / q) ** 2 + core);
    return Math.exp(-b * ((r / effectiveRadius) ** (1 / n) - 1));
  };
}

/** A disk seen from its edge, 1 in the middle: exp(−|x| / length) sech²(y / height). */
export function edgeOnDisk(length: number, height: number): Light {
  return (x, y) => Math.exp(-Math.abs(x) / length) / Math.cosh(y / height) ** 2;
}

/**
 * What arms make of a disk: 1 − depth + depth · ((1 + cos m(φ − ln(r / r₀) / tan p)) / 2)^sharpness
 * · 2, in the plane of the disk.
 *
 * @param arms  m, their number.
 * @param pitch p, radians; below zero they wind the other way.
 * @param q     Axis ratio of the tilted disk.
 */
export function spiralArms(
  arms: number,
  pitch: number,
  inner: number,
  depth: number,
  q: number,
): Light {
  const slope = 1 / Math.tan(pitch);
  return (x, y) => {
    const v = y / q;
    const r = Math.hypot(x, v) + 1e-6;
    const phase = arms * (Math.atan2(v, x) - slope * Math.log(r / inner));
    // Inside the bulge there are none.
    const grown = depth * (1 - Math.exp(-((r / inner) ** 2)));
    return 1 - grown + 2 * grown * ((1 + Math.cos(phase)) / 2) ** 2;
  };
}
