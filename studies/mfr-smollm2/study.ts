import type { Study } from "../../src/index.ts";
import { arms } from "./arms.ts";

const study: Study = {
  title: "Mutual Feature Regularization on a language model of 135 M parameters",
  question: "Does MFR lower held-out FVU, or what SAEs cost the model, at the size of GPT-2 small?",
  config: "../../configs/mfr/smollm2.yaml",
  settings: ["training.checkpoint_every=10000", "training.keep_checkpoints=1"],
  seeds: [10, 20, 30],
  arms,
  measures: ["fvu", "dead_fraction", "pw_mcc", "uncoupled_mcc", "step_cost", "steps"],
};

export default study;
