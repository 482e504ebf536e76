/**
 * @file Pictures of shapes, drawn by sharp from SVG: upright in their canonical pose, with 180
 *   questions about what stands where.
 */

import type { MadeLabels, MadeOptions, MadePictures, PictureMaker } from "../made.ts";
import { loadSharp } from "../pictures/sharp.ts";
import { outlineOf } from "./outline.ts";
import { type PlacedShape, sceneOf, sceneStream } from "./scene.ts";
import { answersOf } from "./tasks.ts";

/**
 * Pictures along one side of a sheet. SVG is drawn a sheet at a time, which takes a tenth of the
 * time. Sheet j always holds pictures 64 j to 64 j + 63, so that a picture's pixels do not depend on
 * which others are made with it.
 */
const SIDE = 8;
const SHEET = SIDE * SIDE;

const CHANNELS = 3;

/** Shapes on black. */
export const shapes: PictureMaker = {
  name: "shapes",
  channels: CHANNELS,
  description: "one to three upright shapes, drawn, not photographed",
  isSubstitute: false,
  sizes: { from: 16, to: 256 },
  async make({ count, size, seed, first, n }: MadeOptions): Promise<MadePictures> {
    const stream = sceneStream(seed);
    const bytes = size * size * CHANNELS;
    const pixels = new Uint8Array(n * bytes);
    for (let start = first - (first % SHEET); start < first + n; start += SHEET) {
      const all = Array.from({ length: Math.min(SHEET, count - start) }, (_, i) =>
        sceneOf(stream, start + i),
      );
      const sheet = await drawSheet(all, size);
      for (let i = Math.max(start, first); i < Math.min(start + all.length, first + n); i++)
        copyPicture(sheet, i - start, size, pixels.subarray((i - first) * bytes));
    }
    return { pixels, ...labelsOf({ seed, first, n }) };
  },
  labels: async (options) => labelsOf(options),
};

/** The answers for the pictures made. */
function labelsOf({ seed, first, n }: Pick<MadeOptions, "seed" | "first" | "n">): MadeLabels {
  const stream = sceneStream(seed);
  return { tasks: answersOf(Array.from({ length: n }, (_, i) => sceneOf(stream, first + i))) };
}

/** A sheet of at most 64 pictures, eight in a row: [8 · size, 8 · size, channels]. */
export async function drawSheet(
  scenes: readonly (readonly PlacedShape[])[],
  size: number,
): Promise<Uint8Array> {
  const side = SIDE * size;
  const outlines = scenes.flatMap((scene, i) =>
    scene.map((one) => outlineOf(one, size, size * (i % SIDE), size * Math.floor(i / SIDE))),
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"><rect width="100%" height="100%"/>${outlines.join("")}</svg>`;
  const sharp = await loadSharp("Drawing shapes");
  return sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
}

/** Copies picture i of a sheet to the beginning of `out`. */
export function copyPicture(sheet: Uint8Array, i: number, size: number, out: Uint8Array): void {
  const line = size * CHANNELS;
  const start = Math.floor(i / SIDE) * size * SIDE * line + (i % SIDE) * line;
  for (let y = 0; y < size; y++) {
    const at = start + y * SIDE * line;
    out.set(sheet.subarray(at, at + line), y * line);
  }
}
