// Writes docs/results/mfr-synthetic.md, its numbers and its pictures:
//   npx tsx scripts/results/mfr-synthetic.ts [--runs folder] [--no-train]
import { openBackend } from "../../src/backend/open-backend.ts";
import { valueAt as setting } from "../../src/base/json.ts";
import { count } from "../../src/figures/number-text.ts";
import { type ArmRun, armRuns, readOptions } from "./arm-runs.ts";
import * as measures from "./measures.ts";
import { outsiderMcc } from "./outsiders.ts";
import { provenance, writeNumbers, writePage } from "./page.ts";
import { coupledArms, experiment, lastingArms, SUPPORTS, type Support } from "./synthetic-arms.ts";
import { agreementFigure, curveFigure } from "./synthetic-figures.ts";
import * as tables from "./synthetic-tables.ts";
import * as verdicts from "./synthetic-verdicts.ts";

const options = readOptions(process.argv.slice(2));
const main = SUPPORTS.flatMap(({ arms: a }) => [
  a.none,
  a.penalty,
  a.both,
  a.reinit,
  a.auxk,
  a.light,
  a.bothLight,
]);
const runs = await armRuns(experiment, main, options);
const longRuns = await armRuns(
  experiment,
  SUPPORTS.flatMap((s) => [s.arms.long, ...lastingArms(s)]),
  options,
);
const results = new measures.Results(runs);
const longer = new measures.Results(longRuns);

const { backend } = openBackend({});
const uncoupledOf = (run: ArmRun) =>
  SUPPORTS.filter(({ name }) => setting(run.data.config, "source.support") === name)
    .flatMap(({ arms }) => results.of(arms.none))
    .find(({ seed }) => seed === run.seed);

const outside = await outsiderMcc(backend, runs, uncoupledOf);
const measured: verdicts.Measured = { results, longer, outside };

const first = runs[0]!.data;
const steps = first.record.totalSteps!;
const batch = Number(setting(first.config, "training.batch"));
const generation = Number(setting(first.config, "source.generation_batch"));
const points = steps * batch;

function finding(support: Support): string[] {
  return [
    `## ${support.title} (\`support: ${support.name}\`)`,
    tables.valueTable(measured, support),
    verdicts.fitText(measured, support),
    "Differences from no coupling, paired by seed:",
    tables.differenceTable(measured, support),
    agreementFigure(support, measured),
    curveFigure(support.name, tables.shown(results, support), results),
    "What agreement says about truth: correlation, over latents, of the largest cosine in the other member with the largest cosine among the true features; and how many latents are agreed on, and how many of those are true.",
    tables.agreementTable(measured, support),
  ];
}

writeNumbers("mfr-synthetic", [...runs, ...longRuns], {
  held_out_fvu: measures.heldOutFvu,
  training_fvu: measures.lastTrainingFvu,
  dead_fraction: measures.deadFraction,
  gt_mcc: measures.gtMcc,
  pw_mcc: measures.pwMcc,
  uncoupled_mcc: outside,
  restarts: measures.restarts,
  agreement_truth_correlation: measures.agreementIsTruth,
  agreed: measures.agreed,
  true_of_agreed: measures.trueOfAgreed,
});
writePage("mfr-synthetic", [
  "# Mutual Feature Regularization on synthetic data",
  `Does MFR find the truth, or only agree with itself? Two tied TopK autoencoders, ${count(points)} points, ${results.of(SUPPORTS[0].arms.none).length} seeds; ± is half of a 95 % Student-t interval over the seeds, differences are paired by seed.`,
  verdicts.lead(measured),
  verdicts.evidenceText(measured),
  SUPPORTS.flatMap((s) =>
    coupledArms(s)
      .filter((arm) => results.complete(arm))
      .map((arm) => verdicts.answer(measured, s, arm)),
  ).join("\n"),
  "## Published claims",
  "Marks et al. 2024 ([arXiv:2411.01220](https://arxiv.org/abs/2411.01220)). *Comes out* and *the reverse* are said where the interval leaves out 0, *not shown* where it does not.",
  verdicts.claimTable(measured),
  ...SUPPORTS.flatMap(finding),
  "## Whether the curves are flat",
  `Training stops after ${count(steps)} steps, as published. FVU of the training batches in the last tenth of the steps against the tenth before:`,
  ...SUPPORTS.flatMap((s) => [`\`${s.name}\``, tables.flatTable(measured, s)]),
  ...SUPPORTS.flatMap((s) => verdicts.longText(measured, s) ?? []),
  ...SUPPORTS.flatMap((s) => tables.lastingTable(measured, s) ?? []),
  "## What was run",
  [
    "`configs/mfr/synthetic.yaml`: the published generator (512 normal features in 256 dimensions, 12 groups of 42, 32 active), two tied",
    `TopK autoencoders of 512 latents, k 32, Adam with 0.01, ${count(steps)} steps, ${count(steps / (generation / batch))} draws of shared features. One departure: batches of`,
    `${count(batch)} rows instead of 10 000, so ${count(points)} points instead of 50 million, and new shared features every ${count(generation)} points instead of every million: still every ${count(generation / batch)} steps.`,
    "*Reinitialisation* is the published rule (`target: faithful`, which for k 32 of 512 latents is also the calibrated one).",
    verdicts.auxKText(measured),
    "*MCC with uncoupled SAEs* compares with SAEs of other seeds trained alone on the same data: agreement that no penalty rewarded.",
    "8 of the 512 features never occur (12 × 42 = 504), so no GT-MCC reaches 1. Data, features and weights differ between seeds.",
  ].join("\n"),
  provenance([...runs, ...longRuns], "mfr-synthetic"),
]);
