// Writes docs/results/mfr-eeg.md, its numbers and its pictures; the folder has the three open
// recordings that the page names:
//   npx tsx scripts/results/mfr-eeg.ts <folder> [--runs folder] [--no-train]
import { openBackend } from "../../src/backend/open-backend.ts";
import { valueAt as setting } from "../../src/base/json.ts";
import { count, fixed } from "../../src/figures/number-text.ts";
import { type ArmRun, readOptions } from "./arm-runs.ts";
import { dataOf, HEAD_SEED, RECORDINGS } from "./eeg-arms.ts";
import { changeFigure } from "./eeg-figures.ts";
import { type Found, find } from "./eeg-found.ts";
import { answers, collapse, longerIsNoBetter, restraint, verdict } from "./eeg-verdicts.ts";
import * as measures from "./measures.ts";
import { interval, percent, provenance, table, writeNumbers, writePage } from "./page.ts";
import { sourceMaps } from "./source-maps.ts";

const { heldOutFvu: fvu, deadFraction: dead, pwMcc: each, stepCost: cost } = measures;

const [folder, ...rest] = process.argv.slice(2);
if (folder === undefined || folder.startsWith("--")) {
  console.error("usage: npx tsx scripts/results/mfr-eeg.ts <folder> [--runs folder] [--no-train]");
  process.exit(2);
}
const options = readOptions(rest);
const { backend } = openBackend({});

const all: Found[] = [];
for (const data of dataOf(folder)) all.push(await find(data, backend, options));
const found = all.filter((one) => one.coupled.length > 0);
const simulated = found.find(({ data }) => data.short === "simulated");
const truth = await sourceMaps(backend, simulated?.results.runs ?? [], HEAD_SEED);

const l0: measures.Measure = {
  label: "L0",
  of: ({ data }) => {
    const inside = data.evaluation!.members.filter((m) => m.coupled);
    return { value: inside.reduce((sum, m) => sum + m.metrics["l0"]! / inside.length, 0) };
  },
};

function reconstruction(one: Found): string {
  const { data, results } = one;
  const rows = one.shown.map((arm) => {
    const base = arm === data.none;
    return [
      arm.title,
      count(one.stepsOf(arm)),
      interval(results.cell(arm, fvu)),
      base ? "" : percent(one.equalSteps(arm), true),
      one.coupled.includes(arm) ? percent(one.equalCompute(arm), true) : "",
      base ? "" : percent(one.equalSteps(arm, measures.lastTrainingFvu), true),
      percent(results.cell(arm, dead)),
    ];
  });
  const head = ["arm", "steps", "held-out FVU", "against none", "against none, longer"];
  return table([...head, "training FVU against none", "dead latents"], rows);
}

function agreement(one: Found): string {
  const { data, results, outside, coupled } = one;
  const rows = [data.none, ...coupled].map((arm) => [
    arm.title,
    interval(results.cell(arm, each)),
    interval(results.cell(arm, outside)),
    arm === data.none ? "" : interval(results.compared(arm, data.none, outside), true),
    interval(results.cell(arm, measures.restarts)),
    arm === data.none ? "1" : interval(results.cell(arm, cost)),
  ]);
  const chance = fixed(results.cell(data.none, each)?.null, 3);
  const heads = [`PW-MCC (null ${chance})`, `MCC with uncoupled SAEs (null ${chance})`];
  return table(["arm", ...heads, "the same, against none", "restarts", "cost of a step"], rows);
}

function windowsOf({ data, results }: Found): string {
  const { record, evaluation } = results.of(data.none)[0]!.data;
  const layout = setting(record.provenance, "layout") as { channels: string[]; rate: number };
  const trained = Number(setting(record.provenance, "trainRows"));
  return `${count(trained)} windows of one second to train on and ${count(evaluation!.rows)} held out, ${layout.channels.length} electrodes at ${layout.rate} Hz.`;
}

function sources(one: Found): string[] {
  const { results, data } = one;
  const rows = [data.none, ...one.coupled].map((arm) => [
    arm.title,
    interval(results.cell(arm, truth.known)),
    interval(results.cell(arm, truth.pure)),
    arm === data.none ? "" : interval(results.compared(arm, data.none, truth.known), true),
    arm === data.none ? "" : interval(results.compared(arm, data.none, truth.pure), true),
  ]);
  const chance = (measure: measures.Measure) => fixed(results.cell(data.none, measure)?.null, 3);
  const head = [
    "arm",
    `sources known (null ${chance(truth.known)})`,
    `latents like a source (null ${chance(truth.pure)})`,
    "known, against none",
    "like a source, against none",
  ];
  return [
    "### The sources of the simulated head",
    "The simulator knows where its sixteen sources are. *Sources known*: of each source, the largest cosine (without sign) of its map with that of any latent, averaged; *latents like a source*: of each latent, the largest cosine of its map with that of any source. The map of a latent is the leading spatial pattern of its window; that of a source is its column of the lead field on the average reference, each electrode divided by its standard deviation, as the z-score divides it. The null is the same against five other heads. Latents that were never active on held-out windows do not count.",
    table(head, rows),
  ];
}

const runs: ArmRun[] = found.flatMap(({ results }) => [...results.runs]);
const seeds = found[0]!.results.of(found[0]!.data.none).length;

writeNumbers("mfr-eeg", runs, {
  held_out_fvu: fvu,
  training_fvu: measures.lastTrainingFvu,
  l0,
  dead_fraction: dead,
  pw_mcc: each,
  cost_of_step: cost,
  restarts: measures.restarts,
  uncoupled_mcc: {
    label: "MCC with uncoupled SAEs",
    of: (run) => found.map(({ outside }) => outside.of(run)).find((n) => n !== undefined),
  },
  sources_known: truth.known,
  latents_like_a_source: truth.pure,
});
writePage("mfr-eeg", [
  "# Mutual Feature Regularization on EEG",
  verdict(found),
  answers(found),
  `± is half of a 95 % Student-t interval over ${seeds} seeds of training; changes are paired by seed. The seeds share their data: the interval says nothing of other people. FVU is the fraction of variance unexplained; at the same data its relative change is that of the squared error, the paper's loss. The paper measures it on training batches, which is the column *training FVU*; everything else is on windows that training never saw.`,
  "**The data is small**: three real recordings of three people, less than six minutes in all, and simulated ones. It can show what the coupling does to these windows. It cannot show what it does on TUH EEG, which needs an account (`configs/mfr/eeg.yaml` runs the published setting on it, `configs/mfr/eeg-open.yaml` on an open dataset of 109 volunteers), nor anything of clinical use.",
  ...found.flatMap((one) => [
    `## ${one.data.title}`,
    `${one.data.words} ${windowsOf(one)}`,
    reconstruction(one),
    agreement(one),
    ...[restraint(one) ?? []].flat(),
    ...[longerIsNoBetter(one) ?? []].flat(),
    ...[collapse(one, (arm) => one.results.cell(arm, dead)) ?? []].flat(),
    changeFigure(one),
    ...(one === simulated ? sources(one) : []),
  ]),
  "## What the columns are",
  "*None, longer* trains an uncoupled member for as many more steps as the coupled arms' steps cost, and is what equal compute compares with. *Cost of a step* is one more than the median time that a step's coupling takes over the median time of the rest of the step, by the clocks of the same logged steps. *Half as long* and *fewer latents* are uncoupled members held back in other ways. *MCC with uncoupled SAEs* compares members with those of the uncoupled arm that began with other weights: what is agreed on only inside a coupling does not raise it. *Restarts* are members that the published reinitialisation rule started again, all members of a run together.",
  "## What was run",
  "Five tied TopK autoencoders (one where nothing is coupled and only reconstruction is compared), 512 latents, k 6, Adam with 0.001, the penalty with exact one-to-one matching and a cosine warm-up of 100 steps, and the published reinitialisation rule; batches of 256, since the published ones of 1024 would be most of the windows of a recording. Windows of the `fixed` pipeline: 0.5–45 Hz, resampled to 100 Hz, average reference, one second, artefacts left out, z-score per channel. Real recordings: `configs/mfr/eeg-recordings.yaml`, a window every tenth of a second. Simulated: `configs/mfr/eeg-simulated.yaml`, every half second. The published pipeline (`variant: faithful`) gives no more than 192 windows of the longest recording.",
  `The recordings are in public test sets: \`${RECORDINGS.rest}\` is \`test.edf\` of [eeg_microstates](https://github.com/Frederic-vW/eeg_microstates) (MIT); \`${RECORDINGS.task}\` and \`${RECORDINGS.clinic}\` are \`EDF/test_edf_overlapping_annotations.edf\` and \`NihonKohden/MB0400FU.EDF\` of [mne-testing-data](https://github.com/mne-tools/mne-testing-data). They are not in this repository: the script is told their folder.`,
  provenance(runs, "mfr-eeg"),
]);
