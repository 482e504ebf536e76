/**
 * @file A bucket as a place for folders. Before anything is put there, it is tried: the keys, the
 *   bucket, the clocks, and whether the server compares before it writes.
 */

import { ConcordError, FormatError } from "../../errors.ts";
import type { S3Bucket } from "../s3/bucket.ts";

/** A bucket that was tried. */
export interface ObjectStore {
  readonly bucket: S3Bucket;
  /**
   * Whether the server honours `If-Match`. Without it, manifests are compared by reading them
   * before and after they are written.
   */
  readonly comparesAndSwaps: boolean;
  /** What a person should know of the store, a line each. */
  readonly notices: readonly string[];
}

const MARKER = "concord-store.json";
const TEXT = `${JSON.stringify({ format: "concord-store", version: 1 })}\n`;

/**
 * Tries a bucket by writing its marker, `concord-store.json`, in turn as a new object and under a
 * condition that cannot hold.
 *
 * @throws {ConcordError} `network/failed` naming what is wrong: the server, the keys, the bucket or
 *   the clock; `run/conflict` for the store of a later version.
 */
export async function openObjectStore(bucket: S3Bucket): Promise<ObjectStore> {
  const found = await bucket.get(MARKER);
  if (found !== undefined) requireOurs(bucket.name, Buffer.from(found.bytes).toString("utf8"));
  const marker = new Uint8Array(Buffer.from(TEXT));
  if (found === undefined) await bucket.put(MARKER, marker);
  const comparesAndSwaps = !(await isWritten(bucket, marker));
  const notices = comparesAndSwaps
    ? []
    : [
        `${bucket.name} does not compare before it writes (If-Match). Concord compares by reading, which leaves a moment in which a late worker can undo the newest checkpoint of a run.`,
      ];
  return { bucket, comparesAndSwaps, notices };
}

/** Whether the server writes although the condition is broken, or refuses the header as such. */
async function isWritten(bucket: S3Bucket, marker: Uint8Array<ArrayBuffer>): Promise<boolean> {
  try {
    return await bucket.put(MARKER, marker, { replaces: '"00000000000000000000000000000000"' });
  } catch (error) {
    // HTTP 501: the server says that it has no such thing.
    if (error instanceof ConcordError && /HTTP (400|501)/.test(error.message)) return true;
    throw error;
  }
}

function requireOurs(name: string, text: string): void {
  let version: unknown;
  try {
    const { format, version: found } = JSON.parse(text);
    version = format === "concord-store" ? found : undefined;
  } catch {
    version = undefined;
  }
  if (version === 1) return;
  if (typeof version !== "number")
    throw new FormatError(`${name}/${MARKER}`, "it is not the marker of a store.", {
      hint: "Name another prefix of the bucket.",
    });
  throw new ConcordError(
    "run/conflict",
    `${name} is a store of version ${version}; this Concord reads version 1.`,
    { hint: "Use the same version of Concord everywhere, or another prefix." },
  );
}
