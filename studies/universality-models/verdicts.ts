/** @file What the page states of the numbers. */

import type { Verdict } from "../../src/index.ts";
import { MODELS, SIZES } from "./pairs.ts";

/** Each pair of models: against each of the two with the model that has learnt nothing. */
const learnt = MODELS.flatMap(({ name, places }) =>
  places.map((place): [string, Verdict] => [
    `${name}.${place}`,
    { measure: "correlation", arm: name, against: `${place}.redrawn` },
  ]),
);

/** Of each pair of models: whether an affine map makes SAEs worth more than the mean. */
const affine = MODELS.map(({ name }): [string, Verdict] => [
  `${name}.affine`,
  { measure: "ev_affine", arm: name, with: 0 },
]);

export const verdicts: Readonly<Record<string, Verdict>> = {
  ...Object.fromEntries([...learnt, ...affine]),
  size: { measure: "size_correlation", arm: SIZES, with: 0 },
  "size-ev": { measure: "size_scaled", arm: SIZES, with: 0 },
  closest: { measure: "correlation", arm: "stories.minilm", against: "stories.smollm2" },
  kin: { measure: "correlation", arm: "minilm.gte", against: "stories.minilm" },
  "kin-smollm2": { measure: "correlation", arm: "minilm.gte", against: "stories.smollm2" },
  "kin-ev": { measure: "ev_scaled", arm: "minilm.gte", against: "stories.minilm" },
  "kin-raw": { measure: "ev_raw", arm: "minilm.gte", with: 0 },
  "redrawn-raw": { measure: "ev_raw", arm: "stories.redrawn", with: 0 },
};
