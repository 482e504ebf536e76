/**
 * @file The definition of a metric. Each metric is defined once, in its own file; the CLI, reports
 *   and docs take its words from there.
 */

/** Sums over held-out activations, from which every reconstruction metric is computed. */
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

/** The meaning of a number, in words. */
export interface Metric {
  /** The name in results and programs. */
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
