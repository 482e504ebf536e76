/**
 * @file What the metrics of denoising are made of: sums over noisy rows and their clean targets.
 */

import type { Metric } from "../../../metrics/metric.ts";

/**
 * Sums over noisy rows x, their clean targets t and what was made of them, x̂. A row is cut into
 * segments, the channels of a window; one without channels is one segment.
 */
export interface DenoisingSums {
  readonly rows: number;
  readonly segments: number;
  /** Σ ‖x − t‖² over rows. */
  readonly noise: number;
  /** Σ ‖x̂ − t‖² over rows. */
  readonly error: number;
  /** Σ over segments of Pearson's r between x̂ and t; 0 where either is constant. */
  readonly correlation: number;
  /**
   * By frequency band: sums over segments and the band's bins. Empty where a row is not a signal in
   * time.
   */
  readonly bands: Readonly<Record<string, BandSums>>;
}

/** Sums over one frequency band of all segments. */
export interface BandSums {
  /** Σ (S(x̂) − S(t))², S the power spectral density of a segment. */
  readonly difference: number;
  /** Σ S(t)². */
  readonly reference: number;
}

/** A metric of anything that makes clean rows of noisy ones. */
export interface DenoisingMetric extends Metric {
  compute(sums: DenoisingSums): number;
}
