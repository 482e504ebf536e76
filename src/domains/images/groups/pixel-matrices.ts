/** @file The matrices by which a group moves rows of pixels: exact permutations. */

import { ConfigError } from "../../../errors.ts";
import type { PixelMap } from "./pixel-action.ts";

/** Most memory that the matrices of a group may take. */
const MATRIX_BYTES_MAX = 2 ** 28;

/**
 * Refuses a group whose matrices would be too large.
 *
 * @throws {ConfigError} with the number of bytes, and the size that would do.
 */
export function requireSmallMatrices(poses: number, dIn: number): void {
  const bytes = 4 * poses * dIn ** 2;
  if (bytes <= MATRIX_BYTES_MAX) return;
  const most = Math.floor(Math.sqrt(MATRIX_BYTES_MAX / (4 * poses)));
  throw new ConfigError(
    `The ${poses} matrices of source.group on rows of ${dIn} numbers take ${bytes} bytes; at most ${MATRIX_BYTES_MAX} are made.`,
    { hint: `With rows of ${most} numbers or fewer they fit: set source.resize or source.model.` },
  );
}

/**
 * The matrix of each pose: row_k = matrices[k] · row_0, [poses, d_in, d_in] row-major. A row is a
 * picture [h, w, c], whose channels all move alike.
 */
export function pixelMatrices(maps: readonly PixelMap[], channels: number): Float32Array {
  const dIn = maps[0]!.length * channels;
  requireSmallMatrices(maps.length, dIn);
  const matrices = new Float32Array(maps.length * dIn * dIn);
  for (const [k, map] of maps.entries())
    for (let p = 0; p < map.length; p++)
      for (let c = 0; c < channels; c++)
        matrices[(k * dIn + p * channels + c) * dIn + map[p]! * channels + c] = 1;
  return matrices;
}
