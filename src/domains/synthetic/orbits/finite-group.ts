/** @file The cyclic and dihedral groups by name, as multiplication tables. */

import { expected } from "../../../errors.ts";

/** Most elements of a group: each one is a row of every orbit. */
const MOST_ELEMENTS = 64;

/** A finite group whose elements are numbered; 0 is the identity. */
export interface FiniteGroup {
  /** `c4`, `d3`. */
  readonly name: string;
  /** Number of elements. */
  readonly size: number;
  /** [size, size]: the number of g · h. */
  readonly product: Int32Array;
}

function cyclicProduct(n: number): Int32Array {
  return Int32Array.from({ length: n * n }, (_, at) => (Math.floor(at / n) + (at % n)) % n);
}

/** Elements r^i are 0 … n − 1, and r^i s are n … 2n − 1, with s r = r⁻¹ s. */
function dihedralProduct(n: number): Int32Array {
  const size = 2 * n;
  return Int32Array.from({ length: size * size }, (_, at) => {
    const [g, h] = [Math.floor(at / size), at % size];
    const turns = g < n ? (g % n) + (h % n) : (g % n) - (h % n) + n;
    const isMirrored = g < n !== h < n;
    return (turns % n) + (isMirrored ? n : 0);
  });
}

/**
 * A group by its name: `c4` are the rotations by quarter turns, `d4` these and their reflections.
 *
 * @throws {ConcordError} `argument/invalid` for another name, and for more than 64 elements.
 */
export function finiteGroup(name: string, key = "group"): FiniteGroup {
  const [, kind, digits] = /^([cd])([1-9]\d*)$/.exec(name) ?? [];
  const n = Number(digits);
  const size = kind === "d" ? 2 * n : n;
  if (kind === undefined || size < 2 || size > MOST_ELEMENTS)
    throw expected(
      key,
      `c2 to c${MOST_ELEMENTS} (cyclic) or d1 to d${MOST_ELEMENTS / 2} (dihedral)`,
      name,
    );
  return { name, size, product: kind === "d" ? dihedralProduct(n) : cyclicProduct(n) };
}
