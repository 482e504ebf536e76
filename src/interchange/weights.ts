/**
 * @file Weights of a file of tensors, taken one by one: each with the shape that is expected of it,
 *   finite, and none left over.
 */

import type { Backend } from "../backend/backend.ts";
import type { DType } from "../base/dtype.ts";
import { asFloat32, showShape, type Tensor, tensor, transposed } from "../base/tensor.ts";
import { FormatError, ShapeError } from "../errors.ts";
import { showNames } from "../formats/show-name.ts";
import type { Sae } from "../sae/sae.ts";

/** Types that weights may have; integers would be codes of a quantisation that is not known. */
const FLOATS: ReadonlySet<DType> = new Set(["float16", "bfloat16", "float32", "float64"]);

const OTHER_WEIGHTS =
  "The weights may be of another SAE, class or program than the config says: take both from one place.";

const QUANTISED = "Save it from its own program as float32.";

/** The tensors of a file, to be taken. */
export class Weights {
  readonly #tensors: ReadonlyMap<string, Tensor>;
  readonly #left: Set<string>;
  readonly #file: string;
  readonly #values: (tensor: Tensor) => Float32Array;

  /** @param values The numbers of a tensor, for a format that rounds them when it reads. */
  constructor(
    file: string,
    tensors: ReadonlyMap<string, Tensor>,
    values: (tensor: Tensor) => Float32Array = asFloat32,
  ) {
    this.#file = file;
    this.#tensors = tensors;
    this.#values = values;
    this.#left = new Set(tensors.keys());
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /** The shape of a tensor. @throws {FormatError} when there is none of that name. */
  shapeOf(name: string): readonly number[] {
    return this.#found(name).shape;
  }

  /** The values of a tensor of this shape, as float32. @throws {FormatError} {ShapeError} */
  take(name: string, shape: readonly number[]): Float32Array {
    const values = this.#values(this.#taken(name, shape));
    if (!values.every(Number.isFinite)) throw this.#notFinite(name);
    return values;
  }

  /** As `take`, but float64 stays float64: for numbers that are added up before they are kept. */
  takeWide(name: string, shape: readonly number[]): Float32Array | Float64Array {
    const { data } = this.#taken(name, shape);
    if (!(data instanceof Float64Array)) return this.take(name, shape);
    if (!data.every(Number.isFinite)) throw this.#notFinite(name);
    return data;
  }

  /**
   * The one finite number of a tensor, whatever its integer or float type.
   *
   * @param hint What to do when there is none of that name.
   */
  scalar(name: string, hint?: string): number {
    const { data, shape } = this.#found(name, hint);
    if (data.length !== 1)
      throw new ShapeError(`${this.#file}: ${name}`, "one number", showShape(shape), {
        hint: OTHER_WEIGHTS,
      });
    const value = Number(data[0]);
    if (!Number.isFinite(value)) throw this.#notFinite(name);
    this.#left.delete(name);
    return value;
  }

  /** A matrix that the file keeps the other way round: [columns, rows] there. */
  takeTransposed(name: string, [rows, columns]: readonly [number, number]): Float32Array {
    return transposed(this.take(name, [columns, rows]), columns, rows);
  }

  /** Tensors that do not change what the SAE computes, such as counters. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#left.delete(name);
  }

  /** @throws {FormatError} naming tensors that nothing took. */
  requireAllTaken(architecture: string): void {
    if (this.#left.size > 0)
      throw new FormatError(
        this.#file,
        `has tensors that are not used by ${architecture}: ${showNames([...this.#left])}.`,
        { hint: OTHER_WEIGHTS },
      );
  }

  #taken(name: string, shape: readonly number[]): Tensor {
    const found = this.#found(name);
    if (showShape(found.shape) !== showShape(shape))
      throw new ShapeError(`${this.#file}: ${name}`, showShape(shape), showShape(found.shape), {
        hint: OTHER_WEIGHTS,
      });
    if (!FLOATS.has(found.dtype))
      throw new FormatError(
        this.#file,
        `${name} is of ${found.dtype} where weights are floating-point numbers.`,
        { hint: QUANTISED },
      );
    this.#left.delete(name);
    return found;
  }

  #notFinite(name: string): FormatError {
    return new FormatError(this.#file, `${name} holds a number that is not finite.`, {
      hint: "The SAE's training diverged or the file is damaged: take an earlier checkpoint, or copy it again.",
    });
  }

  #found(name: string, hint = OTHER_WEIGHTS): Tensor {
    const found = this.#tensors.get(name);
    if (found) return found;
    throw new FormatError(
      this.#file,
      `has no tensor ${name} (it has ${showNames([...this.#tensors.keys()])}).`,
      { hint },
    );
  }
}

/** A vector with the type of its numbers. */
export function floats(values: Float32Array | Float64Array): Tensor {
  const dtype = values instanceof Float64Array ? "float64" : "float32";
  return tensor(dtype, [values.length], values);
}

/** The SAE with its arrays in the backend's memory, where kernels read them. */
export function inBackend(backend: Backend, sae: Sae): Sae {
  const aligned = (values: Float32Array) => {
    const out = backend.float32(values.length);
    out.set(values);
    return out;
  };
  return {
    ...sae,
    encoder: aligned(sae.encoder),
    decoder: aligned(sae.decoder),
    encoderBias: aligned(sae.encoderBias),
    decoderBias: sae.decoderBias && aligned(sae.decoderBias),
  };
}
