/** @file Memory for tensors, or the sentence for whoever asked for more than there is. */

import { ConcordError } from "../errors.ts";

/**
 * What `make` allocates.
 *
 * @param bytes How much that is, for the message.
 * @throws {ConcordError} "backend/failed" when the memory cannot be had, or is more than one array
 *   can hold.
 */
export function allocated<T>(bytes: number, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const size = `${Number((bytes / 2 ** 30).toPrecision(3))} GiB`;
    throw new ConcordError("backend/failed", `There is no memory for an array of ${size}.`, {
      cause: error,
      hint: "`concord plan` says what a config takes; a smaller d_sae or batch, or fewer members, takes less.",
    });
  }
}
