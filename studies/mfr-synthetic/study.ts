import type { Measure, Study } from "../../src/index.ts";
import { arms, SUPPORTS, settings, verdictsOf } from "./arms.ts";
import { shown } from "./shown.ts";

/** How much worse held-out rows are reconstructed than those of the last training batches. */
const gap: Measure = {
  name: "fvu_over_training",
  label: "held-out FVU over training FVU",
  async of(run, context) {
    const { MEASURES } = await import("../../src/index.ts");
    const held = await MEASURES.get("fvu")!.of(run, context);
    const training = await MEASURES.get("training_fvu")!.of(run, context);
    return held && training && { value: held.value / training.value };
  },
};

const study: Study = {
  title: "Mutual Feature Regularization on synthetic data",
  question: "Does MFR find more of the true features, or does it only make members agree?",
  config: "../../configs/mfr/synthetic.yaml",
  settings: [
    "training.batch=1000",
    "source.generation_batch=100000",
    "training.log_every=50",
    "training.checkpoint_every=5000",
    "training.keep_checkpoints=1",
  ],
  seeds: [10, 20, 30],
  arms,
  measures: [
    "fvu",
    "training_fvu",
    "training_fvu_change",
    gap,
    "dead_fraction",
    "gt_mcc",
    "pw_mcc",
    "uncoupled_mcc",
    "restarts",
    "steps",
    "agreement_truth_correlation",
    "agreed",
    "true_of_agreed",
  ],
  verdicts: {
    "mostly-agreement": (results) =>
      results.count("higher", settings("pw_mcc")) > 2 * results.count("higher", settings("gt_mcc"))
        ? "yes"
        : "no",
    ...Object.fromEntries(SUPPORTS.flatMap(verdictsOf)),
  },
  ...shown,
};

export default study;
