/**
 * @file Zeros and poles paired into second-order sections, so that a high order stays exact in
 *   float64. Pairing and order of `scipy.signal.zpk2sos(pairing="nearest")`: poles nearest the unit
 *   circle go into the last section, each with the zeros nearest to it. The gain goes into the
 *   first.
 */

import { ConcordError } from "../../../errors.ts";
import {
  type Complex,
  complex,
  conjugate,
  isReal,
  magnitude,
  multiply,
  subtract,
} from "./complex.ts";
import type { Sections } from "./sections.ts";
import type { Zpk } from "./zpk.ts";

/** Roots closer to the real axis than this share of their magnitude are real: 100 ε. */
const REAL_TOLERANCE = 100 * Number.EPSILON;

/**
 * Pairs a digital filter's roots into sections.
 *
 * @throws {ConcordError} when complex roots do not come in conjugate pairs.
 */
export function zpkToSections({ zeros, poles, gain }: Zpk): Sections {
  const length = Math.max(zeros.length, poles.length);
  const even = length + (length % 2);
  const z = halfPlane(padded(zeros, even));
  const p = halfPlane(padded(poles, even));
  const count = even / 2;
  const sections = new Float64Array(6 * Math.max(1, count));
  if (count === 0) sections.set([1, 0, 0, 1, 0, 0]);
  for (let s = count - 1; s >= 0; s--) {
    const p1 = take(p, nearestToUnitCircle(p));
    let pair: [Complex, Complex];
    let zeroPair: [Complex, Complex];
    if (isReal(p1) && !p.some(isReal)) {
      pair = [p1, complex(0)];
      zeroPair = [take(z, nearest(z, p1, "real")), complex(0)];
    } else if (
      p.length + 1 === z.length &&
      !isReal(p1) &&
      p.filter(isReal).length === 1 &&
      z.filter(isReal).length === 1
    ) {
      // One real pole and one real zero must remain for each other.
      const z1 = take(z, nearest(z, p1, "complex"));
      pair = [p1, conjugate(p1)];
      zeroPair = [z1, conjugate(z1)];
    } else {
      pair = [p1, isReal(p1) ? take(p, nearestToUnitCircle(p, isReal)) : conjugate(p1)];
      const z1 = take(z, nearest(z, p1, "any"));
      zeroPair = [z1, isReal(z1) ? take(z, nearest(z, p1, "real")) : conjugate(z1)];
    }
    sections.set([...quadratic(zeroPair), ...quadratic(pair)], 6 * s);
  }
  for (let i = 0; i < 3; i++) sections[i] = sections[i]! * gain;
  return sections;
}

function padded(roots: readonly Complex[], length: number): Complex[] {
  return [...roots, ...Array.from({ length: length - roots.length }, () => complex(0))];
}

/**
 * Real roots, and of each conjugate pair the one above the real axis, averaged; complex ones first,
 * by real part.
 */
function halfPlane(roots: readonly Complex[]): Complex[] {
  const sorted = [...roots].sort((a, b) => a.re - b.re || Math.abs(a.im) - Math.abs(b.im));
  const real: Complex[] = [];
  const above: Complex[] = [];
  const below: Complex[] = [];
  for (const root of sorted) {
    if (Math.abs(root.im) <= REAL_TOLERANCE * magnitude(root)) real.push(complex(root.re));
    else (root.im > 0 ? above : below).push(root);
  }
  const pairs = sortRuns(above);
  const mirrored = sortRuns(below);
  const complexOnes = pairs.map((a, i) => {
    const b = mirrored[i];
    if (
      b === undefined ||
      pairs.length !== mirrored.length ||
      magnitude(subtract(a, conjugate(b))) > REAL_TOLERANCE * magnitude(b)
    ) {
      throw new ConcordError("argument/invalid", "Complex roots must come in conjugate pairs.");
    }
    return complex((a.re + b.re) / 2, (a.im - b.im) / 2);
  });
  return [...complexOnes, ...real];
}

/** Sorts runs of (nearly) the same real part by the imaginary part's magnitude. */
function sortRuns(roots: readonly Complex[]): Complex[] {
  const out: Complex[] = [];
  let run: Complex[] = [];
  for (const [i, root] of roots.entries()) {
    const previous = roots[i - 1];
    const same =
      previous !== undefined && root.re - previous.re <= REAL_TOLERANCE * magnitude(previous);
    if (!same) {
      out.push(...run);
      run = [];
    }
    run.push(root);
    run.sort((a, b) => Math.abs(a.im) - Math.abs(b.im));
  }
  return [...out, ...run];
}

function take(roots: Complex[], index: number): Complex {
  return roots.splice(index, 1)[0]!;
}

function nearestToUnitCircle(
  roots: Complex[],
  among: (r: Complex) => boolean = () => true,
): number {
  return indexOfLeast(roots, (r) => (among(r) ? Math.abs(1 - magnitude(r)) : Infinity));
}

function nearest(roots: Complex[], to: Complex, kind: "real" | "complex" | "any"): number {
  return indexOfLeast(roots, (r) =>
    kind === "any" || isReal(r) === (kind === "real") ? magnitude(subtract(r, to)) : Infinity,
  );
}

function indexOfLeast(roots: readonly Complex[], cost: (r: Complex) => number): number {
  let best = 0;
  for (let i = 1; i < roots.length; i++) if (cost(roots[i]!) < cost(roots[best]!)) best = i;
  return best;
}

/** Coefficients of (x − a)(x − b), highest power first. */
function quadratic([a, b]: readonly [Complex, Complex]): [number, number, number] {
  return [1, -(a.re + b.re), multiply(a, b).re];
}
