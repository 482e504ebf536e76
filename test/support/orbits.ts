/** Rows that come in orbits of C4, made of features that turn with them. */
import type { Symmetry } from "../../src/sources/symmetry.ts";
import { normals } from "./random.ts";

/** A quarter turn of each pair of coordinates, and its powers: exact, orthogonal. */
export function quarterTurns(dIn: number): Symmetry {
  const matrices = new Float32Array(4 * dIn * dIn);
  const [cos, sin] = [
    [1, 0, -1, 0],
    [0, 1, 0, -1],
  ];
  for (let k = 0; k < 4; k++)
    for (let i = 0; i < dIn; i += 2) {
      const at = k * dIn * dIn + i * dIn + i;
      matrices.set([cos![k]!, -sin![k]!], at);
      matrices.set([sin![k]!, cos![k]!], at + dIn);
    }
  return { group: "c4", size: 4, matrices, isExact: true };
}

/** out_k = matrices[k] · row for every pose, [size, d_in]. */
function orbitOf({ matrices, size }: Symmetry, row: Float32Array): Float32Array {
  const d = row.length;
  const out = new Float32Array(size * d);
  for (let i = 0; i < out.length; i++)
    for (let j = 0; j < d; j++) out[i]! += matrices[i * d + j]! * row[j]!;
  return out;
}

/** `count` orbits of sparse combinations of `features` upright features, [count · size, d_in]. */
export function orbitRows(
  symmetry: Symmetry,
  dIn: number,
  count: number,
  name = "orbits",
  features = 6,
): Float32Array {
  const atoms = normals("upright features", features * dIn);
  const strengths = normals(name, count * features);
  const out = new Float32Array(count * symmetry.size * dIn);
  for (let o = 0; o < count; o++) {
    const row = new Float32Array(dIn);
    for (let f = 0; f < features; f++) {
      const strength = Math.max(0, strengths[o * features + f]! - 0.5);
      for (let j = 0; j < dIn; j++) row[j]! += strength * atoms[f * dIn + j]!;
    }
    out.set(orbitOf(symmetry, row), o * symmetry.size * dIn);
  }
  return out;
}
