/**
 * @file What a page measures in runs, and its mean over seeds: by arm, and as paired difference
 *   between arms.
 */

import { linearFit } from "../../src/base/statistics/linear-fit.ts";
import { type MeanInterval, meanInterval } from "../../src/base/statistics/mean-interval.ts";
import { percentile } from "../../src/base/statistics/percentile.ts";
import type { RunData } from "../../src/report/run-data.ts";
import { type RunNumber, SWEEP_METRICS } from "../../src/report/sweep-summary.ts";
import type { LogLine } from "../../src/runs/run-log.ts";
import { settingParts } from "../../src/runs/settings.ts";
import { type Arm, type ArmRun, SEEDS } from "./arm-runs.ts";

/** A number of a run. */
export interface Measure {
  readonly label: string;
  of(run: ArmRun): RunNumber | undefined;
}

export interface Cell extends MeanInterval {
  /** In the order of the seeds. */
  readonly values: readonly number[];
  readonly null?: number;
}

/** Held-out squared error per element, mean over the coupled members. */
export const heldOutMse: Measure = {
  label: "MSE",
  of: ({ data }) => {
    const inside = data.evaluation!.members.filter((m) => m.coupled);
    return { value: inside.reduce((sum, m) => sum + m.metrics["mse"]! / inside.length, 0) };
  },
};

/** One of the numbers that sweeps are compared by, see report/sweep-summary.ts. */
function sweepMeasure(name: string): Measure {
  const { metric, of } = SWEEP_METRICS.find((m) => m.metric.name === name)!;
  return {
    label: metric.label,
    // The members of a page's runs have one setting.
    of: ({ data }) => of(settingParts(data.evaluation!, data.consistency)[0]!),
  };
}

export const heldOutFvu = sweepMeasure("fvu");
export const deadFraction = sweepMeasure("dead_fraction");
export const gtMcc = sweepMeasure("gt_mcc");
export const pwMcc = sweepMeasure("pw_mcc");

/** How to compare as a fraction of the base. */
export const relative = (value: number, base: number): number => value / base - 1;

/** Members that couplings include; all but the independent ones. */
export function coupledNames({ evaluation }: RunData): string[] {
  return evaluation!.members.filter((m) => m.coupled).map((m) => m.name);
}

/**
 * Mean over a run's members of what is known of their latents; undefined where it is not known of
 * one.
 */
function overLatents(
  of: (others: Float32Array, truth: Float32Array) => number | undefined,
): Measure["of"] {
  return ({ data }) => {
    const values = coupledNames(data).map((name) => {
      const { bestInOthers, bestInTruth } = data.latents.get(name) ?? {};
      return bestInOthers && bestInTruth && of(bestInOthers, bestInTruth);
    });
    if (!values.every((v) => v !== undefined && Number.isFinite(v))) return undefined;
    return { value: values.reduce((sum: number, v) => sum + v! / values.length, 0) };
  };
}

/**
 * From this cosine on, a latent counts as known to the other members, or as one of the true
 * features.
 */
export const SAME = 0.9;

const fraction = (all: Float32Array, keep: (i: number) => boolean) =>
  all.reduce((n, _, i) => n + (keep(i) ? 1 : 0), 0) / all.length;

/**
 * Pearson's correlation, over latents, of similarity to the other members and to the truth: the
 * paper's motivation.
 */
export const agreementIsTruth: Measure = {
  label: "correlation of agreement and truth",
  of: overLatents((others, truth) => linearFit(others, truth)?.correlation),
};

/** Fraction of latents that other members know as well. */
export const agreed: Measure = {
  label: "latents agreed on",
  of: overLatents((others) => fraction(others, (i) => others[i]! >= SAME)),
};

/** Of those, the fraction that is a true feature. */
export const trueOfAgreed: Measure = {
  label: "of these true",
  of: overLatents((others, truth) => {
    const known = fraction(others, (i) => others[i]! >= SAME);
    const both = fraction(others, (i) => others[i]! >= SAME && truth[i]! >= SAME);
    return known > 0 ? both / known : undefined;
  }),
};

/** Times that members started again. */
export const restarts: Measure = {
  label: "restarts",
  of: ({ logs }) => ({
    value: logs.events.filter((line) => line["event"] === "reinitialised").length,
  }),
};

/**
 * How much longer a step takes than the same members' step without its coupling, by the logged
 * steps' own clocks: medians, since whatever else the machine does hits single steps.
 */
export const stepCost: Measure = {
  label: "cost of a step",
  of: ({ logs }) => {
    const median = (of: (line: LogLine) => number) => percentile(logs.timings.map(of), 0.5)!;
    const coupling = median((line) => Number(line["coupling"]));
    const rest = median((line) => Number(line["total"]) - Number(line["coupling"]));
    return { value: 1 + coupling / rest };
  },
};

/** A member's FVU of the logged training batches, over steps. */
export function fvuCurve({ logs }: ArmRun, member: string): { x: number; y: number }[] {
  return logs.metrics.flatMap((line) => {
    const y = (line["members"] as Record<string, Record<string, unknown>>)[member]?.["fvu"];
    return typeof y === "number" ? [{ x: line.step, y }] : [];
  });
}

/**
 * Mean FVU of the training batches over the coupled members and the steps from `from` to `to`,
 * fractions of all steps.
 */
export function trainingFvu(run: ArmRun, from: number, to: number): number {
  const { data } = run;
  const steps = data.record.totalSteps!;
  const values = coupledNames(data).flatMap((name) =>
    fvuCurve(run, name)
      .filter(({ x }) => x > from * steps && x <= to * steps)
      .map(({ y }) => y),
  );
  return values.reduce((sum, v) => sum + v / values.length, 0);
}

/** FVU of the training batches in the last tenth of the steps. */
export const lastTrainingFvu: Measure = {
  label: "training FVU",
  of: (run) => ({ value: trainingFvu(run, 0.9, 1) }),
};

/**
 * How much the FVU of training batches still falls: last tenth of the steps against the tenth
 * before, as a fraction.
 */
export const stillChanging: Measure = {
  label: "change of training FVU, last tenth of the steps against the tenth before",
  of: (run) => {
    const before = trainingFvu(run, 0.8, 0.9);
    return { value: (trainingFvu(run, 0.9, 1) - before) / before };
  },
};

/** All finished runs of a page, for means and differences over seeds. */
export class Results {
  readonly runs: readonly ArmRun[];

  constructor(runs: readonly ArmRun[]) {
    this.runs = runs;
  }

  of(arm: Arm): ArmRun[] {
    return this.runs.filter((run) => run.arm.name === arm.name);
  }

  /** Whether all of an arm's seeds are there; others are not shown. */
  complete(arm: Arm): boolean {
    return this.of(arm).length === (arm.seeds ?? SEEDS).length;
  }

  /** Mean over seeds; undefined while seeds are missing and where a run has no such number. */
  cell(arm: Arm, measure: Measure): Cell | undefined {
    if (!this.complete(arm)) return undefined;
    const numbers = this.of(arm).map((run) => measure.of(run));
    if (!numbers.every((n) => n !== undefined)) return undefined;
    const values = numbers.map((n) => n.value);
    const interval = meanInterval(values);
    const nulls = numbers.map((n) => n.null).filter((v) => v !== undefined);
    if (!interval) return undefined;
    const { length } = nulls;
    return {
      ...interval,
      values,
      ...(length === 0 ? {} : { null: nulls.reduce((sum, v) => sum + v / length, 0) }),
    };
  }

  /**
   * Mean over seeds of how an arm compares with another of the same seed; default: by difference.
   */
  compared(
    arm: Arm,
    base: Arm,
    measure: Measure,
    compare: (value: number, base: number) => number = (value, before) => value - before,
  ): Cell | undefined {
    if (!this.complete(arm) || !this.complete(base)) return undefined;
    const values = this.of(arm).map(({ seed, ...run }) => {
      const before = this.of(base).find((other) => other.seed === seed);
      const [a, b] = [measure.of({ seed, ...run }), before && measure.of(before)];
      return a && b ? compare(a.value, b.value) : Number.NaN;
    });
    const interval = meanInterval(values);
    return interval && { ...interval, values };
  }
}
