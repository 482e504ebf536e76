/**
 * @file docs/results/eeg-denoising.md from the cells: every number and every statement is computed.
 */

import { DENOISING_METRICS } from "../../../src/domains/eeg/metrics/eeg-metrics.ts";
import { fixed } from "../../../src/figures/number-text.ts";
import type { Cell } from "./cell.ts";
import { BAND_METRICS, summary } from "./findings.ts";
import { CHANNELS, STUDY } from "./settings.ts";
import {
  agreementTable,
  armTable,
  byKind,
  bySnr,
  comparisonTable,
  type Group,
  MIDDLE,
  RATIOS,
  signed,
} from "./tables.ts";

function groupSection(group: Group): string {
  const { cells } = group;
  const gains = RATIOS.map((snr) => ({
    head: `gain at ${signed(snr)} dB`,
    pick: bySnr(snr),
  }));
  const correlation = {
    head: `correlation at ${MIDDLE} dB`,
    pick: bySnr(MIDDLE, "target_correlation"),
  };
  const kinds = STUDY.kinds.map((kind) => ({
    head: kind,
    pick: byKind(kind),
  }));
  const bands = BAND_METRICS.map((m) => ({
    head: m.label.replace(" error", ""),
    pick: bySnr(MIDDLE, m.name),
  }));
  const sets = [...new Map(cells.map((c) => [c.set, c])).values()].map(
    (c) =>
      `- ${c.set}: ${c.what}. ${c.trainWindows} training windows, ${c.heldOutWindows} held out${cells.filter((d) => d.set === c.set).some((d) => d.trainWindows !== c.trainWindows) ? " (with the first seed)" : ""}; PCA has at most ${c.pca.most} components, pairs chose ${c.pca.chosen}.`,
  );
  return [
    `## ${group.title}`,
    group.note,
    sets.join("\n"),
    `### SNR gain (dB), all kinds of disturbance together, and correlation`,
    armTable(group, [...gains, correlation]),
    `### SNR gain (dB) by kind, at ${MIDDLE} dB`,
    armTable(group, kinds),
    `### Spectral error by band, at ${MIDDLE} dB (0: perfect, 1: an empty spectrum)`,
    armTable(group, bands),
    "### What the coupling, the mean of members and the training are worth",
    "Differences of SNR gain in dB; ▲ better, ▼ worse, where the interval over seeds excludes none.",
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

${groups.map(summary).join("\n\n")}

These are means over ${seeds} seeds ± half of a 95 % interval (Student's t). The arms named are picked by the means below, each the highest of
several, so that their gains flatter a little. Nothing is corrected for the number of comparisons.

## What was compared

    npx tsx scripts/results/eeg-denoising.ts            # computes what is missing, then writes this page
    npx tsx scripts/results/eeg-denoising.ts --page     # the page alone, from the numbers

**Windows**: ${CHANNELS.length} electrodes at ${STUDY.rate} Hz, one second, neighbours sharing ${100 * STUDY.overlap} %, ${STUDY.band.low} to ${STUDY.band.high} Hz, average reference
(d_in ${CHANNELS.length * STUDY.rate}); z-scored by channel after the noise was added, and the z-score undone with the noisy window's own mean and
deviation. Errors are taken in µV. **Noise**: ${STUDY.kinds.join(", ")} (src/domains/eeg/signal/corruptions.ts), added after the pipeline's
filter, exactly at the stated ratio within every window; in training one kind drawn for each window served, at ${signed(`${STUDY.trainingSnrDb[0]}`)} to ${STUDY.trainingSnrDb[1]} dB, anew in
every pass. Every arm is evaluated on the same ${STUDY.windows} held-out windows (or all, where there are fewer) for each kind and ratio.

**SAEs**: \`topk\`, d_sae ${STUDY.dSae}, k ${STUDY.k} or ${STUDY.fewerK}, lr ${STUDY.lr}, batch ${STUDY.batch}, ${STUDY.steps} steps, AuxK. Populations of ${STUDY.members}; MFR with weight ${STUDY.weight} (the loss is
a sum over d_in: ${fixed(STUDY.weight / (CHANNELS.length * STUDY.rate), 2)} on a mean over d_in) and exact matching. “A member” is
the mean of the members' numbers, “mean of ${STUDY.members}” the mean of what they make of a window. *Equal steps*: a member of the
uncoupled population against one of the MFR population. *Equal compute*: one SAE trained for ${STUDY.members} × as many steps, the SAE steps of a
population; MFR's matching comes on top (see Time). Both populations are trained on the same windows and noise, from the same starting weights. Trained *noisy → clean*, or on *clean only* windows and then applied to noisy ones.

**Baselines**: the pipeline's band-pass once more; wavelets (db4, universal soft threshold, by channel); PCA of the clean training
windows, with as many components as an SAE has active latents (k), with as many as it has latents (or as the windows
allow), with the number that comes nearest on noisy training windows and their clean forms, and with a gain for each component fitted to the same pairs
(a Wiener filter in the components' basis).

**How the settings were chosen**: by exploratory runs with other seeds, on simulated recordings and, for some settings (k among them), on
these recordings, held-out ones included: a little of what the SAEs reach here may come from that. Nothing was chosen by the numbers below.
Two values of k are shown, not the one that does better.

Instruction set: ${isas}.

${groups.map(groupSection).join("\n\n")}

## Time

${timeSentence(cells)}

## Metrics

${definitions.join("\n")}
`;
}
