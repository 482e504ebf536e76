/** @file Several couplings as one: their losses and gradients add up. */

import { type SavedState, statesBelow } from "../../base/checkpointable.ts";
import type { Population } from "../population.ts";
import type { Coupling, CouplingBytes, CouplingStep, Pull } from "./coupling.ts";

/** The sum of couplings with different names. */
export class SumOfCouplings implements Coupling {
  readonly name: string;
  readonly #terms: readonly Coupling[];

  constructor(terms: readonly Coupling[]) {
    this.#terms = terms;
    this.name = terms.map(({ name }) => name).join(" + ");
  }

  /** Gradients are added to those of the first term that has them. */
  async pull(population: Population, step: CouplingStep): Promise<Pull> {
    let loss = 0;
    const work: Record<string, number> = {};
    const gradients: (Float32Array | undefined)[] = population.members.map(() => undefined);
    for (const term of this.#terms) {
      const pull = await term.pull(population, step);
      loss += pull.loss;
      for (const [kind, n] of Object.entries(pull.work)) work[kind] = (work[kind] ?? 0) + n;
      for (const [i, gradient] of pull.gradients.entries()) {
        const sum = gradients[i];
        if (!sum) gradients[i] = gradient;
        else if (gradient) for (let k = 0; k < sum.length; k++) sum[k]! += gradient[k]!;
      }
    }
    return { loss, gradients, work };
  }

  save(): SavedState {
    const saved = this.#terms.map((term) => [term.name, term.save()] as const);
    const arrays = saved.flatMap(([term, state]) =>
      Object.entries(state.arrays).map(([name, array]) => [`${term}.${name}`, array] as const),
    );
    return {
      arrays: Object.fromEntries(arrays),
      json: Object.fromEntries(saved.map(([term, { json }]) => [term, json])),
    };
  }

  async load({ arrays, json }: SavedState): Promise<void> {
    const all = new Map(Object.entries(arrays));
    for (const term of this.#terms)
      await term.load({
        arrays: statesBelow(`${term.name}.`, all),
        json: json[term.name] as SavedState["json"],
      });
  }

  bytes(population: Population): CouplingBytes {
    const parts = this.#terms.map((term) => term.bytes(population));
    return {
      held: parts.reduce((sum, { held }) => sum + held, 0),
      scratch: Math.max(...parts.map(({ scratch }) => scratch)),
    };
  }
}
