import type { Comparison, Study, StudyFigure } from "../../src/index.ts";
import { arms, COUPLED, change } from "./arms.ts";
import { measures } from "./measures.ts";

/** What a coupled arm is compared with. */
const AGAINST = { steps: "none", compute: "none-long" } as const;

function chart(measure: string, title: string, label: string): StudyFigure {
  const rows = COUPLED.flatMap((arm) =>
    Object.entries(AGAINST).map(([equal, other], colour) => ({
      arm,
      title: `${arms[arm]!.title}, equal ${equal}`,
      measure,
      change: other,
      colour,
    })),
  );
  return { title, label, rows };
}

const study: Study = {
  title: "Mutual Feature Regularization on a language model of 135 M parameters",
  question: "Does MFR lower held-out FVU, or what SAEs cost the model, at the size of GPT-2 small?",
  config: "../../configs/mfr/smollm2.yaml",
  settings: ["training.checkpoint_every=10000", "training.keep_checkpoints=1"],
  seeds: [10, 20, 30],
  arms,
  measures,
  verdicts: {
    ...Object.fromEntries(
      COUPLED.flatMap((arm) =>
        Object.entries(AGAINST).flatMap(([equal, other]): [string, Comparison][] => [
          [`${arm}.fvu.${equal}`, change("fvu", arm, other)],
          [`${arm}.ce.${equal}`, change("ce_added", arm, other)],
        ]),
      ),
    ),
    "untied.fvu": change("fvu", "untied", "mfr-0.1"),
    "untied-mfr.fvu": change("fvu", "untied-mfr", "untied"),
    // The paper says "up to 21.21 %": reached where some interval reaches that far.
    "published-figure": (results) =>
      COUPLED.some((arm) => (results.change(arm, "none", "fvu")?.low ?? 0) <= -0.2121)
        ? "reached"
        : "not reached",
  },
  tables: {
    all: {
      rows: ["none", "none-long", "auxk", ...COUPLED, "untied", "untied-mfr"],
      columns: [
        "steps",
        "fvu",
        { measure: "fvu", change: "none", head: "FVU, equal steps" },
        { measure: "fvu", change: "none-long", head: "FVU, equal compute", only: COUPLED },
        "ce_added",
        { measure: "ce_added", change: "none", head: "CE added, equal steps" },
        {
          measure: "ce_added",
          change: "none-long",
          head: "CE added, equal compute",
          only: COUPLED,
        },
        "ce_recovered",
        "kl",
        "dead_fraction",
        "pw_mcc",
        "uncoupled_mcc",
        { measure: "step_cost", only: COUPLED },
        { measure: "weight_over_mse", only: COUPLED },
      ],
    },
  },
  figures: {
    "change-fvu": chart("fvu", "Change of held-out FVU", "change of held-out FVU, %"),
    "change-ce": chart(
      "ce_added",
      "Change of the cross-entropy that members add",
      "change of CE added, %",
    ),
  },
};

export default study;
