/** @file What the page on synthetic data says in words: every verdict follows from an interval. */

import { count, fixed, significant } from "../../src/figures/number-text.ts";
import type { Arm } from "./arm-runs.ts";
import * as measures from "./measures.ts";
import { direction, interval, percent, table } from "./page.ts";
import { coupledArms, SUPPORTS, type Support } from "./synthetic-arms.ts";

/** All that was measured. */
export interface Measured {
  readonly results: measures.Results;
  /** Runs that went on for twice as long. */
  readonly longer: measures.Results;
  /** MCC with uncoupled SAEs. */
  readonly outside: measures.Measure;
}

const { heldOutFvu: fvu, gtMcc: truth, pwMcc: each } = measures;

/** What one coupled arm did to truth and to agreement, as a sentence with its verdict. */
export function answer({ results, outside }: Measured, support: Support, arm: Arm): string {
  const { none } = support.arms;
  const [self, others, found] = [each, outside, truth].map((m) => results.compared(arm, none, m));
  const verdicts = {
    "1": "It finds more of the truth than SAEs trained apart",
    "0": "More truth than in SAEs trained apart is not shown",
    "-1": "It finds less of the truth than SAEs trained apart",
  };
  const verdict = verdicts[`${direction(found)!}`];
  const share =
    self && found && direction(self) === 1 && direction(found) === 1
      ? `; ${significant((100 * found.mean) / self.mean, 2)} % of what it gains in agreement is gained in truth`
      : "";
  return [
    `- *${support.title}*, ${arm.title}: PW-MCC ${interval(self, true)}, MCC with uncoupled SAEs`,
    `${interval(others, true)}, GT-MCC ${interval(found, true)}. **${verdict}**${share}.`,
  ].join(" ");
}

/** In how many of the coupled settings a difference from no coupling goes which way. */
function settingsWith({ results }: Measured, measure: measures.Measure, sign: 1 | -1): number {
  return SUPPORTS.flatMap((s) =>
    coupledArms(s).map((arm) => direction(results.compared(arm, s.arms.none, measure))),
  ).filter((found) => found === sign).length;
}

/** The question of the page, answered. */
export function lead(m: Measured): string {
  const all = SUPPORTS.flatMap(coupledArms).filter((arm) => m.results.complete(arm)).length;
  const [agree, found, lost] = [
    settingsWith(m, each, 1),
    settingsWith(m, truth, 1),
    settingsWith(m, truth, -1),
  ];
  const verdict =
    found === 0
      ? `MFR is not shown to find more of the truth in any of ${all} settings; what it adds is agreement of the members with each other, in ${agree}.`
      : `MFR finds more of the truth in ${found} of ${all} settings.`;
  return [
    `**${verdict}**`,
    `Of ${all} coupled settings, the members agree more with each other in ${agree}, more with SAEs trained apart in ${settingsWith(m, m.outside, 1)},`,
    `and find more true features in ${found}${lost > 0 ? ` and fewer in ${lost}` : ""}; held-out FVU falls in ${settingsWith(m, fvu, -1)} and rises in ${settingsWith(m, fvu, 1)}.`,
  ].join(" ");
}

/** What a shared latent is worth as evidence once sharing is rewarded. */
export function evidenceText({ results }: Measured): string {
  const parts = SUPPORTS.flatMap((s) => {
    const share = (arm: Arm) => [
      percent(results.cell(arm, measures.agreed)),
      percent(results.cell(arm, measures.trueOfAgreed)),
    ];
    if (!results.complete(s.arms.penalty)) return [];
    const [before, after] = [share(s.arms.none), share(s.arms.penalty)];
    const trueBefore = before[1] === "–" ? "" : `, of which ${before[1]} are true`;
    return [
      `with \`${s.name}\`, ${before[0]} of the latents are agreed on without a coupling${trueBefore}; with penalty 3 ${after[0]} are, of which ${after[1]} are true`,
    ];
  });
  return `Agreement that is rewarded is no evidence: ${parts.join("; ")} (both at a cosine of at least ${measures.SAME}).`;
}

/** A published claim and what became of it: `sign` is the direction that it promises. */
function claim(value: Parameters<typeof direction>[0], sign: 1 | -1, text: string): string {
  const found = direction(value);
  if (found === undefined) return "–";
  const words = found === sign ? "comes out" : found === 0 ? "not shown" : "the reverse";
  return `${words} (${text})`;
}

export function claimTable({ results }: Measured): string {
  const row = (name: string, of: (support: Support) => string) => [name, ...SUPPORTS.map(of)];
  const change = (support: Support, arm: Arm, measure: measures.Measure) =>
    results.compared(arm, support.arms.none, measure);
  const reconstruction = (support: Support, arm: Arm) => {
    const value = results.compared(arm, support.arms.none, fvu, measures.relative);
    return claim(value, -1, percent(value, true));
  };
  const recovery = (support: Support, arm: Arm) => {
    const value = change(support, arm, truth);
    return claim(value, 1, interval(value, true));
  };
  const rows = [
    row("Without a coupling, what SAEs agree on is likelier true (correlation)", (s) => {
      const value = results.cell(s.arms.none, measures.agreementIsTruth);
      return claim(value, 1, interval(value, true));
    }),
    row("The penalty finds more true features (GT-MCC)", (s) => recovery(s, s.arms.penalty)),
    row("Penalty and reinitialisation find more true features (GT-MCC)", (s) =>
      recovery(s, s.arms.both),
    ),
    row("The penalty lowers the reconstruction loss (held-out FVU)", (s) =>
      reconstruction(s, s.arms.penalty),
    ),
    row("Penalty and reinitialisation lower the reconstruction loss (held-out FVU)", (s) =>
      reconstruction(s, s.arms.both),
    ),
    row("Reinitialisation alone lowers the reconstruction loss (held-out FVU)", (s) =>
      reconstruction(s, s.arms.reinit),
    ),
  ];
  return table(["claim", ...SUPPORTS.map(({ name }) => `\`${name}\``)], rows);
}

/**
 * What the first uncoupled member becomes when it goes on; undefined while that run is not there.
 */
export function longText({ results, longer }: Measured, support: Support): string | undefined {
  const [run] = longer.of(support.arms.long);
  const short = results.of(support.arms.none).find(({ seed }) => seed === run?.seed);
  if (!run || !short) return undefined;
  const [before, after] = [short, run].map(({ data: { evaluation, consistency, record } }) => ({
    steps: record.totalSteps!,
    fvu: evaluation!.members[0]!.metrics["fvu"],
    truth: consistency!.ground_truth![0]!.mcc,
  }));
  const pair = (a: number | undefined, b: number | undefined, digits: number) =>
    `${fixed(a, digits)} → ${fixed(b, digits)}`;
  return [
    `With \`${support.name}\`, one uncoupled member that went on from step ${count(before!.steps)} to ${count(after!.steps)}:`,
    `held-out FVU ${pair(before!.fvu, after!.fvu, 4)}, GT-MCC ${pair(before!.truth, after!.truth, 3)}.`,
  ].join(" ");
}

/** Whether what was fitted holds for other rows. */
export function fitText({ results }: Measured, support: Support): string {
  const gap: measures.Measure = {
    label: "held-out FVU over training FVU",
    of: (run) => ({ value: fvu.of(run)!.value / measures.lastTrainingFvu.of(run)!.value }),
  };
  const found = results.cell(support.arms.none, gap)!;
  const words = `Without a coupling, held-out FVU is ${interval(found)} times that of the last training batches`;
  return found.low !== undefined && found.low > 2
    ? `${words}: what the members fit holds less for features that come in other sets, and the training loss does not show it.`
    : `${words}.`;
}

/** Whether the control for dead latents does what it is for. */
export function auxKText({ results }: Measured): string {
  const effects = SUPPORTS.flatMap(({ name, arms }) => {
    const change = results.compared(arms.auxk, arms.none, measures.deadFraction);
    if (!change || !results.complete(arms.auxk)) return [];
    return { name, text: interval(change, true, 100), fewer: direction(change) === -1 };
  });
  if (effects.length === 0)
    return "The AuxK control is not shown: not all of its seeds have been trained.";
  const told = effects.map(({ name, text }) => `${text} with \`${name}\``).join(", ");
  const verdict = effects.some(({ fewer }) => fewer)
    ? "It leaves fewer of them"
    : "It is not shown to revive any here, so its arms do not say what fewer dead latents alone would do";
  return `*AuxK*, without any coupling, gives latents that were silent for 50 000 points a loss of their own. ${verdict} (change of the dead latents in percentage points: ${told}).`;
}
