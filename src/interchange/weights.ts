/**
 * @file Weights of a file of tensors, taken one by one: each with the shape that is expected of it,
 *   finite, and none left over.
 */

import type { Backend } from "../backend/backend.ts";
import { asFloat32, showShape, type Tensor, transposed } from "../base/tensor.ts";
import { FormatError, ShapeError } from "../errors.ts";
import { showNames } from "../formats/show-name.ts";
import type { Sae } from "../sae/sae.ts";

/** The tensors of a file, to be taken. */
export class Weights {
  readonly #tensors: ReadonlyMap<string, Tensor>;
  readonly #left: Set<string>;
  readonly #file: string;

  constructor(file: string, tensors: ReadonlyMap<string, Tensor>) {
    this.#file = file;
    this.#tensors = tensors;
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
    const found = this.#found(name);
    if (showShape(found.shape) !== showShape(shape))
      throw new ShapeError(`${this.#file}: ${name}`, showShape(shape), showShape(found.shape));
    const values = asFloat32(found);
    if (!values.every(Number.isFinite))
      throw new FormatError(this.#file, `${name} holds a number that is not finite.`);
    this.#left.delete(name);
    return values;
  }

  /** The one number of a tensor, whatever its integer or float type. */
  scalar(name: string): number {
    const { data, shape } = this.#found(name);
    if (data.length !== 1)
      throw new ShapeError(`${this.#file}: ${name}`, "one number", showShape(shape));
    this.#left.delete(name);
    return Number(data[0]);
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
      );
  }

  #found(name: string): Tensor {
    const found = this.#tensors.get(name);
    if (found) return found;
    throw new FormatError(
      this.#file,
      `has no tensor ${name} (it has ${showNames([...this.#tensors.keys()])}).`,
    );
  }
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
