/**
 * @file The header of a .npy file: magic, version, and a Python dictionary literal with dtype,
 *   order and shape. Follows NumPy's `numpy/lib/_format_impl.py` (versions 1.0, 2.0 and 3.0); the
 *   literal is parsed by a small grammar, never evaluated.
 */

import { DTYPE_BYTES, type DType } from "../base/dtype.ts";
import { showShape } from "../base/tensor.ts";
import { ConcordError, FormatError } from "../errors.ts";
import { showName } from "./show-name.ts";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const;

/** Enough of any .npy file to know how long its header is. */
export const PREAMBLE_BYTES = 12;

/** NumPy itself refuses to parse headers beyond 10 000 bytes; plain arrays need 118. */
const MAX_HEADER_BYTES = 10_000;

/** The rank limit of NumPy 2. */
const MAX_RANK = 64;

/** Spaces that NumPy leaves so that the first axis can grow in place to 21 digits. */
const GROWTH_DIGITS = 21;

export interface NpyHeader {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /**
   * Columns lie together instead of rows; only for matrices, everything else is row-major already.
   */
  readonly fortranOrder: boolean;
  /** The bytes of every number lie the other way round. */
  readonly bigEndian: boolean;
  /** Where the data starts, bytes from the start of the file. */
  readonly dataStart: number;
}

/** NumPy's codes; one-byte types have no byte order. */
const DTYPES: ReadonlyMap<string, DType> = new Map([
  ["<f8", "float64"],
  ["<f4", "float32"],
  ["<f2", "float16"],
  ["<i8", "int64"],
  ["<i4", "int32"],
  ["<i2", "int16"],
  ["|i1", "int8"],
  ["<u2", "uint16"],
  ["|u1", "uint8"],
  ["|b1", "bool"],
]);

/**
 * How many bytes magic, version, length and dictionary take.
 *
 * @param preamble The file's first `PREAMBLE_BYTES` bytes, fewer when it is shorter.
 */
export function npyHeaderEnd(preamble: Uint8Array, where: string): number {
  if (preamble.byteLength < PREAMBLE_BYTES || MAGIC.some((byte, i) => preamble[i] !== byte))
    throw new FormatError(`${where} at byte 0`, "this is not a .npy file (its magic is missing).", {
      hint: "Save one array with numpy.save; an .npz is a zip of several.",
    });
  const version = preamble[6]!;
  if (version < 1 || version > 3 || preamble[7] !== 0)
    throw new FormatError(
      `${where} at byte 6`,
      `version ${version}.${preamble[7]} is unknown; 1.0, 2.0 and 3.0 are read.`,
    );
  const view = new DataView(preamble.buffer, preamble.byteOffset, PREAMBLE_BYTES);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES)
    throw new ConcordError(
      "format/too-large",
      `${where}: the header claims ${length} bytes; at most ${MAX_HEADER_BYTES} are read.`,
    );
  return (version === 1 ? 10 : 12) + length;
}

/**
 * Parses the header and checks that the data fills the rest of the file exactly.
 *
 * @param head      The file's first `npyHeaderEnd` bytes.
 * @param fileBytes Size of the whole file.
 * @throws {FormatError} for dtypes other than bool, int8 to int64, uint8, uint16, float16, float32
 *   and float64, for Fortran order of three axes and more, and for a file of the wrong length.
 */
export function parseNpyHeader(head: Uint8Array, fileBytes: number, where: string): NpyHeader {
  const text = Buffer.from(head.subarray(head[6] === 1 ? 10 : 12)).toString("latin1");
  const fields = parseDictionary(text, where);
  const keys = Object.keys(fields).sort().join(", ");
  if (keys !== "descr, fortran_order, shape")
    throw new FormatError(
      where,
      `the header must hold descr, fortran_order and shape, not: ${showName(keys)}.`,
    );
  const { descr, fortran_order: fortran, shape } = fields;
  if (typeof fortran !== "boolean")
    throw new FormatError(where, "fortran_order must be True or False.");
  if (!Array.isArray(shape) || shape.length > MAX_RANK)
    throw new FormatError(where, `shape must be a tuple of at most ${MAX_RANK} integers.`);
  const { dtype, bigEndian } = dtypeOf(descr, where);
  if (fortran && shape.length > 2)
    throw new FormatError(
      where,
      `a Fortran-ordered array of shape ${showShape(shape)}; only matrices are read in that order.`,
      { hint: "Save numpy.ascontiguousarray(x)." },
    );
  const bytes = shape.reduce((product, extent) => product * extent, DTYPE_BYTES[dtype]);
  const here = fileBytes - head.byteLength;
  if (bytes !== here)
    throw new FormatError(
      `${where} at byte ${head.byteLength}`,
      `shape ${showShape(shape)} of ${dtype} takes ${bytes} bytes, but ${here} follow the header.`,
      {
        hint:
          here < bytes ? "The file is truncated: copy or save it again." : "Save one array a file.",
      },
    );
  return {
    dtype,
    shape,
    fortranOrder: fortran && shape.length === 2,
    bigEndian,
    dataStart: head.byteLength,
  };
}

/**
 * The header that numpy.save would write for a row-major array, padded so that the data starts at a
 * multiple of 64.
 *
 * @param version NumPy picks 1; 2 and 3 differ in the width of the length field and the text
 *   encoding only.
 */
export function serializeNpyHeader(
  dtype: DType,
  shape: readonly number[],
  version: 1 | 2 | 3 = 1,
): Uint8Array {
  const descr = [...DTYPES].find(([, stored]) => stored === dtype)?.[0];
  if (descr === undefined)
    throw new ConcordError("argument/invalid", `A .npy file cannot hold ${dtype}.`, {
      hint: "Convert it to float32, or write safetensors.",
    });
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const literal = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const growth = shape.length === 0 ? 0 : Math.max(0, GROWTH_DIGITS - String(shape[0]).length);
  const start = version === 1 ? 10 : 12;
  const end = Math.ceil((start + literal.length + growth + 1) / 64) * 64;
  const bytes = new Uint8Array(end).fill(0x20);
  bytes.set([...MAGIC, version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, end - start, true);
  else view.setUint32(8, end - start, true);
  bytes.set(Buffer.from(literal, "latin1"), start);
  bytes[end - 1] = 0x0a;
  return bytes;
}

/** What to do about the kinds of numbers that are not read, by the letter of NumPy's code. */
const OTHER_KINDS: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  O: ["Python objects, which are never read", 'Save x.astype("<f4") if they are numbers.'],
  c: ["complex numbers", "Save x.real, x.imag or abs(x) as float32."],
  S: ["text", "Save an array of numbers."],
  U: ["text", "Save an array of numbers."],
  V: ["bytes without a type", "Save x.view(...) of the type that they are of."],
  M: ["dates", "Save an array of numbers."],
  m: ["durations", "Save an array of numbers."],
};

function dtypeOf(
  descr: unknown,
  where: string,
): { readonly dtype: DType; readonly bigEndian: boolean } {
  const code = typeof descr === "string" ? descr : "";
  const bigEndian = code.startsWith(">");
  const dtype = DTYPES.get(bigEndian ? `<${code.slice(1)}` : code);
  if (dtype !== undefined) return { dtype, bigEndian };
  const shown = showName(JSON.stringify(code.slice(0, 40)));
  const [what, hint] = OTHER_KINDS[code.replace(/^[<>|=]/, "")[0] ?? ""] ?? [];
  throw new FormatError(
    where,
    `dtype ${shown} is not supported${what === undefined ? "" : `: ${what}`}.`,
    { hint: hint ?? `Save x.astype("<f4"); ${[...DTYPES.keys()].join(" ")} are read.` },
  );
}

type Literal = string | boolean | number[];

/**
 * Parses `{'name': value, …}` whose values are text, True, False, or tuples of integers; anything
 * else is refused.
 */
function parseDictionary(text: string, where: string): Record<string, Literal> {
  const tokens = text.match(/'[^'\\]*'|"[^"\\]*"|\d+L?|[A-Za-z_]+|[{}()[\],:]|[^\s]/g) ?? [];
  let at = 0;
  const fail = (): never => {
    throw new FormatError(where, "the header is not the dictionary of a plain array.", {
      hint: "Save a plain array of numbers with numpy.save.",
    });
  };
  const take = (token: string): void => {
    if (tokens[at++] !== token) fail();
  };
  const isText = (token: string | undefined): token is string =>
    token !== undefined && token.length > 1 && (token[0] === "'" || token[0] === '"');
  const value = (): Literal => {
    const token = tokens[at++];
    if (isText(token)) return token.slice(1, -1);
    if (token === "True" || token === "False") return token === "True";
    if (token === "[")
      throw new FormatError(where, "it is a structured array: its rows have named fields.", {
        hint: 'Save one field, or a plain array of several: numpy.save("x.npy", x["name"]).',
      });
    if (token !== "(") return fail();
    const sizes: number[] = [];
    while (tokens[at] !== ")") {
      const size = Number.parseInt(tokens[at++] ?? "", 10);
      if (!Number.isSafeInteger(size)) fail();
      sizes.push(size);
      if (tokens[at] !== ")") take(",");
    }
    at++;
    return sizes;
  };
  const fields: Record<string, Literal> = Object.create(null);
  take("{");
  while (tokens[at] !== "}") {
    const key = tokens[at++];
    if (!isText(key)) return fail();
    take(":");
    fields[key.slice(1, -1)] = value();
    if (tokens[at] !== "}") take(",");
  }
  at++;
  if (at !== tokens.length) fail();
  return fields;
}
