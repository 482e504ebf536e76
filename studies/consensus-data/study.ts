import type { Comparison, Study } from "../../src/index.ts";
import { armsIn } from "../consensus/arms.ts";
import { measures, tablesIn } from "../consensus/shown.ts";
import { OTHER_DATA } from "../consensus/worlds.ts";

const study: Study = {
  title: "A consensus dictionary on other data",
  question:
    "Does what the study `consensus` found hold for sparser, denser and noisy data, and for other widths?",
  seeds: [0, 1, 2],
  arms: armsIn(OTHER_DATA),
  measures: measures.filter(({ name }) => name !== "ce_recovered"),
  verdicts: Object.fromEntries(
    OTHER_DATA.flatMap((world): [string, Comparison][] => {
      const [consensus, filled, long] = ["least-2", "filled", "long"].map(
        (arm) => `${world}.${arm}`,
      );
      return [
        [`${world}.true`, { measure: "true_atoms", arm: consensus!, against: long! }],
        [`${world}.found`, { measure: "found", arm: consensus!, against: long! }],
        [`${world}.fvu`, { measure: "fvu", arm: filled!, against: long! }],
      ];
    }),
  ),
  tables: tablesIn(OTHER_DATA),
  figures: {
    true: {
      title: "Atoms that are a known feature",
      label: "percent",
      rows: OTHER_DATA.flatMap((world) =>
        ["members", "long", "least-2"].map((arm, colour) => ({
          arm: `${world}.${arm}`,
          title: `${world}: ${arm === "least-2" ? "in two or more" : arm === "long" ? "one long member" : "a member"}`,
          measure: "true_atoms",
          colour,
        })),
      ),
    },
  },
  async compute(seed, context) {
    const { computeSeed } = await import("../consensus/compute.ts");
    return await computeSeed(seed, context, OTHER_DATA);
  },
};

export default study;
