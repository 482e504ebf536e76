/** @file Adam and AdamW on the parameters of a tape. */

import type { AdamOptions, AdamState, UpdateVector } from "../backend/backend.ts";
import { ConcordError } from "../errors.ts";
import type { TapeTensor } from "./tensor.ts";

/** Settings of Adam; the defaults are PyTorch's. */
export interface AdamSettings {
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly eps?: number;
  /**
   * Share of each parameter that is taken away in a step, times the learning rate, apart from its
   * gradient: AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101). Default 0: Adam.
   */
  readonly weightDecay?: number;
}

/** What a step of Adam takes. */
export interface AdamStep {
  readonly lr: number;
  /** Multiplies every gradient. Default 1. */
  readonly clip?: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Adam (Kingma and Ba 2015, arXiv:1412.6980) with bias correction, as PyTorch has it:
 *
 *   m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²
 *   p ← (1 − lr · weightDecay) p − lr · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + eps)
 */
export class Adam {
  /** Each parameter with its moments, in the order in which they were given. */
  readonly states: readonly AdamState[];
  /** Steps so far, the t of the bias correction. */
  steps = 0;
  readonly #settings: Required<AdamSettings>;
  readonly #parameters: readonly TapeTensor[];
  readonly #adam: Writable<AdamOptions>;
  readonly #updates: readonly Writable<UpdateVector>[];

  /** @param states Memory for the moments. Default: memory of its own. */
  constructor(
    parameters: readonly TapeTensor[],
    settings: AdamSettings = {},
    states?: readonly AdamState[],
  ) {
    const { beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0 } = settings;
    this.#settings = { beta1, beta2, eps, weightDecay };
    this.#parameters = parameters;
    this.states =
      states ??
      parameters.map(({ tape: { backend }, value: parameter }) => ({
        parameter,
        m: backend.float32(parameter.length),
        v: backend.float32(parameter.length),
      }));
    this.#adam = { lr: 0, beta1, beta2, eps, correction1: 1, correction2: 1 };
    this.#updates = parameters.map((parameter, i) => ({
      parameter: this.states[i]!.parameter,
      m: this.states[i]!.m,
      v: this.states[i]!.v,
      gradient: parameter.gradient!.sum,
      clip: 1,
      n: parameter.value.length,
      adam: this.#adam,
    }));
  }

  /** Forgets the moments and the number of steps. */
  reset(): void {
    this.steps = 0;
    for (const { m, v } of this.states) {
      m.fill(0);
      v.fill(0);
    }
  }

  /** √Σ g² over all parameters, in float64. */
  gradientNorm(): number {
    let squares = 0;
    for (const { gradient } of this.#parameters) {
      const { sum } = gradient!;
      for (let i = 0; i < sum.length; i++) squares += sum[i]! * sum[i]!;
    }
    return Math.sqrt(squares);
  }

  /**
   * Takes a step with the gradients that `Tape.backward` left.
   *
   * @throws {ConcordError} "numeric/not-finite" when a parameter is not finite afterwards.
   */
  async step({ lr, clip = 1 }: AdamStep): Promise<void> {
    const { beta1, beta2, weightDecay } = this.#settings;
    this.steps++;
    this.#adam.lr = lr;
    this.#adam.correction1 = 1 - beta1 ** this.steps;
    this.#adam.correction2 = 1 - beta2 ** this.steps;
    const kept = 1 - lr * weightDecay;
    for (const [i, update] of this.#updates.entries()) {
      const { value, tape } = this.#parameters[i]!;
      if (kept !== 1) for (let j = 0; j < value.length; j++) value[j]! *= kept;
      update.clip = clip;
      await tape.backend.updateVector(update);
      if (!Number.isFinite(sumOf(value)))
        throw new ConcordError(
          "numeric/not-finite",
          `Parameter ${i} is not finite after step ${this.steps}.`,
          { hint: "Lower the learning rate, or check the scale of the data." },
        );
    }
  }
}

/** The sum of some numbers in float64: finite when all are. */
function sumOf(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}
