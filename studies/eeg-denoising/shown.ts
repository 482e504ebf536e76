/** What the page shows: tables and a figure for recordings and for simulated EEG, and counts. */

import type { Experiment, StudyResults, StudyTable } from "../../src/index.ts";
import { BANDS, BASELINES, DENOISERS, GROUPS, KINDS, RATIOS, SAES, TRAININGS } from "./arms.ts";

/** MFR against the same members uncoupled, in every training, form and ratio. */
export const coupling = (group: string) =>
  Object.keys(TRAININGS).flatMap((training) =>
    ["member", "mean"].flatMap((form) =>
      RATIOS.map((ratio) => ({
        measure: `gain_${ratio}`,
        arm: `${group}.${training}.mfr.${form}`,
        against: `${group}.${training}.uncoupled.${form}`,
      })),
    ),
  );
/** A title that fits beside its number in a figure. */
const shortTitle = (name: string) =>
  DENOISERS[name]!.replace("noisy → clean", "pairs")
    .replace("clean only", "clean")
    .replace("as many components as latents", "one component per latent")
    .replace("one SAE, 3 × the steps", "one SAE, 3 × steps");

const table = (group: string, columns: StudyTable["columns"]): StudyTable => ({
  head: "denoised by",
  rows: Object.keys(DENOISERS).map((name) => `${group}.${name}`),
  columns,
});
const COMPARISONS = [
  ["MFR − uncoupled, one member", "mfr.member", "uncoupled.member"],
  ["MFR − uncoupled, mean of 3", "mfr.mean", "uncoupled.mean"],
  ["MFR, mean of 3 − one SAE, equal compute", "mfr.mean", "single"],
  ["uncoupled, mean of 3 − one SAE, equal compute", "uncoupled.mean", "single"],
  ["uncoupled, mean of 3 − one member", "uncoupled.mean", "uncoupled.member"],
] as const;
const worth = (group: string): StudyTable => ({
  head: "difference",
  words: ["training"],
  rows: [
    ...Object.entries(TRAININGS).flatMap(([training, words]) =>
      COMPARISONS.map(([title, a, b]) => ({
        title,
        words: [words],
        arm: `${group}.${training}.${a}`,
        against: `${group}.${training}.${b}`,
      })),
    ),
    ...["clean", "k16"].map((other) => ({
      title: `uncoupled member − one trained ${TRAININGS[other]}`,
      words: [TRAININGS["pairs"]!],
      arm: `${group}.pairs.uncoupled.member`,
      against: `${group}.${other}.uncoupled.member`,
    })),
  ],
  columns: RATIOS.map((ratio) => `gain_${ratio}`),
});
const populations = Object.keys(SAES).filter((name) => name.endsWith(".member"));

export const shown: Pick<Experiment, "values" | "tables" | "figures"> = {
  values: {
    "coupling-share": ({ numbers }) => {
      const all = numbers.runs.flatMap(({ numbers: n }) => n["coupling_share"] ?? []);
      const sorted = all.toSorted((a, b) => a - b);
      const at = (q: number) => Math.round(100 * sorted[Math.round(q * (sorted.length - 1))]!);
      return `${at(0.5)} % (median of ${sorted.length} trainings; ${at(0)} to ${at(1)} %)`;
    },
    comparisons: () => String(coupling("open").length),
    ...Object.fromEntries(
      GROUPS.flatMap((group) =>
        (["higher", "lower", "not shown"] as const).map((outcome) => [
          `${group}.mfr.${outcome.replace(" ", "-")}`,
          (results: StudyResults) => String(results.count(outcome, coupling(group))),
        ]),
      ),
    ),
  },
  tables: Object.fromEntries(
    GROUPS.flatMap((group) => [
      [`${group}.gains`, table(group, [...RATIOS.map((r) => `gain_${r}`), "correlation_0"])],
      [
        `${group}.kinds`,
        table(
          group,
          KINDS.map((kind) => `gain_${kind}`),
        ),
      ],
      [
        `${group}.bands`,
        table(
          group,
          BANDS.map((b) => ({ measure: `${b}_0`, head: b })),
        ),
      ],
      [`${group}.worth`, worth(group)],
      [
        `${group}.agreement`,
        {
          head: "population",
          rows: populations.map((name) => ({
            arm: `${group}.${name}`,
            title: SAES[name]!.replace(", one member", ", 3 members"),
          })),
          columns: ["pw_mcc"],
        },
      ],
    ]),
  ),
  figures: Object.fromEntries(
    GROUPS.map((group) => [
      `gain-${group}`,
      {
        title: `SNR gain at 0 dB, ${group === "open" ? "open recordings" : "simulated EEG"}`,
        label: "SNR gain, dB",
        rows: Object.keys(DENOISERS)
          .filter((name) => name !== "nothing" && !name.startsWith("k16"))
          .map((name) => ({
            arm: `${group}.${name}`,
            title: shortTitle(name),
            measure: "gain_0",
            difference: `${group}.nothing`,
            colour: name in BASELINES ? 0 : name.startsWith("pairs") ? 1 : 2,
          })),
      },
    ]),
  ),
};
