import type { Measure, Study } from "../../src/index.ts";
import { setting } from "../setting.ts";
import { arms, coupledArms, equalCompute, equalSteps, fvu } from "./arms.ts";
import { shown } from "./shown.ts";

/** How strong a coupling is: its weight over the squared error that uncoupled members reach. */
const strength: Measure = {
  name: "weight_over_mse",
  label: "weight / MSE",
  of(run, context) {
    const none = context.run(context.baselineOf(run.arm)!, run.seed)!;
    const errors = none.members.map((member) => member.metrics["mse"]!);
    const mse = errors.reduce((sum, v) => sum + v / errors.length, 0);
    const weight = Number(setting(run.config, "coupling.weight"));
    return weight > 0 ? { value: weight / mse } : undefined;
  },
};

const study: Study = {
  title: "Mutual Feature Regularization on a language model",
  question: "Does MFR lower held-out FVU on activations of a small language model?",
  config: "../../configs/mfr/stories15m.yaml",
  settings: [
    "population.members=4",
    "training.log_every=10",
    "training.checkpoint_every=10000",
    "training.keep_checkpoints=1",
  ],
  seeds: [10, 20, 30],
  arms,
  measures: [
    "fvu",
    "dead_fraction",
    "pw_mcc",
    "uncoupled_mcc",
    "step_cost",
    "restarts",
    "steps",
    strength,
  ],
  verdicts: {
    ...Object.fromEntries(coupledArms.map(({ key }, i) => [`${key}.steps`, equalSteps[i]!])),
    ...Object.fromEntries(coupledArms.map(({ key }, i) => [`${key}.compute`, equalCompute[i]!])),
    "auxk.mlp": fvu("auxk.mlp", "none.mlp"),
    "auxk.resid": fvu("auxk.resid", "none.resid"),
    "longer-is-better": (results) =>
      results.count("higher", equalCompute) === coupledArms.length ? "always" : "not always",
    // The paper says "up to 21.21 %": reached where some interval reaches that far.
    "published-figure": (results) =>
      coupledArms.some(
        ({ arm, short }) => (results.change(arm, `none.${short}`, "fvu")?.low ?? 0) <= -0.2121,
      )
        ? "reached"
        : "not reached",
  },
  ...shown,
  quick: {
    arms: ["mfr-0.005.mlp"],
    settings: [
      "source.max_tokens=4096",
      "population.d_sae=96",
      "training={ steps: 20, batch: 128, log_every: 4 }",
      "population.members=2",
    ],
  },
};

export default study;
