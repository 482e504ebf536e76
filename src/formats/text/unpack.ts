/**
 * @file The bytes of a file, unpacked when it is gzip or Zstandard. The first bytes decide, not the
 * name. Memory stays bounded whatever the file unpacks to.
 */

import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { Decompress } from "fzstd";
import { ConcordError, FormatError, messageOf } from "../../errors.ts";
import { ioError, systemCode } from "../io-error.ts";

/** How a file can be packed so that it is unpacked on the way. */
export type Packing = "gzip" | "zstd";

const CHUNK_BYTES = 2 ** 20;

/** The window that Zstandard's own tools allow unless they are told otherwise, bytes: 2²⁷. */
const ZSTD_WINDOW_BYTES_MAX = 2 ** 27;

/**
 * How a file is packed, by its first four bytes; undefined when it is neither gzip nor Zstandard.
 */
export function packingOf(head: Uint8Array): Packing | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  const isFrame = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd;
  // pzstd begins with a frame that readers skip.
  const isSkipped =
    (head[0]! & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18;
  return isFrame || isSkipped ? "zstd" : undefined;
}

/**
 * The bytes of a file, piece by piece.
 *
 * @param packing How it is packed; its own bytes come when undefined.
 * @throws {ConcordError} `file/missing`, `file/io`; `format/too-large` for a Zstandard window above
 *   128 MiB; {FormatError} when the packed bytes are damaged or end early.
 */
export async function* unpackedBytes(
  path: string,
  packing: Packing | undefined,
): AsyncGenerator<Uint8Array> {
  const input = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  try {
    if (packing === "gzip") yield* gunzipped(input);
    else if (packing === "zstd") yield* unzstd(input, path);
    else yield* input as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (error instanceof ConcordError) throw error;
    if (packing === undefined || systemCode(error) !== undefined)
      throw ioError(error, "read", path);
    throw new FormatError(
      path,
      `its ${packing} data are damaged or truncated (${reason(error)}).`,
      {
        hint: `Copy or download it again; \`${packing} -t\` tests it.`,
        cause: error,
      },
    );
  } finally {
    input.destroy();
  }
}

function reason(error: unknown): string {
  return messageOf(error).replace(/\.$/, "");
}

async function* gunzipped(input: NodeJS.ReadableStream): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  input.on("error", (error) => gunzip.destroy(error));
  input.pipe(gunzip);
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } finally {
    gunzip.destroy();
  }
}

async function* unzstd(input: NodeJS.ReadableStream, path: string): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const decompress = new Decompress((piece) => ready.push(piece));
  let isFirst = true;
  for await (const chunk of input as AsyncIterable<Uint8Array>) {
    if (isFirst) requireWindow(chunk, path);
    isFirst = false;
    // A block unpacks to 128 KiB at most, but a few bytes can be a block.
    for (let at = 0; at < chunk.length; at += 2 ** 14) {
      decompress.push(chunk.subarray(at, at + 2 ** 14));
      yield* ready.splice(0);
    }
  }
  decompress.push(new Uint8Array(0), true);
  yield* ready.splice(0);
}

/**
 * Refuses a first frame that needs a dictionary, or more memory than Zstandard's own tools give it.
 */
function requireWindow(head: Uint8Array, path: string): void {
  if (head.length < 18 || (head[0]! & 0xf0) === 0x50) return;
  const flags = head[4]!;
  if ((flags & 3) !== 0)
    throw new FormatError(path, "it was packed with a dictionary, which only its maker has.", {
      hint: "Unpack it first: zstd -d -D DICTIONARY FILE.",
    });
  const bytes = windowBytes(head, flags);
  if (bytes > ZSTD_WINDOW_BYTES_MAX)
    throw new ConcordError(
      "format/too-large",
      `${path} was packed with a window of ${bytes} bytes; at most ${ZSTD_WINDOW_BYTES_MAX} are read.`,
      { hint: "Unpack it first: zstd -d --long=31 FILE." },
    );
}

/**
 * Memory that a frame needs (RFC 8878, 3.1.1.1): its window, or all that it unpacks to where it is
 * a single segment.
 */
function windowBytes(head: Uint8Array, flags: number): number {
  const isSingleSegment = (flags & 0x20) !== 0;
  if (!isSingleSegment) return 2 ** (10 + (head[5]! >> 3)) * (1 + (head[5]! & 7) / 8);
  const sizeBytes = 2 ** (flags >> 6);
  let size = 0;
  for (let i = sizeBytes - 1; i >= 0; i--) size = size * 256 + head[5 + i]!;
  return size;
}
