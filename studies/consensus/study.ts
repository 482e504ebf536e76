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
  verdicts: {
    "base-true": { measure: "true_atoms", arm: "base.least-2", against: "base.members" },
    "base-fvu": { measure: "fvu", arm: "base.long", against: "base.filled" },
    "on-true": { measure: "gt_mcc", arm: "base.filled-on", against: "base.long-untied" },
    "on-fvu": { measure: "fvu", arm: "base.filled-on", against: "base.long-untied" },
    "on-member-fvu": { measure: "fvu", arm: "base.filled-on", against: "base.member-free" },
    "stories-long-fvu": { measure: "fvu", arm: "stories.filled-on", against: "stories.long" },
    "stories-long-independent": {
      measure: "in_independent",
      arm: "stories.filled-on",
      against: "stories.long",
    },
    "stories-independent": {
      measure: "independent_mcc",
      arm: "stories.filled",
      against: "stories.members",
    },
    "stories-fvu": { measure: "fvu", arm: "stories.filled", against: "stories.members" },
  },
  tables: tablesIn(MAIN),
  figures,
  async compute(seed, context) {
    const { computeSeed } = await import("./compute.ts");
    return await computeSeed(seed, context, MAIN);
  },
};

export default study;
