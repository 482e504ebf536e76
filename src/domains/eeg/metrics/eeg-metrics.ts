/** @file The metrics that only EEG windows have. */

import type { Metric } from "../../../metrics/metric.ts";
import { BAND_ERRORS } from "./band-error.ts";
import { bandFvu } from "./band-fvu.ts";
import type { DenoisingMetric } from "./denoising-metric.ts";
import { snrGain } from "./snr-gain.ts";
import { targetCorrelation } from "./target-correlation.ts";

/**
 * Metrics of anything that makes clean rows of noisy ones, on held-out rows with targets; those by
 * band need rows that are signals in time.
 */
export const DENOISING_METRICS: readonly DenoisingMetric[] = [
  snrGain,
  targetCorrelation,
  ...BAND_ERRORS,
];

/** Metrics of rows that are signals in time. */
export const SIGNAL_METRICS: readonly Metric[] = [bandFvu];
