import type { Study } from "../../src/index.ts";
import { armName, arms, type CENTRES, CONDITIONS, type Condition, SEEDINGS } from "./arms.ts";
import { startMcc } from "./measures.ts";
import { verdicts } from "./verdicts.ts";

const names = (centre: keyof typeof CENTRES): string[] => [
  armName("random", centre, "own"),
  ...(Object.keys(CONDITIONS) as Condition[])
    .filter((condition) => condition !== "random")
    .flatMap((condition) =>
      (Object.keys(SEEDINGS) as (keyof typeof SEEDINGS)[]).map((seeding) =>
        armName(condition, centre, seeding),
      ),
    ),
];

/** Each arm at step 0, and after training below it. */
const figureRows = (centre: keyof typeof CENTRES) =>
  names(centre).flatMap((arm) => [
    { arm, measure: "start_mcc", title: `${arms[arm]!.title}: step 0`, colour: 1 },
    { arm, measure: "pw_mcc", title: `${arms[arm]!.title}: trained`, colour: 0 },
  ]);

const columns = ["start_mcc", "pw_mcc", "fvu", "dead_fraction"];

const study: Study = {
  title: "Where does the stability of archetypal SAEs come from?",
  question:
    "Do archetypal SAEs agree because of their constraint, or because k-means starts them alike?",
  config: "config.yaml",
  settings: ["source.path={pixels}"],
  inputs: { pixels: "the file that studies/archetypal/make-pixels.ts makes" },
  seeds: [10, 20, 30],
  arms,
  measures: [startMcc, "pw_mcc", "fvu", "dead_fraction"],
  verdicts,
  tables: {
    raw: { rows: names("raw"), columns },
    centred: { rows: names("centred"), columns },
  },
  figures: {
    raw: {
      title: "PW-MCC at step 0 and after training, rows as they are",
      label: "PW-MCC",
      rows: figureRows("raw"),
    },
    centred: {
      title: "PW-MCC at step 0 and after training, centred rows",
      label: "PW-MCC",
      rows: figureRows("centred"),
    },
  },
  quick: {
    seeds: [10],
    arms: ["random.raw", "kmeans.raw.own", "archetypal.raw.shared"],
    settings: ["training={ batch: 64, steps: 4, log_every: 2 }"],
  },
};

export default study;
