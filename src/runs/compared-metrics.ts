/** @file The numbers by which runs are compared: in sweeps, in studies and in lists of runs. */

import type { Metric } from "../metrics/metric.ts";
import { METRICS } from "../metrics/registry.ts";
import { gtMcc, gtMccModulo, independentMcc, pwMcc, pwMccModulo } from "../metrics/similarity.ts";
import type { SimilarityNumbers } from "./results.ts";
import { meanMcc, meanMccModulo, type SettingPart } from "./settings.ts";

/** A number of a finished run, and the null that goes with it. */
export interface RunNumber {
  readonly value: number;
  readonly null?: number;
}

/** A number that settings are compared by. */
export interface ComparedMetric {
  readonly metric: Metric;
  /** Whether a member has it by itself; others are of pairs. */
  readonly ofMembers: boolean;
  of(part: SettingPart): RunNumber | undefined;
}

function mean(values: readonly (number | null | undefined)[]): number {
  return values.reduce((sum: number, v) => sum + (v ?? Number.NaN) / values.length, 0);
}

/** Mean of a reconstruction metric over the members that are not independent. */
function overMembers(name: string): ComparedMetric {
  return {
    metric: METRICS.get(name)!,
    ofMembers: true,
    of({ members }) {
      return members.length === 0
        ? undefined
        : { value: mean(members.map((m) => m.metrics[name])) };
    },
  };
}

function besideNull(all: readonly SimilarityNumbers[]): RunNumber | undefined {
  const own = meanMcc(all);
  return own && { value: own.mean, null: own.null };
}

function moduloBesideNull(all: readonly SimilarityNumbers[]): RunNumber | undefined {
  const own = meanMccModulo(all);
  return own && { value: own.mean, null: own.null };
}

/** What runs are compared by, in the order of tables. */
export const COMPARED_METRICS: readonly ComparedMetric[] = [
  overMembers("fvu"),
  overMembers("l0"),
  overMembers("dead_fraction"),
  { metric: pwMcc, ofMembers: false, of: ({ pairs }) => besideNull(pairs) },
  { metric: gtMcc, ofMembers: true, of: ({ truth }) => besideNull(truth) },
  { metric: independentMcc, ofMembers: false, of: ({ independent }) => besideNull(independent) },
  { metric: pwMccModulo, ofMembers: false, of: ({ pairs }) => moduloBesideNull(pairs) },
  { metric: gtMccModulo, ofMembers: true, of: ({ truth }) => moduloBesideNull(truth) },
];
