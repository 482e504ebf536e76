/**
 * @file What moving stored rows about asks of a backend, so that sources run at the speed of the
 *   one in use.
 */

import type { Backend } from "../../backend/backend.ts";
import { referenceBackend } from "../../backend/reference/reference-backend.ts";

/**
 * The part of a Backend that reads and writes stored rows; any Backend will do. All give the same
 * bytes.
 */
export type RowKernels = Pick<
  Backend,
  "bytes" | "widenRows" | "placeRows" | "narrow" | "checksum" | "shuffle"
>;

/**
 * What is used unless another backend is given: plain TypeScript, a third of the native core's
 * speed.
 */
export const TYPESCRIPT_KERNELS: RowKernels = referenceBackend();
