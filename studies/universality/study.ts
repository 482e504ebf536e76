import type { Study } from "../../src/index.ts";
import { arms } from "./arms.ts";
import { curves } from "./curves.ts";
import { measures } from "./measures.ts";
import { figures, tables } from "./shown.ts";
import { values, verdicts } from "./verdicts.ts";

const study: Study = {
  title: "Under what conditions are learned features consistent?",
  question:
    "How does the agreement of independently trained SAEs depend on width, sparsity, layer, length, and on initial weights, order and data alone?",
  config: "stories.yaml",
  seeds: [10, 11, 12],
  seedsAre: "members",
  arms,
  measures,
  curves,
  verdicts,
  tables,
  figures,
  values,
  quick: {
    arms: ["relu.l0.r1", "topk.half", "topk.half.order"],
    settings: [
      "source.max_tokens=8192",
      "population.d_sae=96",
      "training={ batch: 128, steps: 12, log_every: 4 }",
    ],
  },
};

export default study;
