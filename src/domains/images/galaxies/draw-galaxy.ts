/** @file What a galaxy of each class is made of, drawn from random numbers. */

import { edgeOnDisk, type Light, sersic, spiralArms } from "./light.ts";

/** The classes of GalaxyMNIST, in its order (Walmsley et al. 2022). */
export const GALAXY_CLASSES = [
  "smooth and round",
  "smooth and cigar-shaped",
  "edge-on disk",
  "unbarred spiral",
] as const;

/** A part of a galaxy, and its colour: shares of red, green and blue. */
export interface Part {
  readonly light: Light;
  readonly colour: readonly [number, number, number];
}

/** Draws the next uniform number in [from, to). */
export type Uniform = (from: number, to: number) => number;

/** Old stars are yellow, young ones blue. */
const OLD = [1, 0.8, 0.55] as const;
const YOUNG = [0.6, 0.75, 1] as const;

const scaled =
  (light: Light, by: number): Light =>
  (x, y) =>
    by * light(x, y);

/** The parts of a galaxy of a class, on pictures of `size` pixels. */
export function galaxyParts(kind: number, size: number, uniform: Uniform): Part[] {
  const length = (from: number, to: number) => size * uniform(from, to);
  if (kind === 0)
    return [{ light: sersic(uniform(1.5, 4), length(0.07, 0.13), uniform(0.88, 1)), colour: OLD }];
  if (kind === 1)
    return [
      { light: sersic(uniform(1, 2.5), length(0.1, 0.16), uniform(0.25, 0.42)), colour: OLD },
    ];
  if (kind === 2) {
    const along = length(0.11, 0.17);
    const disk = scaled(edgeOnDisk(along, along * uniform(0.09, 0.16)), uniform(2, 4));
    const bulge = scaled(sersic(2, length(0.025, 0.04), uniform(0.7, 1)), uniform(0.3, 1.2));
    const [depth, width] = [uniform(0, 0.7), size * 0.012];
    const dust: Light = (_, y) => 1 - depth * Math.exp(-((y / width) ** 2) / 2);
    return [
      { light: (x, y) => disk(x, y) * dust(x, y), colour: YOUNG },
      { light: (x, y) => bulge(x, y) * dust(x, y), colour: OLD },
    ];
  }
  const q = uniform(0.6, 1);
  const radius = length(0.14, 0.2);
  const disk = sersic(1, radius, q);
  const sign = uniform(0, 1) < 0.5 ? -1 : 1;
  const pitch = sign * uniform(0.22, 0.45);
  const number = uniform(0, 1) < 0.75 ? 2 : 3;
  const arms = spiralArms(number, pitch, radius * 0.25, uniform(0.75, 0.95), q);
  const bulge = scaled(sersic(uniform(1.5, 3), length(0.025, 0.045), 1), uniform(0.8, 2));
  return [
    { light: (x, y) => disk(x, y) * arms(x, y), colour: YOUNG },
    { light: bulge, colour: OLD },
  ];
}
