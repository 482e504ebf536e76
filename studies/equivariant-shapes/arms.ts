/** @file The arms: methods on base models, rows of base models, and how the group moves these. */

import type { Arm } from "../../src/index.ts";
import { BASES, type Base, METHODS } from "./methods.ts";

/** The arm of a method on the rows of a base model. */
export const armOf = (method: string, base: Base) => `${method}.${base}`;

/** Probes of the rows themselves. */
export const ROWS_ARM = "rows";

/** The matrices that move rows. */
export const ACTION_ARM = "action";

/** Base models in the order of tables. */
export const BASE_NAMES = Object.keys(BASES) as readonly Base[];

export const arms: Readonly<Record<string, Arm>> = Object.fromEntries(
  BASE_NAMES.flatMap((base) => [
    ...Object.entries(METHODS).map(([method, { title }]): [string, Arm] => [
      armOf(method, base),
      { title, baseline: armOf("wide", base) },
    ]),
    [armOf(ROWS_ARM, base), { title: "the rows themselves", baseline: armOf(ROWS_ARM, base) }],
    [armOf(ACTION_ARM, base), { title: base, baseline: armOf(ACTION_ARM, base) }],
  ]),
);
