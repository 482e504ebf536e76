/** @file Kernels that generate synthetic activations; see native/include/concord/synthetic.hpp. */

/** The key of a RandomStream. */
export interface RandomKey {
  readonly k0: number;
  readonly k1: number;
}

/** How coefficients of synthetic rows are drawn: U(0,1), |N(0,1)|, or U(0,1)·U(0,1). */
export const COEFFICIENTS = { uniform: 0, absoluteNormal: 1, uniformProduct: 2 } as const;

/** Arguments of `syntheticRows`; see native/include/concord/synthetic.hpp. */
export interface SyntheticRows {
  /** [count, d_in] */
  readonly features: Float32Array;
  readonly count: number;
  readonly dIn: number;
  readonly coefficients: number;
  /** Either `active` of the features of one of `groups` groups … */
  readonly groups?: number;
  readonly groupSize?: number;
  readonly active?: number;
  readonly weights?: Float32Array;
  /** … with their indices inside the group given, [groups, active] … */
  readonly supports?: Int32Array | undefined;
  /** … or each feature independently with its probability, [count]. */
  readonly probabilities?: Float32Array;
  readonly noise: number;
  readonly key: RandomKey;
  readonly noiseKey: RandomKey;
  readonly start: number;
  readonly rows: number;
  readonly out: Float32Array;
}

/** Arguments of `drawSupports`: one draw without replacement for each group. */
export interface DrawSupports {
  readonly groups: number;
  readonly groupSize: number;
  readonly active: number;
  readonly weights: Float32Array;
  readonly key: RandomKey;
  readonly draw: number;
  /** [groups, active] */
  readonly out: Int32Array;
}

/** Synthetic activations. */
export interface SyntheticKernels {
  /** Writes rows of synthetic activations. Row r depends only on the keys and r. */
  syntheticRows(args: SyntheticRows): Promise<void>;
  /** Makes one draw without replacement from each group, as syntheticRows does. */
  drawSupports(args: DrawSupports): Promise<void>;
}
