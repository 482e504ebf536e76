import type { Study } from "concord-sae";

// Run it: concord study run examples/study
const study: Study = {
  title: "Does k or the learning rate decide the FVU?",
  question: "Which lowers held-out FVU more: four times as many active latents, or four times lr?",
  config: "config.yaml",
  seeds: [1, 2, 3],
  arms: {
    base: { title: "k 2, lr 0.001" },
    "more-k": { title: "k 8, lr 0.001", settings: ["population.k=8"] },
    "more-lr": { title: "k 2, lr 0.004", settings: ["population.lr=0.004"] },
    both: { title: "k 8, lr 0.004", settings: ["population.k=8", "population.lr=0.004"] },
  },
  measures: ["fvu", "dead_fraction", "gt_mcc", "pw_mcc"],
  verdicts: {
    k: { measure: "fvu", arm: "more-k", against: "base", as: "change" },
    lr: { measure: "fvu", arm: "more-lr", against: "base", as: "change" },
    "truth-k": { measure: "gt_mcc", arm: "more-k", against: "base" },
    "truth-lr": { measure: "gt_mcc", arm: "more-lr", against: "base" },
  },
  tables: {
    fvu: {
      rows: ["base", "more-k", "more-lr", "both"],
      columns: ["fvu", { measure: "fvu", change: "base" }, "dead_fraction", "gt_mcc", "pw_mcc"],
    },
  },
  figures: {
    change: {
      title: "Change of held-out FVU from k 2, lr 0.001",
      label: "change of held-out FVU, %",
      rows: ["more-k", "more-lr", "both"].map((arm, colour) => ({
        arm,
        measure: "fvu",
        change: "base",
        colour,
      })),
    },
  },
};

export default study;
