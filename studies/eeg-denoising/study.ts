import type { Arm, Measure, Study, StudyResults, StudyTable } from "../../src/index.ts";

const BASELINES: Readonly<Record<string, string>> = {
  nothing: "nothing",
  "band-pass": "band-pass",
  wavelets: "wavelets",
  "pca-64": "PCA, 64 components (k)",
  "pca-16": "PCA, 16 components (k)",
  "pca-all": "PCA, as many components as latents",
  "pca-chosen": "PCA, number chosen by pairs",
  "pca-gains": "PCA, gains chosen by pairs",
};
const TRAININGS: Readonly<Record<string, string>> = {
  pairs: "noisy → clean",
  clean: "clean only",
  k16: "noisy → clean, k 16",
};
const KINDS_OF_SAE: Readonly<Record<string, string>> = {
  "mfr.member": "MFR, one member",
  "mfr.mean": "MFR, mean of 3",
  "uncoupled.member": "uncoupled, one member",
  "uncoupled.mean": "uncoupled, mean of 3",
  single: "one SAE, 3 × the steps",
};
const SAES = Object.fromEntries(
  Object.entries(TRAININGS).flatMap(([training, title]) =>
    Object.entries(KINDS_OF_SAE).map(([kind, words]) => [
      `${training}.${kind}`,
      `${title}: ${words}`,
    ]),
  ),
);
const DENOISERS: Readonly<Record<string, string>> = { ...BASELINES, ...SAES };
const GROUPS = ["open", "simulated"] as const;
const RATIOS = ["-5", "0", "5"];
const KINDS = ["white", "line", "muscle", "blinks", "pops"];
const BANDS = ["delta", "theta", "alpha", "beta", "gamma"];

const text = (ratio: string) => `${ratio.replace("-", "−")} dB`;
const kept = (name: string, label: string): Measure => ({ name, label, of: () => undefined });
const measures = [
  ...RATIOS.map((ratio) => kept(`gain_${ratio}`, `gain at ${text(ratio)}`)),
  ...RATIOS.map((ratio) => kept(`correlation_${ratio}`, `correlation at ${text(ratio)}`)),
  ...BANDS.flatMap((band) => RATIOS.map((r) => kept(`${band}_${r}`, `${band} at ${text(r)}`))),
  ...KINDS.map((kind) => kept(`gain_${kind}`, kind)),
  kept("pw_mcc", "PW-MCC"),
  kept("coupling_share", "time of the coupling over that of the rest of a step"),
  kept("components", "components"),
];

/** A title that fits beside its number in a figure. */
const shortTitle = (name: string) =>
  DENOISERS[name]!.replace("noisy → clean", "pairs")
    .replace("clean only", "clean")
    .replace("as many components as latents", "one component per latent")
    .replace("one SAE, 3 × the steps", "one SAE, 3 × steps");

/** Of some denoisers the best one by its mean, as an arm. */
const bestOf =
  (among: Readonly<Record<string, string>>, group: string, measure: string) =>
  (results: StudyResults) => {
    const names = Object.keys(among).filter((name) => name !== "nothing");
    const arms = names.map((name) => `${group}.${name}`);
    return results.best(arms, measure, "higher");
  };
/** The best SAEs against the best baseline. */
const contest = (group: string, measure: string) => (results: StudyResults) => {
  const arm = bestOf(SAES, group, measure)(results);
  return results.outcome({ measure, arm, against: bestOf(BASELINES, group, measure)(results) });
};
const coupling = (group: string) =>
  Object.keys(TRAININGS).flatMap((training) =>
    ["member", "mean"].flatMap((form) =>
      RATIOS.map((ratio) => ({
        measure: `gain_${ratio}`,
        arm: `${group}.${training}.mfr.${form}`,
        against: `${group}.${training}.uncoupled.${form}`,
      })),
    ),
  );
/** Bands whose spectrum every SAE arm leaves further from the clean one than the noise does. */
const harmed = (group: string) => (results: StudyResults) =>
  BANDS.filter((band) => {
    const error = (name: string) => results.cell(`${group}.${name}`, `${band}_0`)!.mean;
    return Object.keys(SAES).every((name) => error(name) > error("nothing"));
  }).join(", ");

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

const study: Study = {
  title: "Denoising EEG",
  question: "Do SAEs denoise EEG windows better than band-pass, wavelets and PCA?",
  inputs: { recordings: "folder with the three open EDF recordings that the page names" },
  seeds: [0, 1, 2],
  arms: Object.fromEntries(
    Object.entries(DENOISERS).flatMap(([name, title]): [string, Arm][] => [
      ...["fold-1", "fold-2", "simulated"].map((set): [string, Arm] => [
        `${set}.${name}`,
        { title },
      ]),
      [`open.${name}`, { title, meanOf: [`fold-1.${name}`, `fold-2.${name}`] }],
    ]),
  ),
  measures,
  verdicts: Object.fromEntries(
    GROUPS.flatMap((group) => [
      ...[...RATIOS, ...KINDS].flatMap((what) => [
        [`${group}.contest.${what}`, contest(group, `gain_${what}`)],
        [`${group}.best-sae.${what}`, bestOf(SAES, group, `gain_${what}`)],
        [`${group}.best-baseline.${what}`, bestOf(BASELINES, group, `gain_${what}`)],
      ]),
      [`${group}.best-correlation`, bestOf(DENOISERS, group, "correlation_0")],
      [`${group}.best-sae-correlation`, bestOf(SAES, group, "correlation_0")],
      [`${group}.harmed`, harmed(group)],
      [
        `${group}.all-lose-at-5-dB`,
        (results: StudyResults) => {
          const best = bestOf(DENOISERS, group, "gain_5")(results);
          return results.cell(best, "gain_5")!.mean < 0 ? "yes" : "no";
        },
      ],
    ]),
  ),
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
  async compute(seed, context) {
    const { computeSeed } = await import("./compute.ts");
    return await computeSeed(seed, context);
  },
};

export default study;
