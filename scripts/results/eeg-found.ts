/** @file The runs of one set of EEG data, and how its arms compare with no coupling. */

import type { Backend } from "../../src/backend/backend.ts";
import { type Arm, armRuns, type Options } from "./arm-runs.ts";
import type { Data } from "./eeg-arms.ts";
import * as measures from "./measures.ts";
import { outsiderMcc } from "./outsiders.ts";

export class Found {
  readonly data: Data;
  readonly results: measures.Results;
  /** MCC with uncoupled SAEs. */
  readonly outside: measures.Measure;
  /**
   * No coupling, trained for as long as the coupled arms took; undefined while seeds of it are
   * missing.
   */
  readonly longer: Arm | undefined;

  constructor(
    data: Data,
    results: measures.Results,
    longer: Arm | undefined,
    outside: measures.Measure,
  ) {
    this.data = data;
    this.results = results;
    this.outside = outside;
    this.longer = longer && results.complete(longer) ? longer : undefined;
  }

  /** Arms whose seeds are all there. */
  get shown(): Arm[] {
    const { none, controls, coupled } = this.data;
    const all = [none, this.longer, ...controls, ...coupled];
    return all.filter((arm): arm is Arm => arm !== undefined && this.results.complete(arm));
  }

  get coupled(): Arm[] {
    return this.data.coupled.filter((arm) => this.results.complete(arm));
  }

  stepsOf(arm: Arm): number {
    return this.results.of(arm)[0]!.data.record.totalSteps!;
  }

  /** Change against no coupling as a fraction. */
  equalSteps(arm: Arm, measure = measures.heldOutFvu): measures.Cell | undefined {
    return this.results.compared(arm, this.data.none, measure, measures.relative);
  }

  /** Change of held-out FVU against no coupling that was given the coupling's compute as well. */
  equalCompute(arm: Arm): measures.Cell | undefined {
    const { longer } = this;
    return longer && this.against(arm, longer);
  }

  /** Change of held-out FVU against another arm as a fraction. */
  against(arm: Arm, other: Arm): measures.Cell | undefined {
    return this.results.compared(arm, other, measures.heldOutFvu, measures.relative);
  }
}

/** Trains and reads the runs of one set of data. */
export async function find(data: Data, backend: Backend, options: Options): Promise<Found> {
  const arms = [data.none, ...data.coupled, ...data.controls];
  const runs = await armRuns(data.experiment, arms, options);
  const first = new measures.Results(runs);
  let longer: Arm | undefined;
  if (data.coupled.every((arm) => first.complete(arm))) {
    // Weights cost the same: a mean over all of them is steadier than one.
    const costs = data.coupled.map((arm) => first.cell(arm, measures.stepCost)!.mean);
    longer = data.longer(costs.reduce((sum, c) => sum + c / costs.length, 0));
    runs.push(...(await armRuns(data.experiment, [longer], options)));
  }
  const results = new measures.Results(runs);
  // A control has one member, and one of them another size: agreement is not their matter.
  const compared = runs.filter(({ arm }) => arm === data.none || data.coupled.includes(arm));
  const outside = await outsiderMcc(backend, compared, (run) =>
    results.of(data.none).find(({ seed }) => seed === run.seed),
  );
  return new Found(data, results, longer, outside);
}
