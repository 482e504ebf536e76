/**
 * @file IDX, the format of MNIST and its kin: one array of unsigned bytes, plain or as .gz.
 *
 *   0, 0, type (8: unsigned bytes), number of axes     one byte each
 *   extents                                            big-endian 32-bit integers
 *   elements                                           row-major
 *
 * Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits".
 */

import { ConcordError, FormatError } from "../errors.ts";
import { readExactly, withFile } from "./file-bytes.ts";
import { packingOf, unpackedBytes } from "./text/unpack.ts";

/** An array of unsigned bytes. */
export interface IdxArray {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Uint8Array;
}

/** More axes than any data set has. */
const AXES_MAX = 8;

/** Fills `into` from byte 0 of what `pieces` give, and says how many bytes there were in all. */
async function fill(
  pieces: AsyncIterator<Uint8Array>,
  state: { rest: Uint8Array },
  into: Uint8Array,
): Promise<number> {
  let done = 0;
  while (done < into.length) {
    if (state.rest.length === 0) {
      const { value, done: isOver } = await pieces.next();
      if (isOver) return done;
      state.rest = value;
      continue;
    }
    const taken = state.rest.subarray(0, into.length - done);
    into.set(taken, done);
    done += taken.length;
    state.rest = state.rest.subarray(taken.length);
  }
  return done;
}

/** The extents that a header names. */
function extents(head: Uint8Array, axes: Uint8Array, path: string): number[] {
  const view = new DataView(axes.buffer, axes.byteOffset, axes.byteLength);
  const shape = Array.from({ length: head[3]! }, (_, i) => view.getUint32(4 * i));
  if (!Number.isSafeInteger(shape.reduce((a, b) => a * b, 1)))
    throw new FormatError(path, `its header claims ${shape.join(" × ")} elements.`);
  return shape;
}

/** Whether a file's unpacked bytes can begin an IDX array. */
export function isIdx(head: Uint8Array): boolean {
  return head[0] === 0 && head[1] === 0 && head[2]! >= 8 && head[2]! <= 14 && head[3]! >= 1;
}

/**
 * Reads a whole IDX file.
 *
 * @param bytesMax Larger arrays are refused before any memory is taken for them.
 * @throws {FormatError} for another format, another type than unsigned bytes, and for a file that
 *   is shorter or longer than its header says; {ConcordError} `format/too-large`, `file/missing`,
 *   `file/io`.
 */
export async function readIdx(path: string, bytesMax: number): Promise<IdxArray> {
  const packing = await withFile(path, async (file) => {
    const head = new Uint8Array(Math.min(4, file.size));
    await readExactly(file, head, 0);
    return packingOf(head);
  });
  const pieces = unpackedBytes(path, packing)[Symbol.asyncIterator]();
  const state = { rest: new Uint8Array(0) as Uint8Array };
  try {
    const head = new Uint8Array(4);
    if ((await fill(pieces, state, head)) < 4 || !isIdx(head) || head[3]! > AXES_MAX)
      throw new FormatError(path, "it does not begin as an IDX array does.", {
        hint: "IDX is the format of MNIST: two zero bytes, a type, the number of axes.",
      });
    if (head[2] !== 8)
      throw new FormatError(path, `its elements are of type ${head[2]}, not unsigned bytes (8).`, {
        hint: "Pictures and labels are read as unsigned bytes.",
      });
    const axes = new Uint8Array(4 * head[3]!);
    const isWhole = (await fill(pieces, state, axes)) === axes.length;
    if (!isWhole) throw new FormatError(path, "the file ends within its header.");
    const shape = extents(head, axes, path);
    const count = shape.reduce((a, b) => a * b, 1);
    if (count > bytesMax)
      throw new ConcordError(
        "format/too-large",
        `${path} has ${count} bytes of pictures or labels; at most ${bytesMax} are read.`,
      );
    const data = await elements(pieces, state, count, path);
    return { shape, data };
  } finally {
    await pieces.return?.(undefined);
  }
}

/** The elements, in memory that grows with what is there, because headers may lie. */
async function elements(
  pieces: AsyncIterator<Uint8Array>,
  state: { rest: Uint8Array },
  count: number,
  path: string,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let found = 0;
  while (found <= count) {
    if (state.rest.length > 0) {
      parts.push(state.rest);
      found += state.rest.length;
    }
    const { value, done } = await pieces.next();
    if (done) break;
    state.rest = value;
  }
  if (found !== count)
    throw new FormatError(
      path,
      `its header says ${count} elements, but the file has ${found < count ? found : "more"}.`,
      { hint: "The file is truncated or damaged: copy or download it again." },
    );
  return Buffer.concat(parts, count);
}
