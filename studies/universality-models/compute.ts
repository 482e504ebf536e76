/** @file One seed of the study. */

import type { ArmNumbers, ComputeContext } from "../../src/index.ts";
import { trainedPlaces } from "./trained.ts";

export async function computeSeed(seed: number, context: ComputeContext): Promise<ArmNumbers[]> {
  await trainedPlaces(context);
  void seed;
  return [];
}
