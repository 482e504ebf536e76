import type { Study } from "../../src/index.ts";
import { armsIn } from "./arms.ts";
import { figures, measures, tablesIn } from "./shown.ts";
import { MAIN } from "./worlds.ts";

const study: Study = {
  title: "A consensus dictionary",
  question:
    "Is a dictionary of the latents that several SAEs found truer, or better, than its competitors?",
  seeds: [0, 1, 2],
  arms: armsIn(MAIN),
  measures,
  tables: tablesIn(MAIN),
  figures,
  async compute(seed, context) {
    const { computeSeed } = await import("./compute.ts");
    return await computeSeed(seed, context, MAIN);
  },
};

export default study;
