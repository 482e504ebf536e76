/**
 * @file Reference synthetic activations. They draw the same random words as
 *   native/cpu/kernels/synthetic.cpp.
 */

import { normalAt, type RandomStream, randomBlock } from "../../base/philox.ts";
import { COEFFICIENTS, type DrawSupports, type RandomKey, type SyntheticRows } from "../backend.ts";

/** The words of a row are reserved in groups of this many. */
const WORDS = 64;

function roundUp(n: number): number {
  return Math.ceil(n / WORDS) * WORDS;
}

function streamOf(key: RandomKey): RandomStream {
  return { key: [key.k0, key.k1] };
}

/** The words of one row, in order. */
function rowWords(key: RandomKey, row: number, wordsPerRow: number): () => number {
  const stream = streamOf(key);
  let position = row * roundUp(wordsPerRow);
  return () => {
    const word = randomBlock(stream, Math.floor(position / 4))[position % 4]!;
    position++;
    return word;
  };
}

const uniform = (word: number) => (word >>> 8) * 2 ** -24;
const openUniform = (word: number) => ((word >>> 8) + 0.5) * 2 ** -24;

/** Indices of the `active` smallest exponential keys, ascending. */
function drawWithoutReplacement(
  next: () => number,
  weights: Float32Array,
  groupSize: number,
  active: number,
): number[] {
  const keys = Array.from(
    { length: groupSize },
    (_, i) => -Math.log(openUniform(next())) / weights[i]!,
  );
  return keys
    .map((_, i) => i)
    .sort((a, b) => keys[a]! - keys[b]!)
    .slice(0, active)
    .sort((a, b) => a - b);
}

function coefficient(next: () => number, kind: number): number {
  if (kind === COEFFICIENTS.absoluteNormal) {
    const radius = Math.sqrt(-2 * Math.log(openUniform(next())));
    return Math.abs(radius * Math.cos(2 * Math.PI * uniform(next())));
  }
  if (kind === COEFFICIENTS.uniformProduct) return uniform(next()) * uniform(next());
  return uniform(next());
}

export function syntheticRows(args: SyntheticRows): void {
  const { count, dIn, groups = 0, groupSize = 0, active = 0, supports, probabilities } = args;
  const most = probabilities ? count : active;
  const wordsPerRow = (probabilities ? count : 1 + (supports ? 0 : groupSize)) + 2 * most;
  const noise = streamOf(args.noiseKey);
  for (let r = 0; r < args.rows; r++) {
    const next = rowWords(args.key, args.start + r, wordsPerRow);
    let chosen: number[];
    if (probabilities) {
      chosen = [];
      for (let i = 0; i < count; i++) if (uniform(next()) < probabilities[i]!) chosen.push(i);
    } else {
      const group = Math.floor((next() / 2 ** 32) * groups);
      const inGroup = supports
        ? Array.from(supports.subarray(group * active, (group + 1) * active))
        : drawWithoutReplacement(next, args.weights!, groupSize, active);
      chosen = inGroup.map((i) => i + group * groupSize);
    }
    const values = chosen.map(() => coefficient(next, args.coefficients));
    const noiseRow = (args.start + r) * roundUp(dIn);
    for (let j = 0; j < dIn; j++) {
      let x = args.noise === 0 ? 0 : args.noise * normalAt(noise, noiseRow + j);
      for (let i = 0; i < chosen.length; i++)
        x += values[i]! * args.features[chosen[i]! * dIn + j]!;
      args.out[r * dIn + j] = x;
    }
  }
}

export function drawSupports(args: DrawSupports): void {
  const { groups, groupSize, active } = args;
  for (let g = 0; g < groups; g++) {
    const next = rowWords(args.key, args.draw * groups + g, groupSize);
    args.out.set(drawWithoutReplacement(next, args.weights, groupSize, active), g * active);
  }
}
