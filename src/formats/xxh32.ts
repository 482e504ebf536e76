/**
 * @file XXH32, the 32-bit checksum of the xxHash family (specification: Cyan4973/xxHash,
 *   doc/xxhash_spec.md). Chosen because 32-bit multiplications are what JavaScript does at full
 *   speed: several GB/s, faster than SHA-256 with its own instructions. It finds damage (a chance
 *   of 2⁻³² to miss it); it does not protect against forgery.
 */

const PRIME_1 = 0x9e3779b1 | 0;
const PRIME_2 = 0x85ebca77 | 0;
const PRIME_3 = 0xc2b2ae3d | 0;
const PRIME_4 = 0x27d4eb2f | 0;
const PRIME_5 = 0x165667b1 | 0;

/** The XXH32 of `bytes`, an unsigned 32-bit integer. */
export function xxh32(bytes: Uint8Array, seed = 0): number {
  const length = bytes.byteLength;
  const stripes = Math.floor(length / 16) * 4;
  const words = alignedWords(bytes);
  let hash: number;
  if (length >= 16) {
    let a = (seed + PRIME_1 + PRIME_2) | 0;
    let b = (seed + PRIME_2) | 0;
    let c = seed | 0;
    let d = (seed - PRIME_1) | 0;
    for (let i = 0; i < stripes; i += 4) {
      a = round(a, words[i]!);
      b = round(b, words[i + 1]!);
      c = round(c, words[i + 2]!);
      d = round(d, words[i + 3]!);
    }
    hash = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
  } else hash = seed + PRIME_5;
  hash = (hash + length) | 0;

  let at = stripes;
  for (; at * 4 + 4 <= length; at++)
    hash = Math.imul(rotate((hash + Math.imul(words[at]!, PRIME_3)) | 0, 17), PRIME_4);
  for (let byte = at * 4; byte < length; byte++)
    hash = Math.imul(rotate((hash + Math.imul(bytes[byte]!, PRIME_5)) | 0, 11), PRIME_1);

  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function round(accumulator: number, word: number): number {
  return Math.imul(rotate((accumulator + Math.imul(word, PRIME_2)) | 0, 13), PRIME_1);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** The whole 32-bit words of `bytes`, copied only when they lie off alignment. */
function alignedWords(bytes: Uint8Array): Int32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Int32Array(aligned.buffer, aligned.byteOffset, Math.floor(bytes.byteLength / 4));
}
