import type { Study } from "../../src/index.ts";
import { arms } from "./arms.ts";
import { figures, measures, tables } from "./shown.ts";
import { verdicts } from "./verdicts.ts";

const study: Study = {
  title: "Do models closer in size agree more?",
  question: "Do SAEs of two language models agree more where the models are closer in size?",
  seeds: [0, 1, 2],
  arms,
  measures,
  verdicts,
  tables,
  figures,
  quick: {
    arms: ["stories.stories", "stories.early"],
    settings: [
      "training={ batch: 128, steps: 12, log_every: 4 }",
      "population.warmup_steps=0",
      "population.d_sae=96",
      "source.max_tokens=4096",
    ],
  },
  async compute(seed, context) {
    const { computeSeed } = await import("./compute.ts");
    return await computeSeed(seed, context);
  },
};

export default study;
