import type { Study, StudyResults } from "../../src/index.ts";
import {
  arms,
  BANDS,
  BASELINES,
  DENOISERS,
  GROUPS,
  KINDS,
  measures,
  RATIOS,
  SAES,
} from "./arms.ts";
import { coupling, shown } from "./shown.ts";

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
/** Bands whose spectrum every SAE arm leaves further from the clean one than the noise does. */
const harmed = (group: string) => (results: StudyResults) =>
  BANDS.filter((band) => {
    const error = (name: string) => results.cell(`${group}.${name}`, `${band}_0`)!.mean;
    return Object.keys(SAES).every((name) => error(name) > error("nothing"));
  }).join(", ");

type Named = [name: string, outcome: (results: StudyResults) => string];

const verdictsOf = (group: string): Named[] => [
  ...[...RATIOS, ...KINDS].flatMap((what): Named[] => [
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
];

const study: Study = {
  title: "Denoising EEG",
  question: "Do SAEs denoise EEG windows better than band-pass, wavelets and PCA?",
  inputs: { recordings: "folder with the three open EDF recordings that the page names" },
  seeds: [0, 1, 2],
  arms,
  measures,
  verdicts: {
    "mfr-helps": (results) =>
      GROUPS.every((group) => results.count("higher", coupling(group)) === 0) ? "no" : "somewhere",
    // Kinds of noise for which the best SAEs gain more than the best baseline in both groups.
    ahead: (results) =>
      KINDS.filter((kind) =>
        GROUPS.every((group) => contest(group, `gain_${kind}`)(results) === "higher"),
      ).join(", "),
    "best-is-uncoupled-mean": (results) =>
      GROUPS.every((group) =>
        RATIOS.every((r) => bestOf(SAES, group, `gain_${r}`)(results).endsWith(".uncoupled.mean")),
      )
        ? "yes"
        : "no",
    ...Object.fromEntries(GROUPS.flatMap(verdictsOf)),
  },
  ...shown,
  async compute(seed, context) {
    const { computeSeed } = await import("./compute.ts");
    return await computeSeed(seed, context);
  },
};

export default study;
