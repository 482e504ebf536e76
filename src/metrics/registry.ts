/** @file Every metric of the core, by name; wings bring their own (`src/domains/domain.ts`). */

import { activeLatents } from "./active-latents.ts";
import { capacity } from "./capacity.ts";
import { deadFraction } from "./dead-fraction.ts";
import { explainedVariance } from "./explained-variance.ts";
import { fvu } from "./fvu.ts";
import { l0 } from "./l0.ts";
import { l1 } from "./l1.ts";
import { largerFound, largerMmcs } from "./larger.ts";
import { latentDensity } from "./latent-density.ts";
import { latentKurtosis } from "./latent-kurtosis.ts";
import type { LatentMetric } from "./latent-metric.ts";
import { latentSkewness } from "./latent-skewness.ts";
import type { Metric, ReconstructionMetric } from "./metric.ts";
import { mse } from "./mse.ts";
import { neuronsPerLatent } from "./neurons-per-latent.ts";
import { restFvu } from "./rest-fvu.ts";
import {
  gtMcc,
  gtMccModulo,
  independentMcc,
  mcc,
  mccModulo,
  meanMaxCosine,
  mmcs,
  pwMcc,
  pwMccModulo,
  shared,
} from "./similarity.ts";
import { topFvu } from "./top-fvu.ts";

/** Metrics of one SAE on held-out activations, in the order of tables. */
export const RECONSTRUCTION_METRICS: readonly ReconstructionMetric[] = [
  fvu,
  explainedVariance,
  mse,
  l0,
  l1,
  deadFraction,
];

/** Metrics of the latents of one SAE, in the order of tables. */
export const LATENT_METRICS: readonly LatentMetric[] = [
  activeLatents,
  topFvu,
  restFvu,
  latentSkewness,
  latentKurtosis,
  neuronsPerLatent,
  capacity,
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
  mccModulo,
  pwMccModulo,
  gtMccModulo,
  largerMmcs,
  largerFound,
];

const ALL: readonly Metric[] = [
  ...RECONSTRUCTION_METRICS,
  latentDensity,
  ...LATENT_METRICS,
  ...SIMILARITY_METRICS,
];

/** All of them, by name. */
export const METRICS: ReadonlyMap<string, Metric> = new Map(ALL.map((m) => [m.name, m]));
