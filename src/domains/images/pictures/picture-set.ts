/** @file Pictures of one size, wherever they come from. */

import type { PictureClasses, PictureTask } from "../made.ts";

/** Height, width and channels: [h, w, c]; 1 channel is grey, 3 are red, green, blue. */
export type PictureSize = readonly [height: number, width: number, channels: number];

/** A set of pictures that is open. */
export interface PictureSet {
  readonly count: number;
  readonly size: PictureSize;
  /** What a person calls a picture: its path, or its number in a file. */
  name(picture: number): string;
  readonly classes?: PictureClasses;
  readonly tasks?: readonly PictureTask[];
  /** Memory that the set holds while it is open, bytes. */
  readonly memoryBytes: number;
  /**
   * Reads pictures, 0 to 255.
   *
   * @param pictures Their numbers.
   * @returns [pictures, height, width, channels]
   */
  read(pictures: ArrayLike<number>): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Bytes of a picture, one for each number. */
export function pictureBytes([height, width, channels]: PictureSize): number {
  return height * width * channels;
}

/** `28 × 28`, or `64 × 64 in colour`. */
export function showSize([height, width, channels]: PictureSize): string {
  return `${height} × ${width}${channels === 3 ? " in colour" : ""}`;
}
