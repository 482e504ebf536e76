/**
 * @file Damaged files, from good ones: seeded, so that a failure names the one number that makes it
 *   again. Bits are flipped, bytes cut, doubled and moved, and numbers, binary ones and those in
 *   text, made to lie.
 */

import { integerAt, type RandomStream, randomStream } from "../../src/base/philox.ts";

/** Integers that programs trip over. */
const LIES = [0n, 1n, 2n, 127n, 255n, 256n, 32767n, 65535n, 65536n, 2n ** 24n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n]; // biome-ignore format: one line

/** The same as text, and texts that are not numbers. */
const TEXTS = ["0", "-1", "1e9", "4294967296", "9007199254740993", "1e400", "0.5", "null", '"x"', "[]", "{}", "NaN", "[[[[", "\\ud800"]; // biome-ignore format: one line

/** Draws from a stream, one after the other. */
class Draws {
  readonly #stream: RandomStream;
  #position = 0;
  constructor(stream: RandomStream) {
    this.#stream = stream;
  }
  /** A uniform integer in [0, bound), 0 for an empty range. */
  below(bound: number): number {
    return bound <= 0 ? 0 : integerAt(this.#stream, this.#position++, bound);
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

type Mutation = (bytes: Uint8Array, draws: Draws) => Uint8Array;

const splice = (bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array =>
  Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);

const MUTATIONS: readonly Mutation[] = [
  // A flipped bit, a changed byte.
  (bytes, d) => {
    const copy = Uint8Array.from(bytes);
    copy[d.below(copy.length)]! ^= 1 << d.below(8);
    return copy;
  },
  (bytes, d) => {
    const copy = Uint8Array.from(bytes);
    copy[d.below(copy.length)] = d.below(256);
    return copy;
  },
  // Cut short, cut in the middle, something put in, a part doubled, a part overwritten by another.
  (bytes, d) => bytes.subarray(0, d.below(bytes.length + 1)),
  (bytes, d) => splice(bytes, d.below(bytes.length), 1 + d.below(16), new Uint8Array(0)),
  (bytes, d) => {
    const some = Uint8Array.from({ length: 1 + d.below(8) }, () => d.below(256));
    return splice(bytes, d.below(bytes.length), 0, some);
  },
  (bytes, d) => {
    const from = d.below(bytes.length);
    return splice(bytes, d.below(bytes.length), 0, bytes.subarray(from, from + 1 + d.below(40)));
  },
  (bytes, d) => {
    const from = d.below(bytes.length);
    const part = bytes.subarray(from, from + 1 + d.below(40));
    return splice(bytes, d.below(bytes.length), part.length, part);
  },
  // A lying integer of 2, 4 or 8 bytes; half of them in the first 16 bytes, where lengths are.
  (bytes, d) => {
    const copy = Uint8Array.from(bytes);
    const width = d.pick([2, 4, 8]);
    if (copy.length < width) return copy;
    const at = d.below(2) === 0 ? d.below(Math.min(16, copy.length - width)) : d.below(copy.length - width); // biome-ignore format: one line
    const lie = d.pick(LIES);
    for (let i = 0; i < width; i++) copy[at + i] = Number((lie >> BigInt(8 * i)) & 255n);
    return copy;
  },
  // A number in the text that lies.
  (bytes, d) => {
    const text = Buffer.from(bytes).toString("latin1");
    const numbers = [...text.matchAll(/\d+/g)];
    if (numbers.length === 0) return bytes;
    const { index, 0: digits } = d.pick(numbers);
    return splice(bytes, index, digits.length, Buffer.from(d.pick(TEXTS), "latin1"));
  },
  // A word in the text put in the place of another.
  (bytes, d) => {
    const text = Buffer.from(bytes).toString("latin1");
    const words = [...text.matchAll(/[A-Za-z_"']+/g)];
    if (words.length === 0) return bytes;
    const { index, 0: word } = d.pick(words);
    return splice(bytes, index, word.length, Buffer.from(d.pick(words)[0], "latin1"));
  },
];

/**
 * Damage number `number` of `bytes`: one to four mutations.
 *
 * @returns New bytes; the same for the same arguments.
 */
export function mutated(bytes: Uint8Array, name: string, number: number): Uint8Array {
  const draws = new Draws(randomStream(number, `fuzz/${name}`));
  let damaged = bytes;
  for (let rounds = 1 + draws.below(4); rounds > 0; rounds--)
    damaged = draws.pick(MUTATIONS)(damaged, draws);
  return damaged;
}
