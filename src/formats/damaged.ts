/** @file What to do about a file whose bytes are not what its format promises. */

import type { ErrorDetails } from "../errors.ts";

/** The hint of an error about a file that no better one is known for. */
export const DAMAGED: ErrorDetails = {
  hint: "It is damaged, not complete, or of another format: copy, download or save it again.",
};
