/** @file SAEs made up for tests: random unit atoms, the encoder their transpose. */

import type { Sae } from "../../src/sae/sae.ts";
import { normals } from "./random.ts";

/** A TopK SAE [d_sae, d_in] whose weights its name decides. */
export function madeSae(name: string, { dIn = 6, dSae = 8, k = 2 } = {}): Sae {
  const decoder = normals(name, dSae * dIn);
  for (let f = 0; f < dSae; f++) {
    const row = decoder.subarray(f * dIn, (f + 1) * dIn);
    const length = Math.hypot(...row);
    for (let j = 0; j < dIn; j++) row[j]! /= length;
  }
  return {
    architecture: "topk",
    selection: { kind: "topk", k, relu: true },
    dIn,
    dSae,
    encoder: decoder.slice(),
    decoder,
    encoderBias: new Float32Array(dSae),
    decoderBias: normals(`${name}/bias`, dIn, 0.1),
  };
}

/** Held-out rows of a source: normal numbers. */
export function madeRows(rows: number, dIn: number) {
  const all = normals("rows", rows * dIn);
  return {
    rows,
    async read(start: number, out: Float32Array) {
      out.set(all.subarray(start * dIn, start * dIn + out.length));
    },
  };
}
