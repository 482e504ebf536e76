/** @file The arms of the toy part: a method and a number of features, and what is compared. */

import type { Arm } from "../../src/index.ts";
import { COMPARED, METHODS, methodsFor, SIZES, type Size } from "./methods.ts";

/** The arm of a method with so many features. */
export function armOf(method: string, features: Size): string {
  return `${method}.f${features}`;
}

/** Arms of members of one method, compared with each other. */
export const COMPARED_ARMS = Object.fromEntries(
  COMPARED.map((method) => [method, `${method}.compared`]),
) as Readonly<Record<(typeof COMPARED)[number], string>>;

/** Equivariant members that MFR pulls together. */
export const mfrArm = "canonical.mfr";

export const arms: Readonly<Record<string, Arm>> = Object.fromEntries([
  ...SIZES.flatMap((features) =>
    methodsFor(features).map((method): [string, Arm] => [
      armOf(method, features),
      { title: METHODS[method]!.title, baseline: armOf("wide", features) },
    ]),
  ),
  ...COMPARED.map((method): [string, Arm] => [
    COMPARED_ARMS[method],
    { title: METHODS[method]!.title, baseline: COMPARED_ARMS.wide },
  ]),
  [
    mfrArm,
    {
      title: "equivariant, canonical, under MFR",
      baseline: COMPARED_ARMS.canonical,
    },
  ],
]);
