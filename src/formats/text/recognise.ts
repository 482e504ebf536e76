/**
 * @file What a file is by its first bytes, where that is not text. It is said by name, so that a
 *   person knows what to do with it.
 */

import { FormatError } from "../../errors.ts";
import { isOfFormat, SIGNATURES } from "../signatures.ts";

/** Bytes of a file that `requireText` looks at. */
export const HEAD_BYTES = 512;

/** Whether a file begins as Parquet does. */
export function isParquet(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 4)).toString("latin1") === "PAR1";
}

/**
 * Refuses a file that is known not to be text.
 *
 * @param head The first `HEAD_BYTES` of the file, after unpacking.
 * @throws {FormatError} saying what it is and what to do.
 */
export function requireText(head: Uint8Array, path: string): void {
  const latin1 = Buffer.from(head.subarray(0, HEAD_BYTES)).toString("latin1");
  const known = SIGNATURES.find(
    (signature) => signature.asText !== undefined && isOfFormat(latin1, signature),
  );
  if (known) throw new FormatError(path, `it is ${known.name}, not text.`, { hint: known.asText! });
}
