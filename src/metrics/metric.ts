/**
 * @file What a metric is. Each is defined once, in a file of its own; the CLI, reports and docs
 *   read the words from here.
 */

/** Sums over held-out activations that every reconstruction metric is made of. */
export interface ReconstructionSums {
  readonly rows: number;
  readonly dIn: number;
  /** Σ ‖x − x̂‖² over rows. */
  readonly squaredError: number;
  /** Σ ‖x − mean(x)‖² over rows, the mean taken over the same rows. */
  readonly variance: number;
  /** ‖mean(x)‖² of the same rows. */
  readonly meanSquare: number;
  /** Σ over rows of the number of active latents. */
  readonly active: number;
  /** Σ over rows of Σ|z|. */
  readonly l1: number;
  /** Rows in which each latent is active, [d_sae]. */
  readonly activeRows: Float64Array;
}

/** What a number means, in words. */
export interface Metric {
  /** As results and programs know it. */
  readonly name: string;
  readonly label: string;
  /** In plain text, with the reduction written out. */
  readonly formula: string;
  readonly unit: string;
  readonly better: "lower" | "higher" | "neither";
  readonly range: string;
  readonly summary: string;
}

/** A metric that is a number for one SAE on held-out activations. */
export interface ReconstructionMetric extends Metric {
  compute(sums: ReconstructionSums): number;
}
