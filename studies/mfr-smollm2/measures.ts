/** The measures of this study: what members cost the model, and how strong a coupling is. */

import { inModel } from "../../src/domains/language/analyses/in-model.ts";
import type { Measure } from "../../src/index.ts";
import { setting } from "../setting.ts";

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v / values.length, 0);

/** A number of the members in the model, averaged over them. */
function spliced(
  name: string,
  label: string,
  of: (
    sae: { readonly cross_entropy: number; readonly kl: number; readonly recovered: number },
    unchanged: number,
  ) => number,
): Measure {
  return {
    name,
    label,
    async of(run) {
      const numbers = (await inModel.read(run.folder))?.spliced;
      if (!numbers) return undefined;
      const members = numbers.saes.filter((sae) => run.members.some((m) => m.name === sae.name));
      return { value: mean(members.map((sae) => of(sae, numbers.cross_entropy))) };
    },
  };
}

/** The weight over the squared error of normalised rows that uncoupled members reach. */
const strength: Measure = {
  name: "weight_over_mse",
  label: "weight / MSE",
  of(run, context) {
    const none = context.run(context.baselineOf(run.arm)!, run.seed)!;
    const { normalization } = none.record;
    const factor = typeof normalization === "object" ? normalization.factor : 1;
    const mse = factor ** 2 * mean(none.members.map((member) => member.metrics["mse"]!));
    const weight = Number(setting(run.config, "coupling.weight"));
    return weight > 0 ? { value: weight / mse } : undefined;
  },
};

export const measures = [
  "fvu",
  "dead_fraction",
  "pw_mcc",
  "step_cost",
  "steps",
  spliced("ce_added", "CE added, nats", (sae, unchanged) => sae.cross_entropy - unchanged),
  spliced("ce_recovered", "CE recovered", (sae) => sae.recovered),
  spliced("kl", "KL, nats", (sae) => sae.kl),
  strength,
];
