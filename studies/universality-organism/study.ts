import type { Study } from "../../src/index.ts";
import { arms } from "./arms.ts";
import { PUBLISHED } from "./published.ts";
import { cellName, FEATURES } from "./settings.ts";
import { figures, measures, tables } from "./shown.ts";
import { verdicts } from "./verdicts.ts";

const study: Study = {
  title: "Does agreement tell truth? The synthetic model organism",
  question: "Does PW-MCC track GT-MCC where the features are known, and does frequency matter?",
  seeds: [42, 43, 44],
  arms,
  measures,
  verdicts,
  tables,
  figures,
  values: {
    ...Object.fromEntries(
      Object.entries(PUBLISHED).flatMap(([arm, numbers]) =>
        Object.entries(numbers).map(([name, value]) => [`${arm}.${name}`, () => String(value)]),
      ),
    ),
    "half-chance": (results) => {
      const chance = results.null(cellName(2 * FEATURES, 3), "pw_mcc") ?? Number.NaN;
      return ((1 + chance) / 2).toFixed(3);
    },
  },
  quick: { arms: [cellName(16, 2)] },
  async compute(seed, context) {
    const { computeSeed } = await import("./compute.ts");
    return await computeSeed(seed, context);
  },
};

export default study;
