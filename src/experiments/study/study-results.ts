/** @file The results of an experiment: means over seeds, and differences paired by seed. */

import { mean } from "../../base/statistics/mean.ts";
import { type MeanInterval, meanInterval } from "../../base/statistics/mean-interval.ts";
import { ConcordError } from "../../errors.ts";
import { MEASURES } from "./measures.ts";
import type { Comparison, Experiment, Measure, Outcome, StudyPoints } from "./study.ts";
import type { StudyNumbers } from "./study-numbers.ts";

/** Below this many seeds nothing is claimed. */
const FEWEST_SEEDS = 3;

/** A mean over seeds with its 95 % Student-t interval. */
export interface StudyCell extends MeanInterval {
  /** In the order of the seeds; empty where only the mean and its interval were kept. */
  readonly values: readonly number[];
}

/** What an interval says of a difference from 0. */
export function outcomeOf({ low, high, n }: MeanInterval): Outcome {
  if (low === undefined || high === undefined || n < FEWEST_SEEDS) return "too few seeds";
  return low > 0 ? "higher" : high < 0 ? "lower" : "not shown";
}

/** The results of an experiment, from its numbers. */
export class StudyResults {
  readonly study: Experiment;
  readonly numbers: StudyNumbers;

  constructor(study: Experiment, numbers: StudyNumbers) {
    this.study = study;
    this.numbers = numbers;
  }

  /** The arm that others are compared with. */
  baselineOf(arm: string): string {
    const { arms, baseline } = this.study;
    return this.#known(arms, arm, "arm").baseline ?? baseline ?? Object.keys(arms)[0]!;
  }

  /** An arm's name in tables and figures. */
  title(arm: string): string {
    return this.#known(this.study.arms, arm, "arm").title;
  }

  /** A measure of the study by its name. @throws {ConcordError} naming those there are. */
  measure(name: string): Measure {
    const known = this.study.measures.map((m) => (typeof m === "string" ? MEASURES.get(m)! : m));
    const byName = Object.fromEntries(known.map((measure) => [measure.name, measure]));
    return this.#known(byName, name, "measure");
  }

  seedsOf(arm: string): readonly number[] {
    return this.#known(this.study.arms, arm, "arm").seeds ?? this.study.seeds;
  }

  #known<T>(all: Readonly<Record<string, T>>, name: string, what: string): T {
    if (Object.hasOwn(all, name)) return all[name]!;
    const names = Object.keys(all).join(", ");
    throw new ConcordError("argument/invalid", `The study has no ${what} "${name}".`, {
      hint: `It has: ${names}`,
    });
  }

  /** By seed, of the runs that have the number. */
  #bySeed(arm: string, measure: string, from: "numbers" | "nulls"): Map<number, number> {
    const { meanOf } = this.#known(this.study.arms, arm, "arm");
    if (meanOf === undefined) {
      const runs = this.numbers.runs.filter((run) => run.arm === arm);
      const found = runs.flatMap(({ seed, [from]: all }): [number, number][] => {
        const value = all?.[measure];
        return value === undefined ? [] : [[seed, value]];
      });
      return new Map(found);
    }
    const parts = meanOf.map((part) => this.#bySeed(part, measure, from));
    const seeds = [...(parts[0]?.keys() ?? [])].filter((s) => parts.every((p) => p.has(s)));
    return new Map(seeds.map((seed) => [seed, mean(parts.map((part) => part.get(seed)!))]));
  }

  /** The values of an arm, one for each seed; undefined while one is missing. */
  values(arm: string, measure: string): number[] | undefined {
    this.measure(measure);
    const known = this.#bySeed(arm, measure, "numbers");
    const values = this.seedsOf(arm).map((seed) => known.get(seed));
    return values.every((v): v is number => v !== undefined) ? values : undefined;
  }

  /** Mean over seeds; undefined while one is missing. */
  cell(arm: string, measure: string): StudyCell | undefined {
    const values = this.values(arm, measure);
    if (values === undefined) return this.#summary(arm, measure);
    const interval = meanInterval(values);
    return interval && { ...interval, values };
  }

  #summary(arm: string, measure: string): StudyCell | undefined {
    const kept = this.numbers.summaries?.find((s) => s.arm === arm && s.measure === measure);
    if (!kept) return undefined;
    const { mean, half, n } = kept;
    if (half === undefined) return { mean, n, values: [] };
    return { mean, low: mean - half, high: mean + half, n, values: [] };
  }

  /** Mean over seeds of what unrelated dictionaries would show. */
  null(arm: string, measure: string): number | undefined {
    this.measure(measure);
    const nulls = [...this.#bySeed(arm, measure, "nulls").values()];
    return meanInterval(nulls)?.mean;
  }

  #paired(
    arm: string,
    against: string,
    measure: string,
    compare: (value: number, base: number) => number,
  ): StudyCell | undefined {
    const own = this.values(arm, measure);
    const others = this.values(against, measure);
    if (!own || !others) return undefined;
    const base = new Map(this.seedsOf(against).map((seed, i) => [seed, others[i]!]));
    const values = this.seedsOf(arm).flatMap((seed, i) => {
      const other = base.get(seed);
      return other === undefined ? [] : [compare(own[i]!, other)];
    });
    const interval = meanInterval(values);
    return interval && { ...interval, values };
  }

  /**
   * Mean over seeds of `value − base`, paired by seed; seeds that only one of them has are left
   * out.
   */
  difference(arm: string, against: string, measure: string): StudyCell | undefined {
    return this.#paired(arm, against, measure, (value, base) => value - base);
  }

  /** Mean over seeds of `value / base − 1`, a fraction. */
  change(arm: string, against: string, measure: string): StudyCell | undefined {
    return this.#paired(arm, against, measure, (value, base) => value / base - 1);
  }

  /** The interval behind a comparison: a paired difference, or a mean less a fixed value. */
  compared(comparison: Comparison): StudyCell | undefined {
    const { arm, measure, against, with: fixed, as } = comparison;
    if (against === undefined && fixed !== undefined) {
      const own = this.cell(arm, measure);
      if (!own) return undefined;
      const { mean, low, high, n, values } = own;
      const shifted = { mean: mean - fixed, n, values: values.map((v) => v - fixed) };
      return low === undefined || high === undefined
        ? shifted
        : { ...shifted, low: low - fixed, high: high - fixed };
    }
    const base = against ?? this.baselineOf(arm);
    return as === "change" ? this.change(arm, base, measure) : this.difference(arm, base, measure);
  }

  /** What the seeds say of a comparison. */
  outcome(comparison: Comparison): Outcome {
    const found = this.compared(comparison);
    return found ? outcomeOf(found) : "too few seeds";
  }

  /** Of several arms the one with the highest or lowest mean. */
  best(arms: readonly string[], measure: string, better: "higher" | "lower"): string {
    const sign = better === "higher" ? 1 : -1;
    const known = arms.flatMap((arm) => {
      const cell = this.cell(arm, measure);
      return cell ? [{ arm, mean: cell.mean }] : [];
    });
    const [first, ...others] = known;
    if (!first)
      throw new ConcordError("argument/invalid", `None of ${arms.join(", ")} has ${measure}.`);
    return others.reduce((a, b) => (sign * b.mean > sign * a.mean ? b : a), first).arm;
  }

  /** A curve of an arm by seed, of the seeds that have it. */
  curves(arm: string, name: string): readonly StudyPoints[] {
    this.#known(this.study.arms, arm, "arm");
    const known = Object.fromEntries((this.study.curves ?? []).map((one) => [one.name, one]));
    this.#known(known, name, "curve");
    const runs = this.numbers.runs.filter((run) => run.arm === arm);
    return runs.flatMap(({ curves }) => curves?.[name] ?? []);
  }

  /** How many of some comparisons have an outcome. */
  count(outcome: Outcome, comparisons: readonly Comparison[]): number {
    return comparisons.filter((one) => this.outcome(one) === outcome).length;
  }
}
