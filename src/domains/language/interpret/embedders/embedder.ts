/** @file What compares contexts without knowing the latent: a judge of how alike they are. */

import type { Context } from "../draw-contexts.ts";

/** Compares contexts. */
export interface Embedder {
  /** As options name it. */
  readonly name: string;
  /** What it looks at, for reports: a few words. */
  readonly about: string;
  /** Cosines of all pairs, [contexts, contexts]. */
  cosines(contexts: readonly Context[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Cosines of all pairs of vectors [n, width]; 0 with a vector of length zero. */
export function cosinesOf(vectors: Float32Array, n: number): Float32Array {
  const width = vectors.length / n;
  const dot = (i: number, j: number) => {
    let sum = 0;
    for (let d = 0; d < width; d++) sum += vectors[i * width + d]! * vectors[j * width + d]!;
    return sum;
  };
  const lengths = Array.from({ length: n }, (_, i) => Math.sqrt(dot(i, i)));
  const cosines = new Float32Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = i; j < n; j++) {
      const scale = lengths[i]! * lengths[j]!;
      cosines[i * n + j] = scale > 0 ? dot(i, j) / scale : 0;
      cosines[j * n + i] = cosines[i * n + j]!;
    }
  return cosines;
}
