/** @file The arms of the study: pairs of places, and what the pairs of models say together. */

import type { Arm } from "../../src/index.ts";
import { ACROSS, SELF, SIZES } from "./pairs.ts";

export const arms: Readonly<Record<string, Arm>> = {
  ...Object.fromEntries(
    [...SELF, ...ACROSS].map(({ name, title }): [string, Arm] => [name, { title }]),
  ),
  [SIZES]: { title: "six pairs of models" },
};
