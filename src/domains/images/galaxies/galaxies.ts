/**
 * @file Galaxies that are rendered, not photographed: a substitute for GalaxyMNIST. Four balanced
 *   classes, any pose, noise of the sky and stars in front. Our own few lines, because a profile is
 *   a formula per pixel, which no drawing library has.
 */

import { integerAt, type RandomStream, randomStream, uniformAt } from "../../../base/philox.ts";
import { whiteNoise } from "../../../base/white-noise.ts";
import type { MadeLabels, MadeOptions, MadePictures, PictureMaker } from "../made.ts";
import { GALAXY_CLASSES, galaxyParts, type Part, type Uniform } from "./draw-galaxy.ts";

const CHANNELS = 3;

/** Strength of the stretch asinh(Q I) / asinh(Q), which shows faint and bright parts together. */
const STRETCH = 8;

/** Brightness that becomes white. */
const WHITE = 8;

/** Standard deviation of the sky, as a share of white. */
const SKY = 0.012;

/** The most stars in front of a galaxy. */
const MOST_STARS = 3;

/** The class of a picture: each in turn, so that they are balanced. */
const classOf = (picture: number) => picture % GALAXY_CLASSES.length;

/** Where a galaxy is, and how it is turned. */
interface Pose {
  readonly x: number;
  readonly y: number;
  readonly cos: number;
  readonly sin: number;
}

/** Brightness of a place in the frame of the galaxy, added to `sum`. */
function addLight(
  parts: readonly Part[],
  pose: Pose,
  x: number,
  y: number,
  sum: Float64Array,
): void {
  const [dx, dy] = [x - pose.x, y - pose.y];
  const along = dx * pose.cos + dy * pose.sin;
  const across = dy * pose.cos - dx * pose.sin;
  for (const { light, colour } of parts) {
    const value = light(along, across);
    for (let c = 0; c < CHANNELS; c++) sum[c]! += value * colour[c]!;
  }
}

/** Widths of a star beyond which nothing of it is seen. */
const STAR_ENDS = 5;

/** Stars in front: points, as wide as the air makes them. */
function stars(size: number, random: RandomStream, uniform: Uniform): Part[] {
  const count = integerAt(random, 0, MOST_STARS + 1);
  return Array.from({ length: count }, () => {
    const [x, y] = [uniform(0, size), uniform(0, size)];
    const [peak, width] = [uniform(0.5, 4), uniform(0.7, 1)];
    return {
      light: (u, v) => {
        const squared = ((u - x) ** 2 + (v - y) ** 2) / width ** 2;
        return squared > STAR_ENDS ** 2 ? 0 : peak * Math.exp(-squared / 2);
      },
      colour: [1, uniform(0.7, 1), uniform(0.5, 1)],
    };
  });
}

/** Stars lie in the frame of the picture. */
const PICTURE_FRAME: Pose = { x: 0, y: 0, cos: 1, sin: 0 };

/** Draws one picture into `out`, [size, size, 3]. */
function render(picture: number, { size, seed }: MadeOptions, out: Uint8Array): void {
  const random = randomStream(seed, `galaxies/${picture}`);
  let drawn = 4;
  const uniform: Uniform = (from, to) => from + (to - from) * uniformAt(random, drawn++);
  const angle = uniform(0, 2 * Math.PI);
  const pose: Pose = {
    x: size * uniform(0.45, 0.55),
    y: size * uniform(0.45, 0.55),
    cos: Math.cos(angle),
    sin: Math.sin(angle),
  };
  const parts = galaxyParts(classOf(picture), size, uniform);
  const inFront = stars(size, random, uniform);
  const sum = new Float64Array(CHANNELS);
  const noise = whiteNoise(randomStream(seed, `galaxies/${picture}/sky`), size ** 2 * CHANNELS);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      sum.fill(0);
      addLight(parts, pose, x + 0.5, y + 0.5, sum);
      addLight(inFront, PICTURE_FRAME, x + 0.5, y + 0.5, sum);
      const at = (y * size + x) * CHANNELS;
      for (let c = 0; c < CHANNELS; c++) {
        const noisy = sum[c]! / WHITE + SKY * noise[at + c]!;
        const shown = Math.asinh(STRETCH * noisy) / Math.asinh(STRETCH);
        out[at + c] = Math.round(255 * Math.min(1, Math.max(0, 0.04 + shown)));
      }
    }
}

function labels({ first, n }: MadeOptions): MadeLabels {
  const of = Int32Array.from({ length: n }, (_, i) => classOf(first + i));
  return { classes: { names: GALAXY_CLASSES, of } };
}

/** Draws galaxies. Picture i is of class i mod 4. */
async function make(options: MadeOptions): Promise<MadePictures> {
  const each = options.size ** 2 * CHANNELS;
  const pixels = new Uint8Array(options.n * each);
  for (let i = 0; i < options.n; i++)
    render(options.first + i, options, pixels.subarray(i * each, (i + 1) * each));
  return { pixels, ...labels(options) };
}

export const galaxies: PictureMaker = {
  name: "galaxies",
  channels: CHANNELS,
  description: "galaxies, rendered, not photographed (Sérsic profiles, spiral arms)",
  isSubstitute: true,
  sizes: { from: 16, to: 512 },
  make,
  labels: async (options) => labels(options),
};
