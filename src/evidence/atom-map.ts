/**
 * @file A map of all atoms of a population in two dimensions: atoms that are similar lie together
 *   (UMAP; McInnes, Healy and Melville 2018, arXiv:1802.03426, by umap-js).
 */

import type { Backend } from "../backend/backend.ts";
import { randomStream } from "../base/philox.ts";
import type { Dictionary } from "../consistency/matching/dictionary.ts";
import { nearestAtoms } from "./nearest-atoms.ts";

/** Neighbours of each atom that the map tries to keep near. */
const NEIGHBOURS = 15;
/** Atoms of a map, at most: more take minutes. */
export const MOST_MAPPED = 50_000;
/** Rounds of moving atoms; fewer of many, as in umap-learn. */
const rounds = (atoms: number) => (atoms > 2000 ? 100 : 200);
/** Rounds between pauses. */
const ROUNDS_AT_A_TIME = 5;

/**
 * Numbers in [0, 1), one at a time, for millions of calls: mulberry32, begun by the run's stream.
 * No result depends on them, only where a map puts its atoms.
 */
function randomNumbers(seed: number): () => number {
  let state = randomStream(seed, "evidence/map").key[0];
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Places of all atoms, one array [count, 2] per dictionary; undefined for more than `MOST_MAPPED`
 * atoms, and for fewer than three. Distances are 1 − cosine. The same for the same atoms and seed.
 */
export async function mapAtoms(
  backend: Backend,
  dictionaries: readonly Dictionary[],
  seed: number,
  pause: () => Promise<void>,
): Promise<Float32Array[] | undefined> {
  const count = dictionaries.reduce((sum, one) => sum + one.count, 0);
  if (count < 3 || count > MOST_MAPPED) return undefined;
  const d = dictionaries[0]!.d;
  const unit = backend.float32(count * d);
  let at = 0;
  for (const one of dictionaries) {
    unit.set(one.unit.subarray(0, one.count * d), at);
    at += one.count * d;
  }
  // The library wants more atoms than neighbours, the atom itself among these.
  const k = Math.min(NEIGHBOURS, count - 2);
  const { atoms, cosines } = await nearestAtoms(backend, { unit, count, d }, k);
  const indices: number[][] = [];
  const distances: number[][] = [];
  for (let i = 0; i < count; i++) {
    indices.push([i, ...atoms.subarray(i * k, (i + 1) * k)]);
    const far = Array.from(cosines.subarray(i * k, (i + 1) * k), (c) => Math.max(0, 1 - c));
    distances.push([0, ...far]);
  }
  const { UMAP } = await import("umap-js");
  const random = randomNumbers(seed);
  const umap = new UMAP({ nComponents: 2, nNeighbors: k + 1, nEpochs: rounds(count), random });
  umap.setPrecomputedKNN(indices, distances);
  // With neighbours given, the rows themselves are only counted.
  const total = umap.initializeFit(indices);
  for (let round = 0; round < total; round++) {
    umap.step();
    if (round % ROUNDS_AT_A_TIME === 0) await pause();
  }
  const places = umap.getEmbedding();
  let first = 0;
  return dictionaries.map((one) => {
    const own = Float32Array.from(places.slice(first, first + one.count).flat());
    first += one.count;
    return own;
  });
}
