import type { Study } from "../../src/index.ts";
import { armsIn } from "../consensus/arms.ts";
import { measures, tablesIn } from "../consensus/shown.ts";
import { OTHER_DATA } from "../consensus/worlds.ts";

const study: Study = {
  title: "A consensus dictionary on other data",
  question:
    "Does what the study `consensus` found hold for sparser, denser and noisy data, and for other widths?",
  seeds: [0, 1, 2],
  arms: armsIn(OTHER_DATA),
  measures: measures.filter(({ name }) => !["ce_recovered", "in_independent"].includes(name)),
  tables: tablesIn(OTHER_DATA),
  async compute(seed, context) {
    const { computeSeed } = await import("../consensus/compute.ts");
    return await computeSeed(seed, context, OTHER_DATA);
  },
};

export default study;
