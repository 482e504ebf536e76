/** @file Every baseline, by name. */

import { expected } from "../../errors.ts";
import type { Baseline } from "./baseline.ts";
import { identity, random, rotation } from "./fixed.ts";
import { ica } from "./ica.ts";
import { nmf } from "./nmf.ts";
import { pca } from "./pca.ts";

/** In the order of tables. */
export const BASELINES: readonly Baseline[] = [pca, ica, nmf, random, identity, rotation];

/** @throws {ConcordError} listing the names that exist. */
export function baselineNamed(name: string): Baseline {
  const found = BASELINES.find((baseline) => baseline.name === name);
  if (!found) throw expected("baseline", BASELINES.map((b) => b.name).join(", "), name);
  return found;
}
