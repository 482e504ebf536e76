/** @file What the denoising study found, in words: every verdict follows from an interval. */

import { DENOISING_METRICS } from "../../../src/domains/eeg/metrics/eeg-metrics.ts";
import { armName, TRAINING_KINDS } from "./cell.ts";
import { STUDY } from "./settings.ts";
import {
  byKind,
  bySnr,
  difference,
  ENSEMBLE,
  type Group,
  interval,
  MEMBER,
  MIDDLE,
  type Pick,
  perSeed,
  RATIOS,
  signed,
  text,
  type Verdict,
  verdict,
} from "./tables.ts";

const NOTHING = "nothing";
export const BAND_METRICS = DENOISING_METRICS.filter((m) => m.name.startsWith("band_error_"));
const isBaseline = (arm: string) => !arm.includes(":");

/** What the SAE arm with the highest mean and such a baseline differ by. */
function contest(group: Group, pick: Pick) {
  const arms = group.cells[0]!.arms.map((a) => a.arm);
  const value = (arm: string) => interval(perSeed(group, arm, pick));
  const best = (among: readonly string[]) =>
    among.reduce((a, b) => (value(b).mean > value(a).mean ? b : a));
  const baseline = best(arms.filter((a) => isBaseline(a) && a !== NOTHING));
  const sae = best(arms.filter((a) => !isBaseline(a)));
  const found = difference(group, sae, baseline, pick);
  return { sae, baseline, ofSae: value(sae), ofBaseline: value(baseline), found };
}

/** Who gains more at one ratio, and whether anything is gained at all. */
function bestLine(group: Group, snr: string): string {
  const { sae, baseline, ofSae, ofBaseline, found } = contest(group, bySnr(snr));
  const words = {
    better: "the SAEs are ahead",
    worse: "the baseline is ahead",
    open: "not told apart",
  }[verdict(found)];
  const loss = [ofSae, ofBaseline].every((gain) => gain.mean < 0)
    ? " Leaving the windows as they are is better than either."
    : "";
  return `- ${signed(snr)} dB: ${sae}, ${text(ofSae, 2, true)} dB; best baseline: ${baseline}, ${text(ofBaseline, 2, true)} dB. Difference ${text(found, 2, true)} dB: ${words}.${loss}`;
}

const listed = (names: readonly string[]) => (names.length === 0 ? "none" : names.join(", "));

/** The same by kind of disturbance. */
function kindSentence(group: Group): string {
  const ahead = (which: Verdict) =>
    listed(STUDY.kinds.filter((kind) => verdict(contest(group, byKind(kind)).found) === which));
  return `By kind of disturbance, at ${MIDDLE} dB: the best SAE arm is ahead of the best baseline for ${ahead("better")}, behind it for ${ahead("worse")}, and not told apart for ${ahead("open")}.`;
}

/** Bands that every SAE arm has further from the clean spectrum than the noisy windows are. */
function bandSentence(group: Group): string {
  const saes = group.cells[0]!.arms.map((a) => a.arm).filter((arm) => !isBaseline(arm));
  const harmed = BAND_METRICS.filter(({ name }) => {
    const error = (arm: string) => interval(perSeed(group, arm, bySnr(MIDDLE, name))).mean;
    return saes.every((arm) => error(arm) > error(NOTHING));
  });
  const names = harmed.map((m) => m.label.replace(" error", "").toLowerCase());
  return `Bands whose spectrum every SAE arm leaves further from the clean one than the noisy windows have it, at ${MIDDLE} dB: ${listed(names)}.`;
}

/**
 * The correlation with the clean windows, which the gain does not tell: a window made smaller can
 * gain and correlate less.
 */
function correlationSentence(group: Group): string {
  const of = (arm: string) =>
    interval(perSeed(group, arm, bySnr(MIDDLE, "target_correlation"))).mean;
  const names = group.cells[0]!.arms.map((a) => a.arm).filter((arm) => arm !== NOTHING);
  const best = (among: readonly string[]) => among.reduce((a, b) => (of(b) > of(a) ? b : a));
  const [any, sae] = [best(names), best(names.filter((arm) => !isBaseline(arm)))];
  const shown = (arm: string) => `${arm}, ${of(arm).toFixed(2)}`;
  return `Correlation with the clean windows, at ${MIDDLE} dB: ${of(NOTHING).toFixed(2)} for windows left as they are; the highest of all that denoise: ${shown(any)}; of the SAEs: ${shown(sae)}.`;
}

/**
 * Where the coupling makes a difference against the same members without it, over all trainings,
 * forms and ratios.
 */
function couplingSentence(group: Group): string {
  const verdicts = TRAINING_KINDS.flatMap((training) =>
    [MEMBER, ENSEMBLE].flatMap((form) =>
      RATIOS.map((snr) => {
        const [mfr, none] = (["mfr", "uncoupled"] as const).map(
          (kind) => `${armName(training, kind)}${form}`,
        );
        return verdict(difference(group, mfr!, none!, bySnr(snr)));
      }),
    ),
  );
  const many = (which: Verdict) => verdicts.filter((v) => v === which).length;
  return `Against the same members without a coupling, MFR gains more in ${many("better")} of ${verdicts.length} comparisons (three trainings, a member and the mean, three ratios), less in ${many("worse")}, and is not told apart in ${many("open")}.`;
}

/** What was found, before the tables. */
export function summary(group: Group): string {
  return [
    `**${group.title}.** The SAE arm and the baseline with the highest SNR gain, all kinds of disturbance together:`,
    RATIOS.map((snr) => bestLine(group, snr)).join("\n"),
    kindSentence(group),
    correlationSentence(group),
    bandSentence(group),
    couplingSentence(group),
  ].join("\n\n");
}
