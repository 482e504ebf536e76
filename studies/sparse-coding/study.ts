import type { Comparison, Measure, Study, StudyResults } from "../../src/index.ts";
import { armName, arms, DICTIONARIES, type DictionaryName, LAYERS, MIDDLE, NAMES } from "./arms.ts";

const measure = (name: string, label: string): Measure => ({ name, label, of: () => undefined });

/** The local proxies, with the heads of their columns. */
export const SCORES = {
  detection: "detection",
  fuzzing: "fuzzing",
  simulation: "simulation",
  auroc_n_grams: "AUROC, n-grams",
  auroc_hidden_state: "AUROC, hidden state",
  intruder_n_grams: "intruder, n-grams",
  intruder_hidden_state: "intruder, hidden state",
} as const;
const SCORE_NAMES = Object.keys(SCORES);

const compare = (layer: number, name: DictionaryName, score: string): Comparison => ({
  measure: score,
  arm: armName(layer, "sae"),
  against: armName(layer, name),
});

/** On how many of the scores the SAE is above, and below, a dictionary of a layer. */
const tally = (layer: number, name: DictionaryName) => (results: StudyResults) => {
  const all = SCORE_NAMES.map((score) => compare(layer, name, score));
  return `${results.count("higher", all)} : ${results.count("lower", all)}`;
};

const study: Study = {
  title: "Do SAE features beat other dictionaries?",
  question:
    "Are latents of an SAE easier to interpret than components of PCA and ICA, the neuron basis and random directions, per layer, and than the SAE's own controls?",
  seeds: [0, 1, 2],
  arms,
  measures: [
    ...Object.entries(SCORES).map(([name, label]) => measure(name, label)),
    measure("judged", "latents judged"),
    "fvu",
    "l0",
    measure("ce_recovered", "CE recovered"),
  ],
  curves: ["recovered", "recovered_pca", "recovered_ica"].map((name) => ({
    name,
    of: () => undefined,
  })),
  verdicts: Object.fromEntries(
    LAYERS.flatMap((layer) =>
      NAMES.slice(1).flatMap((name) =>
        SCORE_NAMES.map((score): [string, Comparison] => [
          `${armName(layer, name)}.${score}`,
          compare(layer, name, score),
        ]),
      ),
    ),
  ),
  values: Object.fromEntries(
    LAYERS.flatMap((layer) =>
      NAMES.slice(1).map((name) => [`tally.${armName(layer, name)}`, tally(layer, name)]),
    ),
  ),
  tables: Object.fromEntries(
    LAYERS.flatMap((layer) => [
      [
        `scores-${layer}`,
        {
          head: "dictionary",
          rows: NAMES.map((name) => ({ arm: armName(layer, name), title: DICTIONARIES[name] })),
          columns: Object.entries(SCORES).map(([name, head]) => ({
            measure: name,
            head,
            nullInCells: true,
          })),
        },
      ],
      [
        `costs-${layer}`,
        {
          head: "dictionary",
          rows: NAMES.map((name) => ({ arm: armName(layer, name), title: DICTIONARIES[name] })),
          columns: ["l0", "fvu", "ce_recovered", "judged"],
        },
      ],
    ]),
  ),
  figures: {
    ...Object.fromEntries(
      (["simulation", "auroc_hidden_state"] as const).map((score) => [
        score,
        {
          title: `${SCORES[score]} by dictionary and layer`,
          label: SCORES[score],
          nullName: "null: the same activations in other rows",
          rows: LAYERS.flatMap((layer, colour) =>
            NAMES.map((name) => ({
              arm: armName(layer, name),
              title: `layer ${layer}: ${DICTIONARIES[name]}`,
              measure: score,
              colour,
            })),
          ),
        },
      ]),
    ),
    saturation: {
      kind: "curves",
      title: `Cross-entropy recovered by active latents, layer ${MIDDLE}`,
      xLabel: "active latents per row",
      yLabel: "CE recovered",
      xKind: "log",
      curves: [
        ["TopK SAE", "recovered"],
        ["PCA, ±", "recovered_pca"],
        ["ICA, ±", "recovered_ica"],
      ].map(([name, curve]) => ({ name: name!, arm: armName(MIDDLE, "sae"), curve: curve! })),
    },
  },
  quick: {
    arms: [armName(MIDDLE, "sae"), armName(MIDDLE, "pca")],
    settings: [
      "training={ batch: 128, steps: 20, log_every: 10 }",
      "source.max_tokens=8192",
      "population.warmup_steps=0",
    ],
  },
  async compute(seed, context) {
    const { computeSeed } = await import("./compute.ts");
    return await computeSeed(seed, context);
  },
};

export default study;
