/** @file Every metric, by name. */

import { BAND_ERRORS } from "../domains/eeg/metrics/band-error.ts";
import { bandFvu } from "../domains/eeg/metrics/band-fvu.ts";
import { snrGain } from "../domains/eeg/metrics/snr-gain.ts";
import { deadFraction } from "./dead-fraction.ts";
import { explainedVariance } from "./explained-variance.ts";
import { fvu } from "./fvu.ts";
import { l0 } from "./l0.ts";
import { l1 } from "./l1.ts";
import { latentDensity } from "./latent-density.ts";
import type { DenoisingMetric, Metric, ReconstructionMetric } from "./metric.ts";
import { mse } from "./mse.ts";
import { gtMcc, independentMcc, mcc, meanMaxCosine, mmcs, pwMcc, shared } from "./similarity.ts";
import { targetCorrelation } from "./target-correlation.ts";

/** Metrics of one SAE on held-out activations, in the order of tables. */
export const RECONSTRUCTION_METRICS: readonly ReconstructionMetric[] = [
  fvu,
  explainedVariance,
  mse,
  l0,
  l1,
  deadFraction,
];

/** Metrics of two dictionaries or more, each printed next to its null. */
const SIMILARITY_METRICS: readonly Metric[] = [
  meanMaxCosine,
  mcc,
  shared,
  mmcs,
  pwMcc,
  gtMcc,
  independentMcc,
];

/**
 * Metrics of anything that makes clean rows of noisy ones, on held-out rows with targets; those by
 * band need an EEG.
 */
export const DENOISING_METRICS: readonly DenoisingMetric[] = [
  snrGain,
  targetCorrelation,
  ...BAND_ERRORS,
];

/** Metrics of rows that are signals in time. */
export const SIGNAL_METRICS: readonly Metric[] = [bandFvu];

const ALL: readonly Metric[] = [
  ...RECONSTRUCTION_METRICS,
  latentDensity,
  ...SIMILARITY_METRICS,
  ...DENOISING_METRICS,
  ...SIGNAL_METRICS,
];

/** All of them, by name. */
export const METRICS: ReadonlyMap<string, Metric> = new Map(ALL.map((m) => [m.name, m]));
