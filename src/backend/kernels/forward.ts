/**
 * @file The forward pass of a transformer over windows of tokens, as a list of steps on rows; see
 *   native/include/concord/forward.hpp. Steps name buffers by their number. A row belongs to a
 *   token.
 */

/**
 * The activation functions of a forward pass; `ForwardActivation` in
 * native/include/concord/forward.hpp.
 *
 * - relu: max(x, 0)
 * - gelu: x Φ(x), Φ the normal distribution function
 * - geluTanh: its approximation 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³)))
 * - silu: x / (1 + exp(−x))
 */
export const FORWARD_ACTIVATION = { relu: 0, gelu: 1, geluTanh: 2, silu: 3 } as const;
/** One of `FORWARD_ACTIVATION`. */
export type ForwardActivation = (typeof FORWARD_ACTIVATION)[keyof typeof FORWARD_ACTIVATION];

/** A weight, and room for it in the layout that the step `linear` reads. */
export interface PackLinear {
  /** [inputs, outputs]; transposed: [outputs, inputs]. */
  readonly weight: Float32Array;
  readonly transposed: boolean;
  readonly inputs: number;
  readonly outputs: number;
  /** As long as `linearPacking` says. */
  readonly packed: Uint8Array;
}

/** One step. `out` is the buffer that it writes. */
export type ForwardStep = { readonly out: number } & (
  | {
      /** out = scale · table[token]. */
      readonly kind: "embed";
      /** [tokens, width] */
      readonly table: Float32Array;
      readonly scale: number;
    }
  | {
      /** out = table[position]. */
      readonly kind: "place";
      /** [positions, width] */
      readonly table: Float32Array;
    }
  | {
      /**
       * Every head by itself: layer (a − mean) / √(variance + eps), rms a / √(mean(a²) + eps). Then
       * times the gain, plus the bias, where there are any. `out` may be `a`.
       */
      readonly kind: "norm";
      readonly a: number;
      readonly norm: "layer" | "rms";
      readonly eps: number;
      readonly heads: number;
      /** [width / heads] */
      readonly gain?: Float32Array | undefined;
      readonly bias?: Float32Array | undefined;
    }
  | {
      /** out = a W + bias. */
      readonly kind: "linear";
      readonly a: number;
      /** What `packLinear` made. */
      readonly packed: Uint8Array;
      readonly bias?: Float32Array | undefined;
    }
  | {
      /** `out` may be `a`. */
      readonly kind: "activate";
      readonly a: number;
      readonly activation: ForwardActivation;
    }
  | {
      /** out = a + b or a · b. `out` may be one of them. */
      readonly kind: "add" | "multiply";
      readonly a: number;
      readonly b: number;
    }
  | {
      /** out[head · size + j] = a[head · stride + first + j], size = width of out / heads. */
      readonly kind: "columns";
      readonly a: number;
      readonly heads: number;
      readonly stride: number;
      readonly first: number;
    }
  | {
      /**
       * out = softmax(c(scale · q kᵀ) + causal mask) v per head. Element i of a head of q and k
       * first turns with element i + rotary, i < rotary. c(s) is cap · tanh(s / cap), or s where
       * cap is 0.
       */
      readonly kind: "attention";
      readonly q: number;
      readonly k: number;
      readonly v: number;
      readonly heads: number;
      /** Heads of k and v; divides `heads`. */
      readonly keyHeads: number;
      readonly scale: number;
      readonly cap: number;
      /** Positions that a query sees, its own included; 0: all up to its own. */
      readonly window: number;
      readonly rotary: number;
      /** [positions, rotary], where anything turns. */
      readonly cosines?: Float32Array | undefined;
      readonly sines?: Float32Array | undefined;
    }
);

/** Rows of one width. */
export interface ForwardBuffer {
  readonly width: number;
  /** No attention lies between the steps that use it, and none uses it. It takes less memory. */
  readonly isBrief: boolean;
  /** Where its rows are wanted, [windows · positions, width]. */
  readonly output?: Float32Array | undefined;
}

/** Arguments of `forward`. */
export interface Forward {
  readonly steps: readonly ForwardStep[];
  readonly buffers: readonly ForwardBuffer[];
  /** [windows, positions] */
  readonly tokens: Int32Array;
  /** Real tokens of each window, [windows]. Rows of outputs after them stay as they are. */
  readonly lengths: Int32Array;
  readonly windows: number;
  readonly positions: number;
}

/** Steps of a transformer. */
export interface ForwardKernels {
  /** Bytes of a packed weight. */
  linearPacking(shape: { readonly inputs: number; readonly outputs: number }): number;
  packLinear(args: PackLinear): Promise<void>;
  /** Takes windows through all steps. The rows of a window do not depend on the other windows. */
  forward(args: Forward): Promise<void>;
}
