/** @file Allocates memory for tensors, and says so in one sentence when there is not enough. */

import { ConcordError } from "../errors.ts";

/**
 * Returns what `make` allocates.
 *
 * @param bytes The size, for the message.
 * @throws {ConcordError} "backend/failed" when there is not enough memory, or when the size is more
 *   than one array can hold.
 */
export function allocated<T>(bytes: number, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const size = `${Number((bytes / 2 ** 30).toPrecision(3))} GiB`;
    throw new ConcordError("backend/failed", `There is no memory for an array of ${size}.`, {
      cause: error,
      hint: "`concord plan` predicts the memory of a config. A smaller d_sae or batch, or fewer members, take less.",
    });
  }
}
