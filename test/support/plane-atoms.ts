/** @file Atoms whose cosines a reader can work out: directions in a plane by their angles. */

import { type Dictionary, dictionaryOf } from "../../src/consistency/matching/dictionary.ts";
import { reference } from "./backends.ts";

/** Atoms in the plane at these angles, in degrees. */
export function fan(...degrees: readonly number[]): Promise<Dictionary> {
  const rows = degrees.flatMap((a) => [
    Math.cos((a * Math.PI) / 180),
    Math.sin((a * Math.PI) / 180),
  ]);
  return dictionaryOf(reference, Float32Array.from(rows), degrees.length, 2);
}

/** The cosine of an angle in degrees. */
export const cosine = (degrees: number): number => Math.cos((degrees * Math.PI) / 180);
