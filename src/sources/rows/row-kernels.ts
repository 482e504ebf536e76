/**
 * @file The kernels that sources need to move stored rows, so that they run at the speed of the
 *   chosen backend.
 */

import type { Backend } from "../../backend/backend.ts";
import { referenceBackend } from "../../backend/reference/reference-backend.ts";

/** The part of a Backend that reads and writes stored rows. Every Backend gives the same bytes. */
export type RowKernels = Pick<
  Backend,
  "bytes" | "widenRows" | "placeRows" | "narrow" | "checksum" | "shuffle"
>;

/** The default without a backend: plain TypeScript, at a third of the native core's speed. */
export const TYPESCRIPT_KERNELS: RowKernels = referenceBackend();
