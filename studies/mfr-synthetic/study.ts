import type { Arm, Comparison, Measure, Study, StudyResults } from "../../src/index.ts";

const SUPPORTS = ["per_sample", "per_batch_group"] as const;
const OFF = "reinitialise=false";
const PAIR = "population.independent=0";
const AUX_K = "population.aux_k={dead_after_tokens: 50000}";
/** Arms of both kinds of support: title, coupling weight and further settings. */
const ARMS: Readonly<Record<string, readonly [title: string, weight: number, ...more: string[]]>> =
  {
    none: ["no coupling", 0, OFF, "population.independent=1"],
    "penalty-0.3": ["penalty 0.3", 0.3, OFF, PAIR],
    "penalty-3": ["penalty 3", 3, OFF, PAIR],
    reinit: ["reinitialisation", 0, PAIR],
    "both-0.3": ["both, penalty 0.3", 0.3, PAIR],
    "both-3": ["both, penalty 3", 3, PAIR],
    auxk: ["AuxK, no coupling", 0, OFF, PAIR, AUX_K],
    "none-long": ["no coupling, longer", 0, OFF, PAIR, "population.members=1"],
    "reinit-long": ["reinitialisation", 0, PAIR],
    "both-3-long": ["both, penalty 3", 3, PAIR],
  };
const SHOWN = Object.keys(ARMS).filter((name) => !name.endsWith("-long"));
const COUPLED = ["penalty-0.3", "penalty-3", "both-0.3", "both-3"];

function armsOf(support: (typeof SUPPORTS)[number]): [string, Arm][] {
  const names = support === "per_sample" ? [...SHOWN, "none-long"] : Object.keys(ARMS);
  return names.map((name) => {
    const [title, weight, ...more] = ARMS[name]!;
    const steps = name === "none-long" ? 10_000 : name.endsWith("-long") ? 15_000 : 5_000;
    const own = [`coupling.weight=${weight}`, `source.support=${support}`];
    const settings = [...own, `training.steps=${steps}`, ...more];
    const seeds = name === "none-long" ? { seeds: [10] } : {};
    return [`${name}.${support}`, { title, settings, baseline: `none.${support}`, ...seeds }];
  });
}

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

const compared = (measure: string, support: string, arm: string): Comparison => ({
  measure,
  arm: `${arm}.${support}`,
  against: `none.${support}`,
  as: measure === "fvu" ? "change" : "difference",
});
const verdictsOf = (support: string): [string, Comparison][] => [
  ...["gt_mcc", "fvu", "pw_mcc", "uncoupled_mcc", "dead_fraction"].flatMap((measure) =>
    SHOWN.slice(1).map((arm): [string, Comparison] => [
      `${measure}.${arm}.${support}`,
      compared(measure, support, arm),
    ]),
  ),
  [
    `correlation.${support}`,
    { measure: "agreement_truth_correlation", arm: `none.${support}`, with: 0 },
  ],
];
const settings = (measure: string) =>
  SUPPORTS.flatMap((support) => COUPLED.map((arm) => compared(measure, support, arm)));
const counted = (measure: string, outcome: "lower" | "higher") => (results: StudyResults) =>
  String(results.count(outcome, settings(measure)));

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
  arms: Object.fromEntries(SUPPORTS.flatMap(armsOf)),
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
  values: {
    settings: () => String(settings("fvu").length),
    "more-truth": counted("gt_mcc", "higher"),
    "less-truth": counted("gt_mcc", "lower"),
    "more-agreement": counted("pw_mcc", "higher"),
    "more-with-uncoupled": counted("uncoupled_mcc", "higher"),
    "lower-fvu": counted("fvu", "lower"),
    "higher-fvu": counted("fvu", "higher"),
  },
  tables: Object.fromEntries(
    SUPPORTS.flatMap((support) => {
      const rows = SHOWN.map((name) => `${name}.${support}`);
      const none = `none.${support}`;
      const similarities = ["gt_mcc", "pw_mcc", "uncoupled_mcc"];
      const flat = { measure: "training_fvu_change", head: "change over the last tenth" };
      return [
        [
          `values.${support}`,
          {
            rows,
            columns: ["fvu", "training_fvu", "dead_fraction", ...similarities, "restarts"],
          },
        ],
        [
          `differences.${support}`,
          {
            rows: rows.slice(1),
            columns: [
              { measure: "fvu", change: none, head: "held-out FVU" },
              ...similarities.map((measure) => ({
                measure,
                difference: none,
                head: measure === "uncoupled_mcc" ? "MCC with uncoupled SAEs" : label(measure),
              })),
            ],
          },
        ],
        [
          `agreement.${support}`,
          {
            rows,
            columns: [
              { measure: "agreement_truth_correlation", head: "correlation" },
              "agreed",
              "true_of_agreed",
            ],
          },
        ],
        [`flat.${support}`, { rows, columns: ["fvu", flat] }],
        [
          `longer.${support}`,
          {
            rows:
              support === "per_sample" ? [] : [`reinit-long.${support}`, `both-3-long.${support}`],
            columns: ["steps", "fvu", flat, "gt_mcc", "pw_mcc", "restarts"],
          },
        ],
      ];
    }),
  ),
  figures: Object.fromEntries(
    SUPPORTS.map((support) => [
      `agreement-${support}`,
      {
        title: `Who the members agree with, ${support}`,
        label: "MCC",
        rows: ["none", ...COUPLED].flatMap((name) =>
          [
            { measure: "pw_mcc", other: "each other" },
            { measure: "uncoupled_mcc", other: "uncoupled SAEs" },
            { measure: "gt_mcc", other: "the truth" },
          ].map(({ measure, other }, colour) => ({
            arm: `${name}.${support}`,
            title: `${ARMS[name]![0]}: ${other}`,
            measure,
            colour,
          })),
        ),
      },
    ]),
  ),
};

function label(measure: string): string {
  return measure === "gt_mcc" ? "GT-MCC" : "PW-MCC";
}

export default study;
