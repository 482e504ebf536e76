import { normalAt, randomStream } from "../../src/base/philox.ts";

/** Standard normal numbers, repeatable by name. */
export function normals(name: string, length: number, scale = 1): Float32Array {
  const stream = randomStream(1, name);
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++) out[i] = scale * normalAt(stream, i);
  return out;
}
