/** @file Reads the evidence of one SAE, latent by latent, with a few small reads each. */

import { DTYPE_BYTES, type TypedArray } from "../base/dtype.ts";
import { asFloat32, type Tensor, tensor } from "../base/tensor.ts";
import { FormatError } from "../errors.ts";
import { openSafetensors, type SafetensorsFile } from "../formats/safetensors-file.ts";
import { allocateElements, bytesOf } from "../formats/typed-bytes.ts";
import { LATENT_TENSORS, OF_KIND, PART_TENSORS, START_TENSORS } from "./member-file.ts";

/** An open file of tensors whose parts are read on demand. */
export class PartsOfFile {
  readonly file: SafetensorsFile;

  constructor(file: SafetensorsFile) {
    this.file = file;
  }

  static async open(path: string): Promise<PartsOfFile> {
    return new PartsOfFile(await openSafetensors(path));
  }

  /** Elements [start, start + count) of a tensor, whatever its shape. */
  async elements(name: string, start: number, count: number): Promise<Tensor> {
    const { dtype } = this.file.entry(name);
    const data = allocateElements(dtype, count, name);
    if (count > 0) await this.file.readBytes(name, start * DTYPE_BYTES[dtype], bytesOf(data));
    return tensor(dtype, [count], data);
  }

  /** Elements of one row of a tensor [rows, …]. */
  async row(name: string, row: number): Promise<Tensor> {
    const { shape } = this.file.entry(name);
    const width = shape.slice(1).reduce((product, extent) => product * extent, 1);
    return this.elements(name, row * width, width);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** @throws {FormatError} for a file that is not the evidence of these latents over these rows. */
function requireEvidence({ path, names, metadata, entry }: SafetensorsFile, of: LookedAtLatents) {
  for (const name of [...LATENT_TENSORS, ...START_TENSORS, ...PART_TENSORS])
    if (!names.includes(name))
      throw new FormatError(path, `it has no tensor "${name}": it is not evidence of latents.`);
  const wrong = (what: string, found: unknown, expected: number) =>
    new FormatError(path, `it is of ${found} ${what}, but summary.json is of ${expected}.`, {
      hint: "They were not written together: make the evidence again.",
    });
  for (const name of LATENT_TENSORS) {
    const [latents] = entry(name).shape;
    if (latents !== of.latents) throw wrong("latents", latents, of.latents);
  }
  for (const name of START_TENSORS) {
    const [starts] = entry(name).shape;
    if (starts !== of.latents + 1) throw wrong("latents", Number(starts) - 1, of.latents);
  }
  const { rows } = metadata;
  if (rows !== String(of.rows)) throw wrong("rows", rows ?? "unknown", of.rows);
}

/** What a file of evidence has to be of. */
export interface LookedAtLatents {
  readonly latents: number;
  readonly rows: number;
}

/** The evidence of one SAE, open for reading. */
export class MemberReader {
  readonly latents: number;
  readonly #parts: PartsOfFile;

  private constructor(parts: PartsOfFile, latents: number) {
    this.#parts = parts;
    this.latents = latents;
  }

  /**
   * @param of What it has to be of.
   * @throws {ConcordError} `file/missing`; {FormatError} when it is not such a file.
   */
  static async open(path: string, of: LookedAtLatents): Promise<MemberReader> {
    const parts = await PartsOfFile.open(path);
    try {
      requireEvidence(parts.file, of);
    } catch (error) {
      await parts.close();
      throw error;
    }
    return new MemberReader(parts, of.latents);
  }

  /** The numbers of one latent in a tensor, as float32. */
  async numbers(name: string, latent: number): Promise<Float32Array> {
    return asFloat32(await this.#parts.row(name, latent));
  }

  /** The integers of one latent in a tensor. */
  async ints(name: string, latent: number): Promise<Int32Array> {
    return (await this.#parts.row(name, latent)).data as Int32Array;
  }

  /** A whole tensor. */
  async column(name: string): Promise<TypedArray> {
    return (await this.#parts.file.read(name)).data;
  }

  get path(): string {
    return this.#parts.file.path;
  }

  /** What is said of one latent in words: JSON. */
  async text(latent: number): Promise<string> {
    const [from, to] = await this.#between("text_start", latent);
    const { data } = await this.#parts.elements("text", from, to - from);
    return Buffer.from(data as Uint8Array).toString("utf8");
  }

  /** All texts, one after the other. */
  async texts(): Promise<string[]> {
    const start = (await this.column("text_start")) as Int32Array;
    const bytes = Buffer.from((await this.column("text")) as Uint8Array);
    return Array.from({ length: this.latents }, (_, i) =>
      bytes.toString("utf8", start[i]!, start[i + 1]!),
    );
  }

  /** Activations around the examples of a latent, by row. */
  async around(latent: number): Promise<ReadonlyMap<number, number>> {
    const [from, to] = await this.#between("around_start", latent);
    const rows = (await this.#parts.elements("around_rows", from, to - from)).data;
    const values = asFloat32(await this.#parts.elements("around_values", from, to - from));
    return new Map(Array.from(values, (value, i) => [Number(rows[i]), value]));
  }

  /** What the kind of data keeps of one latent, by its own names. */
  async kept(latent: number): Promise<ReadonlyMap<string, Float32Array>> {
    const names = this.#parts.file.names.filter((name) => name.startsWith(OF_KIND));
    const found = new Map<string, Float32Array>();
    for (const name of names)
      found.set(name.slice(OF_KIND.length), await this.numbers(name, latent));
    return found;
  }

  close(): Promise<void> {
    return this.#parts.close();
  }

  async #between(name: string, latent: number): Promise<[number, number]> {
    const { data } = await this.#parts.elements(name, latent, 2);
    const [from, to] = [Number(data[0]), Number(data[1])];
    if (from < 0 || to < from)
      throw new FormatError(this.path, `${name} goes from ${from} to ${to} at latent ${latent}.`);
    return [from, to];
  }
}
