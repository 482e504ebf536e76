/**
 * @file A tape: operations on tensors that are recorded once, and then replayed forwards to compute
 *   values and backwards to compute gradients (reverse-mode differentiation).
 *
 * Shapes are fixed when an operation is recorded, and so is all memory. A step allocates nothing.
 * What changes from step to step is the contents of inputs and parameters. Products, convolutions
 * and activation functions are kernels of the backend. The other operations are loops on the
 * calling thread, in float64 where they sum. Either way the result does not depend on the number of
 * threads.
 */

import type { Backend } from "../backend/backend.ts";
import { elementCount, showShape } from "../base/tensor.ts";
import { ConcordError, ShapeError } from "../errors.ts";
import { TapeMemory } from "./memory.ts";
import { Gradient, TapeTensor } from "./tensor.ts";

/** What an operation does in each direction. A promise is awaited before the next one runs. */
export interface Operation {
  /** Computes the operation's value from those of its inputs. */
  forward(): void | Promise<void>;
  /** Adds to the gradients of its inputs what follows from its own. */
  backward(): void | Promise<void>;
}

/** A batch that trains, or one that is only encoded: batch norm tells them apart. */
export type TapeMode = "train" | "infer";

/** An operation with the tensor that it computes. */
interface Recorded extends Operation {
  readonly out: TapeTensor;
}

/**
 * Records operations and replays them.
 *
 * @example
 *   const tape = new Tape(backend);
 *   const x = tape.input([64, 8]);
 *   const W = tape.parameter([4, 8]);
 *   const loss = meanSquaredError(matmul(linear(x, W), W), x);
 *   await tape.forward();
 *   await tape.backward(loss); // W.gradient.sum
 */
export class Tape {
  readonly backend: Backend;
  mode: TapeMode = "train";
  readonly #operations: Recorded[] = [];
  readonly #gradients: Gradient[] = [];
  readonly #parameters: TapeTensor[] = [];
  readonly #memory: ReturnType<TapeMemory["open"]>;

  /** @param memory Shared with tapes that take turns. Default: memory of its own. */
  constructor(backend: Backend, memory: TapeMemory = new TapeMemory(backend)) {
    this.backend = backend;
    this.#memory = memory.open();
  }

  /** The parameters, in the order in which they were made. */
  get parameters(): readonly TapeTensor[] {
    return this.#parameters;
  }

  /** Numbers that the caller writes before each step. */
  input(shape: readonly number[]): TapeTensor {
    return new TapeTensor(this, shape, this.float32(elementCount(shape)), undefined, 0);
  }

  /**
   * Numbers that do not change by themselves. The tape reads `value` in place.
   *
   * @throws {ShapeError} when the lengths differ.
   */
  constant(shape: readonly number[], value: Float32Array): TapeTensor {
    this.#requireLength("constant", shape, value);
    return new TapeTensor(this, shape, value, undefined, 0);
  }

  /**
   * Numbers with a gradient. They start as zeros.
   *
   * @param value The memory that holds them. Default: memory of its own, which tapes never share.
   * @throws {ShapeError} when the lengths differ.
   */
  parameter(shape: readonly number[], value?: Float32Array): TapeTensor {
    const length = elementCount(shape);
    const held = value ?? this.backend.float32(length);
    this.#requireLength("parameter", shape, held);
    const tensor = new TapeTensor(this, shape, held, this.#gradient(length), 0);
    this.#parameters.push(tensor);
    return tensor;
  }

  /**
   * Records an operation. It is how operations are written: see `ops/`.
   *
   * @param shape Of its value.
   * @param inputs The tensors that it reads; its value has a gradient where one of them has.
   * @param make Gets the tensor for its value and says how that is computed.
   * @throws {ConcordError} "argument/invalid" when a tensor belongs to another tape.
   */
  record(
    shape: readonly number[],
    inputs: readonly TapeTensor[],
    make: (out: TapeTensor) => Operation,
  ): TapeTensor {
    if (inputs.some(({ tape }) => tape !== this))
      throw new ConcordError(
        "argument/invalid",
        "Expected tensors of one tape but received some of another.",
        { hint: "Make all inputs and parameters of a loss with one Tape." },
      );
    const length = elementCount(shape);
    const gradient = inputs.some((input) => input.gradient) ? this.#gradient(length) : undefined;
    const known = this.#operations.length + 1;
    const out = new TapeTensor(this, shape, this.float32(length), gradient, known);
    const { forward, backward } = make(out);
    this.#operations.push({ out, forward, backward });
    return out;
  }

  /**
   * The same numbers, and the same gradient, with another shape.
   *
   * @throws {ShapeError} when the number of elements differs.
   */
  view(x: TapeTensor, shape: readonly number[]): TapeTensor {
    this.#requireLength("reshape", shape, x.value);
    return new TapeTensor(this, shape, x.value, x.gradient, x.known);
  }

  /** Scratch memory of an operation, zeroed at first. */
  float32(length: number): Float32Array {
    return this.#memory.float32(length);
  }

  /** Scratch memory of an operation, zeroed at first. */
  int32(length: number): Int32Array {
    return this.#memory.int32(length);
  }

  /** Computes all values; or those that `until` needs, and what was recorded before it. */
  async forward(until?: TapeTensor): Promise<void> {
    const end = until?.known ?? this.#operations.length;
    for (let i = 0; i < end; i++) {
      const running = this.#operations[i]!.forward();
      if (running) await running;
    }
  }

  /**
   * Computes the gradient of `loss` for every parameter, after `forward`. Zeros where the loss does
   * not depend on one.
   *
   * @throws {ShapeError} when `loss` is not a single number.
   * @throws {ConcordError} "argument/invalid" when it depends on no parameter.
   */
  async backward(loss: TapeTensor): Promise<void> {
    if (loss.length !== 1) throw new ShapeError("backward", "a scalar loss", showShape(loss.shape));
    if (!loss.gradient)
      throw new ConcordError("argument/invalid", "The loss does not depend on any parameter.", {
        hint: "Make what is to be learnt with tape.parameter.",
      });
    for (const gradient of this.#gradients) gradient.reset();
    loss.gradient.added()[0] = 1;
    for (let i = loss.known - 1; i >= 0; i--) {
      const operation = this.#operations[i]!;
      if (!operation.out.gradient?.hasBegun) continue;
      const running = operation.backward();
      if (running) await running;
    }
    for (const { gradient } of this.#parameters) gradient!.hasBegun || gradient!.added();
  }

  #gradient(length: number): Gradient {
    const gradient = new Gradient(this.float32(length));
    this.#gradients.push(gradient);
    return gradient;
  }

  #requireLength(where: string, shape: readonly number[], { length }: Float32Array): void {
    if (length !== elementCount(shape))
      throw new ShapeError(
        where,
        `${elementCount(shape)} numbers for ${showShape(shape)}`,
        `${length}`,
      );
  }
}
