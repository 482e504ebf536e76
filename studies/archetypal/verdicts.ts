/** What the page states. */

import type { Comparison } from "../../src/index.ts";
import { armName, CENTRES, type Condition, SEEDINGS } from "./arms.ts";

type Verdicts = Readonly<Record<string, Comparison>>;

/** Of both treatments of rows and both seedings: one condition against another. */
function against(name: string, measure: string, condition: Condition, other: Condition): Verdicts {
  return Object.fromEntries(
    (Object.keys(CENTRES) as (keyof typeof CENTRES)[]).flatMap((centre) =>
      (Object.keys(SEEDINGS) as (keyof typeof SEEDINGS)[]).map((seeding) => [
        `${name}.${centre}.${seeding}`,
        {
          measure,
          arm: armName(condition, centre, seeding),
          against: armName(other, centre, seeding),
          as: "difference" as const,
        },
      ]),
    ),
  );
}

export const verdicts: Verdicts = {
  ...against("stable", "pw_mcc", "archetypal", "random"),
  ...against("start", "start_mcc", "archetypal", "random"),
  ...against("free", "pw_mcc", "free", "archetypal"),
  ...against("kmeans", "pw_mcc", "kmeans", "archetypal"),
  ...against("kmeans-fvu", "fvu", "kmeans", "archetypal"),
  ...against("free-fvu", "fvu", "free", "archetypal"),
  ...against("over-random", "pw_mcc", "kmeans", "random"),
};
