/** @file Layers on the tape, with the named parameters that they learn. */

import { randomStream } from "../../../base/philox.ts";
import { elementCount } from "../../../base/tensor.ts";
import {
  add,
  attention,
  conv2d,
  convTranspose2d,
  gelu,
  layerNorm,
  linear,
  relu,
  reshape,
  type Tape,
  type TapeTensor,
} from "../../../tape/library.ts";
import type { ConvolutionSettings, Layers } from "./layers.ts";

/** Weights by name, in the order in which layers asked for them. */
export type NamedTensors = ReadonlyMap<string, TapeTensor>;

/** How a parameter starts: at one number, or uniform within ± gain √(3 / inputs). */
type Start = number | { readonly inputs: number; readonly gain?: number | undefined };

/** Records layers; the first axis of every tensor is the batch. */
export class TapeLayers implements Layers<TapeTensor> {
  readonly #tape: Tape;
  readonly #parameters = new Map<string, TapeTensor>();
  readonly #starts = new Map<string, Start>();

  constructor(tape: Tape) {
    this.#tape = tape;
  }

  get parameters(): NamedTensors {
    return this.#parameters;
  }

  /**
   * Draws all weights: uniform within ±√(3 / n), where n is how many numbers each output sums. A
   * layer then keeps the variance of what goes in. Biases start at zero, gains of layer norm at
   * one.
   */
  async draw(seed: number): Promise<void> {
    for (const [name, { value, tape }] of this.#parameters) {
      const start = this.#starts.get(name)!;
      if (typeof start === "number") {
        value.fill(start);
        continue;
      }
      const bound = (start.gain ?? 1) * Math.sqrt(3 / start.inputs);
      const [k0, k1] = randomStream(seed, `autoencoder/weights/${name}`).key;
      const uniform = { k0, k1, start: 0, out: value, normal: false, scale: 2 * bound };
      await tape.backend.fillRandom(uniform);
      for (let i = 0; i < value.length; i++) value[i]! -= bound;
    }
  }

  shapeOf({ shape }: TapeTensor): readonly number[] {
    return shape.slice(1);
  }

  linear(x: TapeTensor, name: string, to: number): TapeTensor {
    const weights = this.#parameter(`${name}.weight`, [to, x.columns], { inputs: x.columns });
    return linear(x, weights, this.#parameter(`${name}.bias`, [to], 0));
  }

  convolution(x: TapeTensor, name: string, settings: ConvolutionSettings): TapeTensor {
    const { filters, kernel, stride, padding, gain } = settings;
    const shape = [kernel, kernel, x.columns, filters];
    const start = { inputs: kernel * kernel * x.columns, gain };
    const weights = this.#parameter(`${name}.weight`, shape, start);
    return conv2d(x, weights, this.#parameter(`${name}.bias`, [filters], 0), { stride, padding });
  }

  transposedConvolution(x: TapeTensor, name: string, settings: ConvolutionSettings): TapeTensor {
    const { filters, kernel, stride, padding, gain } = settings;
    const shape = [kernel, kernel, filters, x.columns];
    const start = { inputs: (kernel / stride) ** 2 * x.columns, gain };
    const weights = this.#parameter(`${name}.weight`, shape, start);
    const bias = this.#parameter(`${name}.bias`, [filters], 0);
    const outputPadding = outputPaddingOf(settings);
    return convTranspose2d(x, weights, bias, { stride, padding, outputPadding });
  }

  relu = relu;
  gelu = gelu;
  add = add;
  attention = attention;

  layerNorm(x: TapeTensor, name: string): TapeTensor {
    const gamma = this.#parameter(`${name}.weight`, [x.columns], 1);
    return layerNorm(x, gamma, this.#parameter(`${name}.bias`, [x.columns], 0));
  }

  addLearnt(x: TapeTensor, name: string): TapeTensor {
    const shape = this.shapeOf(x);
    return add(x, this.#parameter(name, shape, { inputs: elementCount(shape) }));
  }

  reshape(x: TapeTensor, shape: readonly number[]): TapeTensor {
    return reshape(x, [x.shape[0]!, ...shape]);
  }

  #parameter(name: string, shape: readonly number[], start: Start): TapeTensor {
    const made = this.#tape.parameter(shape);
    this.#parameters.set(name, made);
    this.#starts.set(name, start);
    return made;
  }
}

/** What makes a transposed convolution's result exactly `stride` times as large. */
export function outputPaddingOf({ kernel, stride, padding }: ConvolutionSettings): number {
  return stride - kernel + 2 * padding;
}
