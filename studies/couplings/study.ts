import type { Study } from "../../src/index.ts";
import { armName, arms, SETTINGS } from "./arms.ts";
import { measures } from "./measures.ts";
import { shown } from "./shown.ts";
import { verdicts } from "./verdicts.ts";

const study: Study = {
  title: "Couplings that find the truth",
  question: "Does any coupling find more true features, or only make members agree?",
  config: "synthetic.yaml",
  seeds: [10, 20, 30],
  arms,
  measures,
  verdicts,
  ...shown,
  quick: {
    arms: Object.keys(SETTINGS)
      .filter((name) => name !== "consensus")
      .map((name) => armName(name, "k16", "steps")),
    settings: ["training.steps=20", "source.held_out_rows=500"],
  },
};

export default study;
