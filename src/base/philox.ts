/**
 * @file Counter-based random numbers: position → value, without hidden state, so that any draw can
 *   be repeated in any order and on any number of threads. Philox4x32-10 (Salmon et al. 2011,
 *   "Parallel random numbers: as easy as 1, 2, 3"). The native core computes the same bits
 *   (`native/cpu/philox.hpp`); a test compares the two.
 */

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** High 32 bits of the unsigned product of two 32-bit integers. */
function mulHi(a: number, b: number): number {
  const al = a & 0xffff;
  const ah = a >>> 16;
  const bl = b & 0xffff;
  const bh = b >>> 16;
  const mid = ah * bl + ((al * bl) >>> 16);
  const mid2 = al * bh + (mid & 0xffff);
  return (ah * bh + Math.floor(mid / 65536) + (mid2 >>> 16)) >>> 0;
}

/**
 * One Philox4x32-10 block: four independent 32-bit words for a 128-bit counter and a 64-bit key.
 *
 * @param counter Four unsigned 32-bit words.
 * @param key     Two unsigned 32-bit words.
 */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const hi0 = mulHi(M0, c0);
    const lo0 = Math.imul(M0, c0) >>> 0;
    const hi1 = mulHi(M1, c2);
    const lo1 = Math.imul(M1, c2) >>> 0;
    c0 = (hi1 ^ c1 ^ k0) >>> 0;
    c1 = lo1;
    c2 = (hi0 ^ c3 ^ k1) >>> 0;
    c3 = lo0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/**
 * An independent stream of random numbers, addressed by position.
 *
 * The key is `seed` (64 bits) mixed with the stream's name. So "weights of member 3" and "order of
 * the shards" never share numbers, however many either draws.
 */
export interface RandomStream {
  readonly key: readonly [number, number];
}

/**
 * FNV-1a over UTF-16 code units, 32 bit, with a caller's offset so that two different hashes can be
 * drawn from one name.
 */
function hashName(name: string, offset: number): number {
  let h = offset >>> 0;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193) >>> 0;
  return h;
}

/**
 * Opens the stream called `name` of a `seed`.
 *
 * @param seed A non-negative safe integer.
 * @param name Any text, by convention slash-separated: `member/3/weights`.
 */
export function randomStream(seed: number, name: string): RandomStream {
  const low = seed >>> 0;
  const high = Math.floor(seed / 2 ** 32) >>> 0;
  const mixed = philox([low, high, hashName(name, 0x811c9dc5), hashName(name, 0x2f0b4c47)], [0, 0]);
  return { key: [mixed[0], mixed[1]] };
}

/** The block of four words at block `index` (a non-negative safe integer). */
export function randomBlock(stream: RandomStream, index: number): [number, number, number, number] {
  return philox([index >>> 0, Math.floor(index / 2 ** 32) >>> 0, 0, 0], stream.key);
}

/**
 * A uniform number in [0, 1) with 24 random bits, exactly representable in float32, at position
 * `index`.
 */
export function uniformAt(stream: RandomStream, index: number): number {
  const block = randomBlock(stream, Math.floor(index / 4));
  return (block[index % 4]! >>> 8) * 2 ** -24;
}

/** A uniform integer in [0, bound) at position `index`; the bias is below bound · 2⁻³². */
export function integerAt(stream: RandomStream, index: number, bound: number): number {
  const block = randomBlock(stream, Math.floor(index / 4));
  return Math.floor((block[index % 4]! / 2 ** 32) * bound);
}

/**
 * A standard normal number at position `index`, by Box–Muller on the pair of words that holds it.
 *
 * Computed in float64. The native core uses the same formula in float32 and agrees to about 1e-6.
 * So a run draws its normal numbers from one of the two throughout (the backend's `fillRandom`).
 */
export function normalAt(stream: RandomStream, index: number): number {
  const block = randomBlock(stream, Math.floor(index / 4));
  const pair = index % 4 < 2 ? 0 : 2;
  const u = ((block[pair]! >>> 8) + 0.5) * 2 ** -24;
  const v = (block[pair + 1]! >>> 8) * 2 ** -24;
  const radius = Math.sqrt(-2 * Math.log(u));
  const angle = 2 * Math.PI * v;
  return index % 2 === 0 ? radius * Math.cos(angle) : radius * Math.sin(angle);
}

/**
 * The permutation of 0 … n−1 that a stream stands for: Fisher–Yates, position i drawing from the i
 * + 1 first.
 *
 * @returns Int32Array of length n.
 */
export function permutation(stream: RandomStream, n: number): Int32Array<ArrayBuffer> {
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const j = integerAt(stream, i, i + 1);
    order[i] = order[j]!;
    order[j] = i;
  }
  return order;
}
