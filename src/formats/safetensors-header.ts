/**
 * @file The header of a safetensors file: eight bytes of length, then JSON that names every
 *   tensor's dtype, shape and place. This half knows bytes and JSON only; files are in
 *   `safetensors-file.ts`.
 *
 * The rules are those of the format's own library (huggingface/safetensors 0.8, README "Format").
 * Tensors lie end to end from the first data byte to the last, with no hole, no overlap and nothing
 * left over.
 */

import { DTYPE_BYTES, type DType } from "../base/dtype.ts";
import { isObject } from "../base/json.ts";
import { showShape } from "../base/tensor.ts";
import { ConcordError, expected, FormatError } from "../errors.ts";
import { DAMAGED } from "./damaged.ts";
import { showName } from "./show-name.ts";

/** Bytes of the length field before the JSON. */
export const LENGTH_BYTES = 8;

/**
 * The library's own limit: it refuses longer headers, so no file that it can read is refused here.
 */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Fifty times the tensors of the largest sharded model file seen (~2 000); a billion-entry header
 * is an attack.
 */
export const MAX_TENSORS = 100_000;

/** NumPy's limit was 32 for decades; activations and weights need 4. */
export const MAX_RANK = 32;

/** Where one tensor lies. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** First byte, counted from the start of the file. */
  readonly start: number;
  /** One past the last byte. */
  readonly end: number;
}

/** A tensor of a dtype that the format has and Concord does not read. */
export interface ForeignTensor {
  readonly name: string;
  /** The format's name of its dtype. */
  readonly code: string;
  readonly shape: readonly number[];
  /** First byte, counted from the start of the file. */
  readonly start: number;
  /** One past the last byte. */
  readonly end: number;
}

/** What a header says; `tensors` in the order of their bytes. */
export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** Tensors in the file that cannot be read. */
  readonly foreign: ReadonlyMap<string, ForeignTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The format's names of the supported dtypes, in the order in which the library lays tensors out:
 * descending alignment, and for equal alignment as listed. The others that it has are
 * {@link FOREIGN_BITS}.
 */
const SAFETENSORS_DTYPES = {
  I64: "int64",
  F64: "float64",
  F32: "float32",
  I32: "int32",
  BF16: "bfloat16",
  F16: "float16",
  U16: "uint16",
  I16: "int16",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
} as const satisfies Record<string, DType>;

/**
 * Bits of an element of the dtypes that are not read; of one that a newer library adds, the byte
 * range is believed.
 */
const FOREIGN_BITS: Readonly<Record<string, number>> = {
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  U32: 32,
  U64: 64,
  C64: 64,
};

const NAMES = Object.fromEntries(
  Object.entries(SAFETENSORS_DTYPES).map(([name, dtype]) => [dtype, name]),
) as Readonly<Record<DType, string>>;

const LAYOUT_RANK = Object.fromEntries(
  Object.values(SAFETENSORS_DTYPES).map((dtype, rank) => [dtype, rank]),
) as Readonly<Record<DType, number>>;

/**
 * The length of the JSON, from the file's first eight bytes.
 *
 * @param fileBytes Size of the whole file.
 * @throws {FormatError} when it reaches beyond the file, or {ConcordError} `format/too-large`
 *   beyond `MAX_HEADER_BYTES`.
 */
export function headerLength(first: Uint8Array, fileBytes: number, where: string): number {
  if (fileBytes < LENGTH_BYTES + 2 || first.byteLength < LENGTH_BYTES)
    throw new FormatError(where, `${fileBytes} bytes are too few for a safetensors file.`, DAMAGED);
  const view = new DataView(first.buffer, first.byteOffset, LENGTH_BYTES);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(fileBytes - LENGTH_BYTES))
    throw new FormatError(
      `${where} at byte 0`,
      `the header claims ${length} bytes, but the file has ${fileBytes - LENGTH_BYTES} after its length field.`,
      { hint: "It is truncated, or not a safetensors file: copy, download or save it again." },
    );
  if (length > BigInt(MAX_HEADER_BYTES))
    throw new ConcordError(
      "format/too-large",
      `${where}: the header claims ${length} bytes; at most ${MAX_HEADER_BYTES} are read.`,
    );
  return Number(length);
}

/**
 * Parses and checks the JSON of a header.
 *
 * @param json      The bytes after the length field, exactly as many as it says.
 * @param fileBytes Size of the whole file; the tensors must fill it exactly.
 * @param where     Names the file in messages.
 * @throws {FormatError} naming the tensor and the rule that is broken.
 */
export function parseHeader(json: Uint8Array, fileBytes: number, where: string): SafetensorsHeader {
  const document = parseJsonObject(json, where);
  const dataStart = LENGTH_BYTES + json.byteLength;
  let metadata: Record<string, string> = {};
  const entries: (TensorEntry | ForeignTensor)[] = [];
  for (const [name, value] of Object.entries(document)) {
    if (name === "__metadata__") metadata = parseMetadata(value, where);
    else entries.push(parseEntry(name, value, dataStart, where));
    if (entries.length > MAX_TENSORS)
      throw new ConcordError(
        "format/too-large",
        `${where}: the header lists more than ${MAX_TENSORS} tensors.`,
      );
  }
  entries.sort((a, b) => a.start - b.start || a.end - b.end);
  requireContiguous(entries, dataStart, fileBytes, where);
  const tensors = new Map<string, TensorEntry>();
  const foreign = new Map<string, ForeignTensor>();
  for (const entry of entries)
    if ("code" in entry) foreign.set(entry.name, entry);
    else tensors.set(entry.name, entry);
  return { tensors, foreign, metadata };
}

/** The error for asking for a tensor that cannot be read. */
export function foreignError({ name, code }: ForeignTensor, where: string): FormatError {
  return new FormatError(
    `${where}, tensor ${showName(name)}`,
    `dtype ${showName(code)} is not supported.`,
    { hint: `Convert it to one of ${Object.keys(SAFETENSORS_DTYPES).join(", ")}.` },
  );
}

/**
 * The bytes before the data: length field and JSON, padded with spaces to a multiple of 8, and the
 * order in which the tensors follow. The same tensors and metadata give the same bytes, whatever
 * order they came in; metadata keys are sorted.
 *
 * @throws {ConcordError} `argument/invalid` for the reserved name `__metadata__` or metadata that
 *   is not text.
 */
export function serializeHeader(
  tensors: ReadonlyMap<string, { readonly dtype: DType; readonly shape: readonly number[] }>,
  metadata: Readonly<Record<string, string>> = {},
): { readonly bytes: Uint8Array; readonly order: readonly string[] } {
  if (tensors.has("__metadata__"))
    throw expected("tensors", "names other than the reserved __metadata__", "__metadata__");
  for (const [key, value] of Object.entries(metadata))
    if (typeof value !== "string") throw expected(`metadata.${key}`, "text", value);
  const order = [...tensors.keys()].sort((a, b) => {
    const [left, right] = [LAYOUT_RANK[tensors.get(a)!.dtype], LAYOUT_RANK[tensors.get(b)!.dtype]];
    return left - right || Buffer.compare(Buffer.from(a), Buffer.from(b));
  });
  const fields: string[] = [];
  if (Object.keys(metadata).length > 0) {
    const sorted = Object.keys(metadata).sort();
    const pairs = sorted.map((key) => `${JSON.stringify(key)}:${JSON.stringify(metadata[key])}`);
    fields.push(`"__metadata__":{${pairs.join(",")}}`);
  }
  let offset = 0;
  for (const name of order) {
    const { dtype, shape } = tensors.get(name)!;
    const end = offset + byteLength(dtype, shape);
    const entry = { dtype: NAMES[dtype], shape, data_offsets: [offset, end] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    offset = end;
  }
  const json = Buffer.from(`{${fields.join(",")}}`);
  const padded = Math.ceil(json.byteLength / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, LENGTH_BYTES);
  return { bytes, order };
}

function parseJsonObject(json: Uint8Array, where: string): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch (error) {
    throw new FormatError(`${where} at byte ${LENGTH_BYTES}`, "the header is not JSON.", {
      cause: error,
      hint: "It may not be a safetensors file; a git-lfs pointer or an error page looks like this: download it again.",
    });
  }
  if (!isObject(document))
    throw new FormatError(
      `${where} at byte ${LENGTH_BYTES}`,
      "the header is not a JSON object.",
      DAMAGED,
    );
  return document;
}

function parseMetadata(value: unknown, where: string): Record<string, string> {
  // As the library writes it for a file without any.
  if (value === null) return {};
  if (!isObject(value) || Object.values(value).some((text) => typeof text !== "string"))
    throw new FormatError(where, "__metadata__ must map text to text.", DAMAGED);
  return value as Record<string, string>;
}

function parseEntry(
  name: string,
  value: unknown,
  dataStart: number,
  where: string,
): TensorEntry | ForeignTensor {
  const tensor = `${where}, tensor ${showName(name)}`;
  if (!isObject(value)) throw new FormatError(tensor, "its entry is not a JSON object.", DAMAGED);
  const { dtype: code, shape, data_offsets: offsets } = value;
  if (typeof code !== "string")
    throw new FormatError(
      tensor,
      "its dtype must be text, one of the names of the format.",
      DAMAGED,
    );
  if (!isSizes(shape) || shape.length > MAX_RANK)
    throw new FormatError(
      tensor,
      `its shape must be at most ${MAX_RANK} non-negative integers.`,
      DAMAGED,
    );
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!)
    throw new FormatError(tensor, "its data_offsets must be two integers, start and end.", DAMAGED);
  const [start, end] = [dataStart + offsets[0]!, dataStart + offsets[1]!];
  const dtype = Object.hasOwn(SAFETENSORS_DTYPES, code)
    ? SAFETENSORS_DTYPES[code as keyof typeof SAFETENSORS_DTYPES]
    : undefined;
  const bits = Object.hasOwn(FOREIGN_BITS, code) ? FOREIGN_BITS[code]! : undefined;
  const needed =
    dtype !== undefined
      ? byteLength(dtype, shape)
      : bits !== undefined
        ? shape.reduce((product, extent) => product * extent, bits) / 8
        : end - start;
  if (needed !== end - start)
    throw new FormatError(
      tensor,
      `shape ${showShape(shape)} of ${code} takes ${needed} bytes, but its data_offsets span ${end - start}.`,
      DAMAGED,
    );
  return dtype === undefined
    ? { name, code, shape, start, end }
    : { name, dtype, shape, start, end };
}

function requireContiguous(
  entries: readonly (TensorEntry | ForeignTensor)[],
  dataStart: number,
  fileBytes: number,
  where: string,
): void {
  let end = dataStart;
  for (const entry of entries) {
    if (entry.start !== end)
      throw new FormatError(
        `${where}, tensor ${showName(entry.name)}`,
        `it starts at byte ${entry.start}, but the tensor before it ends at byte ${end}; tensors must lie end to end.`,
        DAMAGED,
      );
    end = entry.end;
  }
  if (end !== fileBytes)
    throw new FormatError(
      where,
      `the tensors end at byte ${end}, but the file at byte ${fileBytes}.`,
      end > fileBytes ? { hint: "The file is truncated: download or copy it again." } : {},
    );
}

/**
 * Bytes of a tensor; NaN or beyond the safe integers when the shape is absurd, which no byte range
 * equals.
 */
function byteLength(dtype: DType, shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, DTYPE_BYTES[dtype]);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
