/** @file The tables of the page on synthetic data. */

import { count, fixed } from "../../src/figures/number-text.ts";
import type { Arm } from "./arm-runs.ts";
import * as measures from "./measures.ts";
import { interval, percent, table } from "./page.ts";
import { allArms, lastingArms, type Support } from "./synthetic-arms.ts";
import type { Measured } from "./synthetic-verdicts.ts";

const { heldOutFvu: fvu, gtMcc: truth, pwMcc: each, deadFraction: dead } = measures;

/** Arms whose seeds are all there. */
export function shown(results: measures.Results, support: Support): Arm[] {
  return allArms(support).filter((arm) => results.complete(arm));
}

/** Means over seeds. */
export function valueTable({ results, outside }: Measured, support: Support): string {
  const nulls = (measure: measures.Measure) => results.cell(support.arms.none, measure)?.null;
  const head = [
    "arm",
    "held-out FVU",
    "training FVU",
    "dead latents",
    `GT-MCC (null ${fixed(nulls(truth), 3)})`,
    `PW-MCC (null ${fixed(nulls(each), 3)})`,
    `MCC with uncoupled SAEs (null ${fixed(nulls(outside), 3)})`,
    "restarts a run",
  ];
  const rows = shown(results, support).map((arm) => [
    arm.title,
    interval(results.cell(arm, fvu)),
    interval(results.cell(arm, measures.lastTrainingFvu)),
    percent(results.cell(arm, dead)),
    ...[truth, each, outside, measures.restarts].map((m) => interval(results.cell(arm, m))),
  ]);
  return table(head, rows);
}

/** Differences from no coupling. */
export function differenceTable({ results, outside }: Measured, support: Support): string {
  const [none, ...others] = shown(results, support);
  const rows = others.map((arm) => [
    arm.title,
    percent(results.compared(arm, none!, fvu, measures.relative), true),
    ...[truth, each, outside].map((m) => interval(results.compared(arm, none!, m), true)),
  ]);
  return table(["arm", "FVU", "GT-MCC", "PW-MCC", "MCC with uncoupled SAEs"], rows);
}

/** What agreement says about truth. */
export function agreementTable({ results }: Measured, support: Support): string {
  const rows = shown(results, support).map((arm) => [
    arm.title,
    interval(results.cell(arm, measures.agreementIsTruth)),
    percent(results.cell(arm, measures.agreed)),
    percent(results.cell(arm, measures.trueOfAgreed)),
  ]);
  const head = ["arm", "correlation", `agreed on (cosine ≥ ${measures.SAME})`, "of these true"];
  return table(head, rows);
}

/** Whether training was over. */
export function flatTable({ results }: Measured, support: Support): string {
  const rows = shown(results, support).map((arm) => [
    arm.title,
    interval(results.cell(arm, fvu)),
    percent(results.cell(arm, measures.stillChanging), true),
  ]);
  return table(["arm", "held-out FVU", "change over the last tenth of the steps"], rows);
}

/** What became of the arms that went on; undefined while their runs are not there. */
export function lastingTable({ longer }: Measured, support: Support): string[] | undefined {
  const arms = lastingArms(support).filter((arm) => longer.complete(arm));
  const steps = arms[0] && longer.of(arms[0])[0]!.data.record.totalSteps;
  if (!steps) return undefined;
  const rows = arms.map((arm) => [
    arm.title,
    interval(longer.cell(arm, fvu)),
    percent(longer.cell(arm, measures.stillChanging), true),
    ...[truth, each, measures.restarts].map((m) => interval(longer.cell(arm, m))),
  ]);
  const head = ["arm", "held-out FVU", "change over the last tenth of the steps"];
  return [
    `With \`${support.name}\`, arms with restarts trained for ${count(steps)} steps instead:`,
    table([...head, "GT-MCC", "PW-MCC", "restarts a run"], rows),
  ];
}
