/** @file Rotations, for what must not depend on the basis. */

import { multiply } from "../../src/linalg/multiply.ts";
import { symmetricEigen } from "../../src/linalg/symmetric-eigen.ts";
import { normals } from "./random.ts";

/** An orthogonal matrix [d, d] that its name decides. */
export function rotation(name: string, d: number): Float64Array {
  const any = normals(name, d * d);
  const symmetric = Float64Array.from(any, (v, at) => v + any[(at % d) * d + Math.floor(at / d)]!);
  return symmetricEigen(symmetric, d).vectors;
}

/** Rows [count, d] turned by a rotation [d, d]. */
export function turned(rows: Float32Array, by: Float64Array, d: number): Float32Array {
  const count = rows.length / d;
  return Float32Array.from(multiply(Float64Array.from(rows), by, [count, d, d]));
}
