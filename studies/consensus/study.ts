import type { Study } from "../../src/index.ts";
import { arms } from "./arms.ts";
import { figures, measures, tables } from "./shown.ts";

const study: Study = {
  title: "A consensus dictionary",
  question:
    "Is a dictionary of the latents that several SAEs found truer, or better, than its competitors?",
  seeds: [0, 1, 2],
  arms,
  measures,
  tables,
  figures,
  async compute(seed, context) {
    const { computeSeed } = await import("./compute.ts");
    return await computeSeed(seed, context);
  },
};

export default study;
