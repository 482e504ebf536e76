/** @file The measures that every study can name: numbers of one finished run. */

import { linearFit } from "../../base/statistics/linear-fit.ts";
import { mean } from "../../base/statistics/mean.ts";
import { percentile } from "../../base/statistics/percentile.ts";
import { COMPARED_METRICS } from "../../runs/compared-metrics.ts";
import type { LogLine } from "../../runs/run-log.ts";
import { settingParts } from "../../runs/settings.ts";
import type { Measure } from "./study.ts";
import type { StudyRun } from "./study-run.ts";
import { uncoupledMcc } from "./uncoupled-mcc.ts";

/** Labels for pages, where those of tables in reports are too short. */
const LABELS: Readonly<Record<string, string>> = {
  fvu: "held-out FVU",
  dead_fraction: "dead latents",
};

/** The numbers by which sweeps are compared: fvu, l0, dead_fraction, pw_mcc, gt_mcc, … */
const compared = COMPARED_METRICS.map(
  ({ metric, of }): Measure => ({
    name: metric.name,
    label: LABELS[metric.name] ?? metric.label,
    show: metric.name === "dead_fraction" ? "percent" : "number",
    of(run) {
      const [part, ...others] = settingParts(run.evaluation, run.consistency);
      // A mean over members of several settings would be of none of them.
      return part && others.length === 0 ? of(part) : undefined;
    },
  }),
);

const mse: Measure = {
  name: "mse",
  label: "MSE",
  of({ members }) {
    const values = members.map((member) => member.metrics["mse"] ?? Number.NaN);
    return values.every(Number.isFinite) && values.length > 0 ? { value: mean(values) } : undefined;
  },
};

const steps: Measure = {
  name: "steps",
  label: "steps",
  of: ({ record }) => (record.totalSteps === undefined ? undefined : { value: record.totalSteps }),
};

const restarts: Measure = {
  name: "restarts",
  label: "restarts per run",
  async of(run) {
    const events = await run.log("events.jsonl");
    return { value: events.filter((line) => line["event"] === "reinitialised").length };
  },
};

/**
 * How much longer a step takes than the same members' step without its coupling:
 * `1 + median(coupling) / median(total − coupling)` over the logged steps. Medians, since whatever
 * else the machine does hits single steps.
 */
const stepCost: Measure = {
  name: "step_cost",
  label: "cost of a step",
  async of(run) {
    const timings = await run.log("timings.jsonl");
    if (timings.length === 0) return undefined;
    const median = (value: (line: LogLine) => number) => percentile(timings.map(value), 0.5)!;
    const coupling = median((line) => Number(line["coupling"]));
    const rest = median((line) => Number(line["total"]) - Number(line["coupling"]));
    return { value: 1 + coupling / rest };
  },
};

/**
 * Mean FVU of the training batches over the members and the steps from `from` to `to`, fractions of
 * all steps. Undefined where nothing was logged there.
 */
async function trainingFvu(run: StudyRun, from: number, to: number): Promise<number | undefined> {
  const total = run.record.totalSteps ?? Number.NaN;
  const lines = await run.log("metrics.jsonl");
  const inside = lines.filter(({ step }) => step > from * total && step <= to * total);
  const values = inside.flatMap((line) => {
    const members = line["members"] as Readonly<Record<string, { readonly fvu?: unknown }>>;
    return run.members.map(({ name }) => members[name]?.fvu);
  });
  const numbers = values.filter((value): value is number => typeof value === "number");
  return numbers.length > 0 ? mean(numbers) : undefined;
}

const lastTrainingFvu: Measure = {
  name: "training_fvu",
  label: "training FVU",
  async of(run) {
    const value = await trainingFvu(run, 0.9, 1);
    return value === undefined ? undefined : { value };
  },
};

/** Whether the curve is flat: the last tenth of the steps against the tenth before. */
const stillChanging: Measure = {
  name: "training_fvu_change",
  label: "change of training FVU over the last tenth of the steps",
  show: "change",
  async of(run) {
    const [before, last] = [await trainingFvu(run, 0.8, 0.9), await trainingFvu(run, 0.9, 1)];
    return before === undefined || last === undefined
      ? undefined
      : { value: (last - before) / before };
  },
};

/** From this cosine on a latent counts as known to others, or as a true feature. */
const SAME = 0.9;

type OfLatents = (others: Float32Array, truth: Float32Array) => number | undefined;

/** Mean over a run's members of what is known of their latents. */
function overLatents(name: string, label: string, show: "number" | "percent", of: OfLatents) {
  const measure: Measure = {
    name,
    label,
    show,
    async of(run) {
      const values: number[] = [];
      for (const member of run.members) {
        const latents = await run.latents(member.name);
        const value = latents && of(latents.others, latents.truth);
        if (value === undefined || !Number.isFinite(value)) return undefined;
        values.push(value);
      }
      return values.length > 0 ? { value: mean(values) } : undefined;
    },
  };
  return measure;
}

const fraction = (all: Float32Array, keep: (i: number) => boolean) =>
  all.reduce((n, _, i) => n + (keep(i) ? 1 : 0), 0) / all.length;

const uncoupled: Measure = {
  name: "uncoupled_mcc",
  label: "MCC with uncoupled SAEs",
  async of(run, context) {
    const baseline = context.baselineOf(run.arm);
    const other = baseline === undefined ? undefined : context.run(baseline, run.seed);
    return other && (await uncoupledMcc(context.backend, run, other));
  },
};

const ALL: readonly Measure[] = [
  ...compared,
  mse,
  steps,
  restarts,
  stepCost,
  lastTrainingFvu,
  stillChanging,
  uncoupled,
  overLatents(
    "agreement_truth_correlation",
    "correlation of agreement and truth",
    "number",
    (others, truth) => linearFit(others, truth)?.correlation,
  ),
  overLatents("agreed", `agreed on (cosine ≥ ${SAME})`, "percent", (others) =>
    fraction(others, (i) => others[i]! >= SAME),
  ),
  overLatents("true_of_agreed", "of these true", "percent", (others, truth) => {
    const known = fraction(others, (i) => others[i]! >= SAME);
    const both = fraction(others, (i) => others[i]! >= SAME && truth[i]! >= SAME);
    return known > 0 ? both / known : undefined;
  }),
];

/** The measures that a study can name, by name. */
export const MEASURES: ReadonlyMap<string, Measure> = new Map(ALL.map((m) => [m.name, m]));

/** A study's measures, names replaced by what they name. The names have been checked. */
export function measuresOf(choices: readonly (string | Measure)[]): Measure[] {
  return choices.map((choice) => (typeof choice === "string" ? MEASURES.get(choice)! : choice));
}
