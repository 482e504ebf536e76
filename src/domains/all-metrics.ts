/** @file Every metric there is, by name: those of the core, then those of the wings. */

import type { Metric } from "../metrics/metric.ts";
import { METRICS as OF_CORE } from "../metrics/registry.ts";
import type { Domain } from "./domain.ts";
import { DOMAINS } from "./domains.ts";

const OF_WINGS: readonly Metric[] = DOMAINS.flatMap((domain: Domain) => domain.metrics ?? []);

/** All of them, by name. */
export const METRICS: ReadonlyMap<string, Metric> = new Map(
  [...OF_CORE.values(), ...OF_WINGS].map((metric) => [metric.name, metric]),
);
