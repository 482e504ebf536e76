import { randomStream } from "../../src/base/philox.ts";
import { whiteNoise } from "../../src/base/white-noise.ts";

/** Numbers drawn before, by name: a test file asks for the same ones again and again. */
const drawn = new Map<string, Float64Array>();
let kept = 0;

/** At most so many numbers are kept, 32 MB. */
const MOST_KEPT = 2 ** 22;

function draws(name: string, length: number): Float64Array {
  const known = drawn.get(name);
  if (known !== undefined && known.length >= length) return known;
  const made = whiteNoise(randomStream(1, name), length);
  if (kept + length > MOST_KEPT) {
    drawn.clear();
    kept = 0;
  }
  if (length <= MOST_KEPT) {
    drawn.set(name, made);
    kept += length;
  }
  return made;
}

/** Standard normal numbers, repeatable by name: element i is `normalAt` of the name's stream. */
export function normals(name: string, length: number, scale = 1): Float32Array {
  const from = draws(name, length);
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++) out[i] = scale * from[i]!;
  return out;
}
