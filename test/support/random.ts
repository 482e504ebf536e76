import { normalAt, randomStream } from "../../src/tensor/philox.ts";
import { sharedFloat32 } from "../../src/tensor/tensor.ts";

/** Standard normal numbers, repeatable by name. */
export function normals(name: string, length: number, scale = 1): Float32Array {
  const stream = randomStream(1, name);
  const out = sharedFloat32(length);
  for (let i = 0; i < length; i++) out[i] = scale * normalAt(stream, i);
  return out;
}
