/** What is compared: SAEs by their training and form, and what needs no SAE. */

import type { Arm, Measure } from "../../src/index.ts";

export const BASELINES: Readonly<Record<string, string>> = {
  nothing: "nothing",
  "band-pass": "band-pass",
  wavelets: "wavelets",
  "pca-64": "PCA, 64 components (k)",
  "pca-16": "PCA, 16 components (k)",
  "pca-all": "PCA, as many components as latents",
  "pca-chosen": "PCA, number chosen by pairs",
  "pca-gains": "PCA, gains chosen by pairs",
};
export const TRAININGS: Readonly<Record<string, string>> = {
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
export const SAES = Object.fromEntries(
  Object.entries(TRAININGS).flatMap(([training, title]) =>
    Object.entries(KINDS_OF_SAE).map(([kind, words]) => [
      `${training}.${kind}`,
      `${title}: ${words}`,
    ]),
  ),
);
export const DENOISERS: Readonly<Record<string, string>> = { ...BASELINES, ...SAES };
export const GROUPS = ["open", "simulated"] as const;
export const RATIOS = ["-5", "0", "5"];
export const KINDS = ["white", "line", "muscle", "blinks", "pops"];
export const BANDS = ["delta", "theta", "alpha", "beta", "gamma"];

const text = (ratio: string) => `${ratio.replace("-", "−")} dB`;
const kept = (name: string, label: string): Measure => ({ name, label, of: () => undefined });
export const measures = [
  ...RATIOS.map((ratio) => kept(`gain_${ratio}`, `gain at ${text(ratio)}`)),
  ...RATIOS.map((ratio) => kept(`correlation_${ratio}`, `correlation at ${text(ratio)}`)),
  ...BANDS.flatMap((band) => RATIOS.map((r) => kept(`${band}_${r}`, `${band} at ${text(r)}`))),
  ...KINDS.map((kind) => kept(`gain_${kind}`, kind)),
  kept("pw_mcc", "PW-MCC"),
  kept("coupling_share", "time of the coupling over that of the rest of a step"),
  kept("components", "components"),
];

export const arms: Readonly<Record<string, Arm>> = Object.fromEntries(
  Object.entries(DENOISERS).flatMap(([name, title]): [string, Arm][] => [
    ...["fold-1", "fold-2", "simulated"].map((set): [string, Arm] => [`${set}.${name}`, { title }]),
    [`open.${name}`, { title, meanOf: [`fold-1.${name}`, `fold-2.${name}`] }],
  ]),
);
