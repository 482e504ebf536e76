/**
 * @file Pictures of shapes, drawn by sharp from SVG: upright in their canonical pose, with 180
 *   questions about what stands where.
 */

import type { MadeLabels, MadeOptions, MadePictures, PictureMaker } from "../made.ts";
import { loadSharp } from "../pictures/sharp.ts";
import { outlineOf } from "./outline.ts";
import { type PlacedShape, sceneOf, sceneStream } from "./scene.ts";
import { answersOf, movedTasks } from "./tasks.ts";

const CHANNELS = 3;

/** Pictures that are drawn at the same time, by sharp's own threads. */
const AT_ONCE = 16;

/** Shapes on black. */
export const shapes: PictureMaker = {
  name: "shapes",
  channels: CHANNELS,
  description: "one to three upright shapes, drawn, not photographed",
  isSubstitute: false,
  sizes: { from: 16, to: 256 },
  async make(options: MadeOptions): Promise<MadePictures> {
    const { size, n } = options;
    const bytes = size * size * CHANNELS;
    const pixels = new Uint8Array(n * bytes);
    const scenes = scenesOf(options);
    for (let start = 0; start < n; start += AT_ONCE) {
      const drawn = await Promise.all(
        scenes.slice(start, start + AT_ONCE).map((scene) => drawScene(scene, size)),
      );
      for (const [i, picture] of drawn.entries()) pixels.set(picture, (start + i) * bytes);
    }
    return { pixels, tasks: answersOf(scenes) };
  },
  movedTasks,
  labels: async (options): Promise<MadeLabels> => ({ tasks: answersOf(scenesOf(options)) }),
};

/** What stands in the pictures that are made. */
function scenesOf({ seed, first, n }: MadeOptions): readonly (readonly PlacedShape[])[] {
  const stream = sceneStream(seed);
  return Array.from({ length: n }, (_, i) => sceneOf(stream, first + i));
}

/** A picture, [size, size, channels]. */
export async function drawScene(scene: readonly PlacedShape[], size: number): Promise<Uint8Array> {
  const outlines = scene.map((placed) => outlineOf(placed, size)).join("");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"><rect width="100%" height="100%"/>${outlines}</svg>`;
  const sharp = await loadSharp("Drawing shapes");
  return sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
}
