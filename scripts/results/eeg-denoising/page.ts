/** @file docs/results/eeg-denoising.md from the cells: every number and every statement is computed. */

import { DENOISING_METRICS } from "../../../src/metrics/registry.ts";
import { fixed } from "../../../src/report/figures/number-text.ts";
import { type MeanInterval, meanInterval } from "../../../src/report/statistics/mean-interval.ts";
import { armName, type Cell } from "./cell.ts";
import type { ArmResult, Numbers } from "./evaluation.ts";
import { CHANNELS, STUDY } from "./settings.ts";

/** Cells that are one row of the tables per seed: several folds are averaged. */
interface Group {
  readonly title: string;
  readonly note: string;
  readonly cells: readonly Cell[];
}

const MIDDLE = String(STUDY.snrDb[Math.floor(STUDY.snrDb.length / 2)]!);
const MEMBER = `, a member`;
const ENSEMBLE = `, mean of ${STUDY.members}`;

type Pick = (result: ArmResult) => Numbers;
const bySnr =
  (snr: string): Pick =>
  (r) =>
    r.bySnr[snr]!;
const byKind =
  (kind: string): Pick =>
  (r) =>
    r.byKind[kind]!;

/** One value for each seed: the mean over the group's folds. */
function perSeed(group: Group, arm: string, pick: Pick, metric: string): number[] {
  const seeds = [...new Set(group.cells.map((c) => c.seed))];
  return seeds.map((seed) => {
    const values = group.cells
      .filter((c) => c.seed === seed)
      .map((c) => pick(c.arms.find((a) => a.arm === arm)!)[metric]!);
    return values.reduce((sum, v) => sum + v / values.length, 0);
  });
}

function interval(values: readonly number[]): MeanInterval {
  const found = meanInterval(values);
  if (!found) throw new Error(`A value is missing: ${values.join(", ")}`);
  return found;
}

function text({ mean, high }: MeanInterval, decimals = 2, signed = false): string {
  const sign = signed && mean > 0 ? "+" : "";
  const half = high === undefined ? "" : ` ± ${fixed(high - mean, decimals)}`;
  return `${sign}${fixed(mean, decimals)}${half}`;
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, i) => (i === 0 ? "---" : "---:"));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

interface TableColumn {
  readonly head: string;
  readonly pick: Pick;
  readonly metric: string;
}

function armTable(group: Group, columns: readonly TableColumn[]): string {
  const arms = group.cells[0]!.arms.map((a) => a.arm);
  return markdownTable(
    ["denoised by", ...columns.map((c) => c.head)],
    arms.map((arm) => [
      arm,
      ...columns.map(({ pick, metric }) => text(interval(perSeed(group, arm, pick, metric)))),
    ]),
  );
}

/** a − b by seed, at the middle ratio. */
function difference(group: Group, a: string, b: string, metric = "snr_gain"): MeanInterval {
  const [x, y] = [a, b].map((arm) => perSeed(group, arm, bySnr(MIDDLE), metric));
  return interval(x!.map((v, i) => v - y![i]!));
}

/** What an interval of differences allows to say. */
function verdict({ low, high }: MeanInterval): string {
  if (low === undefined || high === undefined) return "one seed, no interval";
  if (low > 0) return "better";
  return high < 0 ? "worse" : "no difference that these seeds show";
}

const COMPARISONS = [
  ["MFR against no coupling, a member", "mfr", MEMBER, "uncoupled", MEMBER],
  ["MFR against no coupling, mean of members", "mfr", ENSEMBLE, "uncoupled", ENSEMBLE],
  ["MFR, mean of members, against one SAE at equal compute", "mfr", ENSEMBLE, "single", ""],
  [
    "uncoupled, mean of members, against one SAE at equal compute",
    "uncoupled",
    ENSEMBLE,
    "single",
    "",
  ],
  ["the mean of uncoupled members against a member", "uncoupled", ENSEMBLE, "uncoupled", MEMBER],
] as const;

function comparisonTable(group: Group): string {
  const rows = (["pairs", "clean"] as const).flatMap((training) =>
    COMPARISONS.map(([what, a, aForm, b, bForm]) => {
      const [one, other] = [`${armName(training, a)}${aForm}`, `${armName(training, b)}${bForm}`];
      const found = difference(group, one, other);
      const way = training === "pairs" ? "noisy → clean" : "clean only";
      return [what, way, text(found, 2, true), verdict(found)];
    }),
  );
  const pairs = `${armName("pairs", "uncoupled")}${MEMBER}`;
  const clean = `${armName("clean", "uncoupled")}${MEMBER}`;
  const gained = difference(group, pairs, clean);
  rows.push([
    "an uncoupled member trained noisy → clean against clean only",
    "",
    text(gained, 2, true),
    verdict(gained),
  ]);
  return markdownTable(
    ["comparison", "training", `SNR gain at ${MIDDLE} dB, difference in dB`, ""],
    rows,
  );
}

/** PW-MCC by training; of a group's folds the mean. */
function agreementTable({ cells }: Group): string {
  const names = Object.keys(cells[0]!.agreement);
  const seeds = [...new Set(cells.map((c) => c.seed))];
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v / values.length, 0);
  return markdownTable(
    ["population", "PW-MCC", "of unrelated dictionaries"],
    names.map((name) => {
      const of = (seed: number, what: "mean" | "null") =>
        mean(cells.filter((c) => c.seed === seed).map((c) => c.agreement[name]![what]));
      const [found, chance] = (["mean", "null"] as const).map((what) =>
        interval(seeds.map((seed) => of(seed, what))),
      );
      return [name, text(found!, 3), text(chance!, 3)];
    }),
  );
}

const isBaseline = (arm: string) => !arm.includes(":");

/** The best SAE arm and the best baseline by mean SNR gain at the middle ratio, and what lies between them. */
function bestSentence(group: Group): string {
  const arms = group.cells[0]!.arms.map((a) => a.arm);
  const gain = (arm: string) => interval(perSeed(group, arm, bySnr(MIDDLE), "snr_gain")).mean;
  const best = (among: readonly string[]) => among.reduce((a, b) => (gain(b) > gain(a) ? b : a));
  const baselines = arms.filter((a) => isBaseline(a) && a !== "nothing");
  const [sae, baseline] = [best(arms.filter((a) => !isBaseline(a))), best(baselines)];
  const found = difference(group, sae, baseline);
  const words =
    {
      better: "is ahead of it",
      worse: "stays behind it",
    }[verdict(found)] ?? "differs from it by less than these seeds can show";
  const mfr = `${armName("pairs", "mfr")}${ENSEMBLE}`;
  const ahead = baselines.filter((b) => verdict(difference(group, mfr, b)) === "better");
  const behind = baselines.filter((b) => verdict(difference(group, mfr, b)) === "worse");
  const list = (names: readonly string[]) => (names.length === 0 ? "none" : names.join("; "));
  return [
    `At ${MIDDLE} dB, all kinds together, the best baseline is “${baseline}” (${fixed(gain(baseline), 2)} dB) and the best population or SAE “${sae}” (${fixed(gain(sae), 2)} dB), which ${words} (${text(found, 2, true)} dB).`,
    `The mean of the MFR members trained noisy → clean is ahead of these baselines: ${list(ahead)}; behind: ${list(behind)}.`,
  ].join(" ");
}

function groupSection(group: Group): string {
  const { cells } = group;
  const gains = STUDY.snrDb.map((snr) => ({
    ...{ head: `gain at ${snr} dB`, pick: bySnr(String(snr)), metric: "snr_gain" },
  }));
  const correlation = {
    ...{ head: `correlation at ${MIDDLE} dB`, pick: bySnr(MIDDLE), metric: "target_correlation" },
  };
  const kinds = STUDY.kinds.map((kind) => ({
    ...{ head: kind, pick: byKind(kind), metric: "snr_gain" },
  }));
  const bands = DENOISING_METRICS.filter((m) => m.name.startsWith("band_error_")).map((m) => ({
    ...{ head: m.label.replace(" error", ""), pick: bySnr(MIDDLE), metric: m.name },
  }));
  const sets = [...new Map(cells.map((c) => [c.set, c])).values()].map(
    (c) =>
      `- ${c.set}: ${c.what}. ${c.trainWindows} training windows, ${c.heldOutWindows} held out${cells.filter((d) => d.set === c.set).some((d) => d.trainWindows !== c.trainWindows) ? " (with the first seed)" : ""}; PCA has at most ${c.pca.most} components, pairs chose ${c.pca.chosen}.`,
  );
  return [
    `## ${group.title}`,
    group.note,
    sets.join("\n"),
    bestSentence(group),
    `### SNR gain (dB), all kinds of disturbance together, and correlation`,
    armTable(group, [...gains, correlation]),
    `### SNR gain (dB) by kind, at ${MIDDLE} dB`,
    armTable(group, kinds),
    `### Spectral error by band, at ${MIDDLE} dB (0: perfect, 1: an empty spectrum)`,
    armTable(group, bands),
    `### What the coupling, the mean of members and the training are worth`,
    comparisonTable(group),
    `### How far members agree`,
    agreementTable(group),
  ].join("\n\n");
}

function timeSentence(cells: readonly Cell[]): string {
  const all = cells.flatMap((c) => Object.values(c.times));
  const share = all.map((t) => t.coupling / (t.total - t.coupling)).toSorted((a, b) => a - b);
  const at = (q: number) => fixed(100 * share[Math.round(q * (share.length - 1))]!, 0);
  return `Matching the ${STUDY.members} coupled members added ${at(0.5)} % to the time of a step of all ${2 * STUDY.members} members (median of ${share.length} trainings; ${at(0)} to ${at(1)} %), on a machine that was shared while this ran. “Equal compute” leaves it out.`;
}

/** The page. @param cells All that were computed, any order. */
export function studyPage(cells: readonly Cell[]): string {
  const simulated = cells.filter((c) => c.simulated);
  const recorded = cells.filter((c) => !c.simulated);
  const groups: Group[] = [
    {
      title: "Open recordings",
      note: "Two folds: each of the two longer recordings is held out once, and was never trained on; a seed's number is the mean of the folds. **This is very little data**: minutes of EEG of three people. The intervals are over seeds (weights, order, noise), not over people, and say nothing of other recordings. What counts as clean here are the windows as recorded, filtered and without the artefacts that an amplitude limit finds; they hold noise of their own, which a denoiser is punished for removing.",
      cells: recorded,
    },
    {
      title: "Simulated EEG (a substitute)",
      note: "**Simulated, not recorded from anyone**: sources of 1/f, alpha and beta activity in a spherical head, mixed by its lead field; without blinks, line or sensor noise, so that the clean windows are clean. Recordings have sources of their own, and those held out share none with those trained on.",
      cells: simulated,
    },
  ].filter((g) => g.cells.length > 0);
  const seeds = [...new Set(cells.map((c) => c.seed))].length;
  const isas = [...new Set(cells.map((c) => c.isa))].join(", ");
  const definitions = DENOISING_METRICS.filter((m) => !/theta|alpha|beta|gamma/.test(m.name)).map(
    (m) => {
      const label = m.label.startsWith("Delta") ? "Spectral error of a band (here delta)" : m.label;
      return `- **${label}** (${m.unit}; ${m.better} is better; ${m.range}): ${m.summary} \`${m.formula}\``;
    },
  );
  return `# Denoising EEG

<!-- Written by scripts/results/eeg-denoising.ts from docs/results/eeg-denoising.json: change them there. -->

What MFR's founding program calls denoising is reconstruction: it adds no noise. Here windows of clean EEG are disturbed with noise of
known kind and strength, and everything is judged by how near it comes to the clean window, on recordings that training never saw.

    npx tsx scripts/results/eeg-denoising.ts            # computes what is missing, then writes this page
    npx tsx scripts/results/eeg-denoising.ts --page     # the page alone, from the numbers

**Windows**: ${CHANNELS.length} electrodes at ${STUDY.rate} Hz, one second, neighbours sharing ${100 * STUDY.overlap} %, ${STUDY.band.low} to ${STUDY.band.high} Hz, average reference
(d_in ${CHANNELS.length * STUDY.rate}); z-scored by channel after the noise was added, and the z-score undone with the noisy window's own mean and
deviation. Errors are taken in µV. **Noise**: ${STUDY.kinds.join(", ")} (src/signal/corruptions.ts), added after the pipeline's
filter, exactly at the stated ratio within every window; in training one kind drawn for each window served, at ${STUDY.trainingSnrDb[0]} to ${STUDY.trainingSnrDb[1]} dB, anew in
every pass. Every arm is evaluated on the same ${STUDY.windows} held-out windows (or all, where there are fewer) for each kind and ratio.

**SAEs**: \`topk\`, d_sae ${STUDY.dSae}, k ${STUDY.k}, lr ${STUDY.lr}, batch ${STUDY.batch}, ${STUDY.steps} steps, AuxK. Populations of ${STUDY.members}; MFR with weight ${STUDY.weight} (the loss is
a sum over d_in: ${fixed(STUDY.weight / (CHANNELS.length * STUDY.rate), 2)} on a mean over d_in) and exact matching. “A member” is
the mean of the members' numbers, “mean of ${STUDY.members}” the mean of what they make of a window. *Equal steps*: a member of the
uncoupled population against one of the MFR population. *Equal compute*: one SAE trained for ${STUDY.members} × as many steps, the SAE steps of a
population; MFR's matching comes on top (see Time). Both populations are trained on the same windows and noise, from the same starting weights. Trained *noisy → clean*, or on *clean only* windows and then applied to noisy ones.

**Baselines**: the pipeline's band-pass once more; wavelets (db4, universal soft threshold, by channel); PCA of the clean training
windows, with as many components as an SAE has active latents (k), with as many as it has latents (or as the windows
allow), with the number that comes nearest on noisy training windows and their clean forms, and with a gain for each component fitted to the same pairs
(a Wiener filter in the components' basis).

Settings were chosen on simulated recordings of other seeds, not on these. ${seeds} seeds; numbers are means ± half of the 95 % interval (Student's t)
over seeds. Instruction set: ${isas}.

${groups.map(groupSection).join("\n\n")}

## Time

${timeSentence(cells)}

## Metrics

${definitions.join("\n")}
`;
}
