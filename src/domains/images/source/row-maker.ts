/** @file What makes rows of pictures: their pixels, or a model. */

import type { PictureSize } from "../pictures/picture-set.ts";
import { type PixelScale, pixelScaler } from "./prepared-pixels.ts";

/** Height and width of a grid of positions. */
export type Grid = readonly [height: number, width: number];

/** Makes rows of pictures. */
export interface RowMaker {
  readonly dIn: number;
  /** Rows of one picture: 1, or one for each position. */
  readonly positions: number;
  /** Where the positions of a picture are, where they lie in a grid. */
  readonly grid?: Grid | undefined;
  /** Memory while rows are made, bytes, beside the pictures. */
  readonly memoryBytes: number;
  /**
   * @param pixels [n, h, w, c], 0 to 255
   * @returns [n · positions, d_in]
   */
  rows(pixels: Uint8Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Rows of pixels: pictures [h, w, c], scaled. */
export function pixelRows(size: PictureSize, scale: PixelScale): RowMaker {
  const scaled = pixelScaler(size, scale);
  return {
    dIn: size[0] * size[1] * size[2],
    positions: 1,
    memoryBytes: 0,
    rows: async (pixels) => scaled(pixels),
    close: async () => undefined,
  };
}
