/** @file How the arms of a hook compare with no coupling, at equal steps and at equal compute. */

import { valueAt as setting } from "../../src/base/json.ts";
import type { Arm } from "./arm-runs.ts";
import { type Cell, heldOutFvu, heldOutMse, type Results, relative } from "./measures.ts";
import { coupledArms, type Hook } from "./stories-arms.ts";

export class Changes {
  readonly results: Results;
  readonly #longer: ReadonlyMap<Hook, Arm>;

  /** @param longer The uncoupled arm of each hook that was given the coupled one's compute. */
  constructor(results: Results, longer: ReadonlyMap<Hook, Arm>) {
    this.results = results;
    this.#longer = longer;
  }

  /** Arms whose seeds are all there, the uncoupled one first. */
  shown(hook: Hook): Arm[] {
    const { none, auxk } = hook.arms;
    const arms = [none, this.#longer.get(hook), auxk, ...coupledArms(hook)];
    return arms.filter((arm): arm is Arm => arm !== undefined && this.results.complete(arm));
  }

  coupled(hook: Hook): Arm[] {
    return coupledArms(hook).filter((arm) => this.results.complete(arm));
  }

  stepsOf(arm: Arm): number {
    return this.results.of(arm)[0]!.data.record.totalSteps!;
  }

  /** Change of held-out FVU as a fraction. */
  equalSteps(hook: Hook, arm: Arm): Cell | undefined {
    return this.results.compared(arm, hook.arms.none, heldOutFvu, relative);
  }

  /** Change of held-out FVU as a fraction. */
  equalCompute(hook: Hook, arm: Arm): Cell | undefined {
    const longer = this.#longer.get(hook);
    return longer && this.results.compared(arm, longer, heldOutFvu, relative);
  }

  /**
   * How strong a coupling is: its weight over the squared error per element of uncoupled members.
   */
  strength(hook: Hook, arm: Arm): number {
    const mse = this.results.cell(hook.arms.none, heldOutMse)!.mean;
    return Number(setting(this.results.of(arm)[0]!.data.config, "coupling.weight")) / mse;
  }
}
