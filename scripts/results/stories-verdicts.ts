/**
 * @file What the page on a language model says in words: every verdict follows from an interval.
 */

import { valueAt as setting } from "../../src/base/json.ts";
import { type MeanInterval, meanInterval } from "../../src/base/statistics/mean-interval.ts";
import { count, significant } from "../../src/figures/number-text.ts";
import type { Arm, ArmRun } from "./arm-runs.ts";
import * as measures from "./measures.ts";
import { direction, interval, percent } from "./page.ts";
import { HOOKS, type Hook, PUBLISHED } from "./stories-arms.ts";
import type { Changes } from "./stories-changes.ts";

/** Whether fewer dead latents explain a lower FVU: AuxK revives them without any coupling. */
export function deadText(changes: Changes, hook: Hook): string | undefined {
  const { none, auxk } = hook.arms;
  const { results } = changes;
  const better = changes
    .coupled(hook)
    .filter((arm) => direction(changes.equalSteps(hook, arm)) === -1);
  const alone = changes.equalSteps(hook, auxk);
  if (better.length === 0 || !alone) return undefined;
  const share = (arm: Arm) => percent(results.cell(arm, measures.deadFraction));
  const arms = better.map((arm) => `${arm.title} leaves ${share(arm)}`).join(", ");
  const verdict =
    direction(alone) === -1
      ? "so a part of what the coupling gains comes with fewer dead latents"
      : "so fewer dead latents alone do not explain what the coupling gains";
  return `Of the latents, ${share(none)} are dead without a coupling; ${arms}. AuxK, with no coupling, leaves ${share(auxk)} and changes held-out FVU by ${percent(alone, true)}: ${verdict}.`;
}

/** What one coupled arm does to the reconstruction. */
export function answer(changes: Changes, hook: Hook, arm: Arm): string {
  const found = (value: MeanInterval | undefined) => {
    if (!value) return "not measured";
    const words = { "-1": "lower", "0": "not told apart from none", "1": "higher" };
    const sign = direction(value);
    return `${percent(value, true)}${sign === undefined ? "" : ` (${words[`${sign}`]})`}`;
  };
  return `- \`${hook.name}\`, ${arm.title}: held-out FVU ${found(changes.equalSteps(hook, arm))} at equal steps, ${found(changes.equalCompute(hook, arm))} at equal compute.`;
}

/** Where the published claim stands: the lowest change of any weight. */
export function verdict(changes: Changes): string {
  const all = HOOKS.flatMap((hook) =>
    changes.coupled(hook).map((arm) => ({
      hook,
      arm,
      steps: changes.equalSteps(hook, arm),
      compute: changes.equalCompute(hook, arm),
    })),
  );
  const lower = (key: "steps" | "compute") => all.filter((one) => direction(one[key]) === -1);
  const timed = all.filter(({ compute }) => compute).length;
  const best = all.reduce((a, b) => (b.steps!.mean < a.steps!.mean ? b : a));
  const reached = (best.steps!.low ?? 0) <= -PUBLISHED;
  return [
    `The paper reports a loss lower by up to ${significant(100 * PUBLISHED, 4)} % on GPT-2 small. Here the coupling lowers held-out FVU in ${lower("steps").length} of ${all.length} settings at equal steps${timed > 0 ? ` and in ${lower("compute").length} of ${timed} at equal compute` : ""}.`,
    `The best of them at equal steps is ${best.arm.title} on \`${best.hook.name}\` with ${percent(best.steps, true)}${reached ? ", which reaches the published figure" : ": the published figure is not reached"}.`,
  ].join(" ");
}

/** Restarts of a member in a hundred steps. */
function restartRate(results: measures.Results, arm: Arm): MeanInterval | undefined {
  return meanInterval(
    results.of(arm).map(({ data }) => {
      const members = measures.coupledNames(data).length;
      const { value } = measures.restarts.of({ data } as ArmRun)!;
      return (100 * value) / members / data.record.totalSteps!;
    }),
  );
}

/** How often the reinitialisation rule fires. */
export function ruleText(changes: Changes, hook: Hook): string {
  const { results } = changes;
  const { published, calibrated } = hook.arms;
  const parts = [published, calibrated]
    .filter((arm) => results.complete(arm))
    .map((arm) => {
      const target = setting(results.of(arm)[0]!.data.config, "reinitialise.target");
      return `the ${target} rule started members again ${interval(restartRate(results, arm))} times in a hundred steps of a member (${count(changes.stepsOf(arm))} steps, held-out FVU ${interval(results.cell(arm, measures.heldOutFvu))})`;
    });
  return `\`${hook.name}\`: ${parts.join("; ")}.`;
}
