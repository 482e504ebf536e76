// Writes docs/results/mfr-stories15m.md, its numbers and its pictures:
//   npx tsx scripts/results/mfr-stories15m.ts [--runs folder] [--no-train]
import { openBackend } from "../../src/backend/open-backend.ts";
import { valueAt as setting } from "../../src/base/json.ts";
import { count, fixed, significant } from "../../src/figures/number-text.ts";
import { type Arm, type ArmRun, armRuns, readOptions } from "./arm-runs.ts";
import * as measures from "./measures.ts";
import { outsiderMcc } from "./outsiders.ts";
import { interval, percent, provenance, table, writeNumbers, writePage } from "./page.ts";
import { coupledArms, EPOCHS, experiment, HOOKS, type Hook } from "./stories-arms.ts";
import { Changes } from "./stories-changes.ts";
import { changeFigure } from "./stories-figures.ts";
import { answer, deadText, ruleText, verdict } from "./stories-verdicts.ts";

const { heldOutFvu: fvu, deadFraction: dead, pwMcc: each, stepCost: cost } = measures;

const options = readOptions(process.argv.slice(2));
const runs: ArmRun[] = await armRuns(
  experiment,
  HOOKS.flatMap((hook) => [
    hook.arms.none,
    hook.arms.auxk,
    hook.arms.calibrated,
    ...coupledArms(hook),
  ]),
  options,
);
/**
 * Passes that the uncoupled members get in the time that the published setting needs for its own.
 */
const longerArms = new Map<Hook, Arm>();
for (const hook of HOOKS) {
  const ratio = new measures.Results(runs).cell(hook.arms.published, cost)?.mean;
  if (ratio === undefined) continue;
  longerArms.set(hook, hook.arms.longer(Number((EPOCHS * ratio).toFixed(1))));
}
runs.push(...(await armRuns(experiment, [...longerArms.values()], options)));
const results = new measures.Results(runs);

const changes = new Changes(results, longerArms);

const { backend } = openBackend({});
const outside = await outsiderMcc(backend, runs, (run) => {
  const hook = HOOKS.find(({ name }) => name === setting(run.data.config, "source.hook"))!;
  return results.of(hook.arms.none).find(({ seed }) => seed === run.seed);
});

function valueTable(hook: Hook): string {
  const chance = results.cell(hook.arms.none, each)?.null;
  const rows = changes.shown(hook).map((arm) => {
    const isCoupled = changes.coupled(hook).includes(arm);
    return [
      arm.title,
      count(changes.stepsOf(arm)),
      interval(results.cell(arm, fvu)),
      arm === hook.arms.none ? "" : percent(changes.equalSteps(hook, arm), true),
      isCoupled ? percent(changes.equalCompute(hook, arm), true) : "",
      percent(results.cell(arm, dead)),
      interval(results.cell(arm, each)),
      interval(results.cell(arm, outside)),
      ...(isCoupled
        ? [interval(results.cell(arm, cost)), significant(changes.strength(hook, arm), 2)]
        : ["1", ""]),
    ];
  });
  const head = [
    "arm",
    "steps",
    "held-out FVU",
    "against none",
    "against none, longer",
    "dead latents",
    `PW-MCC (null ${fixed(chance, 3)})`,
    `MCC with uncoupled SAEs (null ${fixed(chance, 3)})`,
    "cost of a step",
    "weight / MSE",
  ];
  return table(head, rows);
}

const first = runs[0]!.data;
const tokens = Number(setting(first.record.provenance, "tokens") ?? Number.NaN);
const members = measures.coupledNames(first).length;
const batch = Number(setting(first.config, "training.batch"));

writeNumbers("mfr-stories15m", runs, {
  held_out_fvu: fvu,
  dead_fraction: dead,
  pw_mcc: each,
  uncoupled_mcc: outside,
  cost_of_step: cost,
  restarts: measures.restarts,
});
writePage("mfr-stories15m", [
  "# Mutual Feature Regularization on a language model",
  verdict(changes),
  HOOKS.flatMap((hook) => changes.coupled(hook).map((arm) => answer(changes, hook, arm))).join(
    "\n",
  ),
  `± is half of a 95 % Student-t interval over ${results.of(HOOKS[0]!.arms.none).length} seeds; changes are paired by seed. *Weight / MSE* is the coupling's weight over the squared error per element that uncoupled members reach: how strongly the same weight pulls differs between hooks. FVU is the fraction of variance unexplained: at the same data its relative change is that of the squared error, the paper's loss.`,
  ...HOOKS.flatMap((hook) => [
    `## ${hook.title} (\`${hook.name}\`)`,
    valueTable(hook),
    ...[deadText(changes, hook) ?? []].flat(),
    changeFigure(hook, changes),
  ]),
  "## Equal compute",
  "*Cost of a step* is one more than the median time that a step's coupling takes over the median time of the rest of the step, by the clocks of the same logged steps. *None, longer* trains uncoupled members for as many more steps as the published weight's cost implies, and is what equal compute compares with. Exact matching of all pairs in every step makes the cost; it grows with the number of pairs, so the published ten members would pay more.",
  "## The reinitialisation rule",
  HOOKS.map((hook) => ruleText(changes, hook)).join("\n\n"),
  "The published rule expects every latent to be active in 1/16 of the rows, which is the setting of the synthetic experiment; here k / d_sae is far less. The calibrated rule expects k / d_sae, and restarts members as soon as a few latents are active in many rows.",
  "## What was run",
  [
    `\`configs/mfr/stories15m.yaml\`, with ${members} members instead of ten: stories15M (288 wide, 6 layers) on its own sampled stories${Number.isFinite(tokens) ? `, ${count(tokens)} tokens` : ""}, tied TopK`,
    `autoencoders of 1152 latents, k 6, Adam with 0.001, batches of ${batch}, ${EPOCHS} passes, penalty with the published reinitialisation rule. It is the published GPT-2 experiment on a small model with little text, not that experiment: compare relative changes only.`,
  ].join("\n"),
  provenance(runs, "mfr-stories15m"),
]);
