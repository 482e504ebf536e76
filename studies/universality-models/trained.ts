/** @file SAEs on every place, and the rows that they are compared on. */

import type { ComputedRun } from "../../src/experiments/study/study.ts";
import type { ComputeContext } from "../../src/index.ts";
import { PLACES, type Place, type PlaceName, REDRAWN } from "./places.ts";
import { redrawnModel } from "./redrawn.ts";
import { splitStories } from "./texts.ts";

/**
 * Latents of every SAE, whatever the width of its model: matching one to one among more latents
 * gives higher correlations.
 */
const LATENTS = 768;

/** What the SAEs of one place are compared with. */
export interface TrainedPlace {
  /** Folder of the SAE, and of another that began with other weights. */
  readonly saes: readonly [string, string];
  /** Folder of the store with the activations of stories that neither has seen. */
  readonly rows: string;
}

/** The run of a place over one of the texts. */
async function runOf(
  context: ComputeContext,
  name: PlaceName,
  text: "train" | "compare",
): Promise<ComputedRun> {
  const { model, hook }: Place = PLACES[name];
  const texts = await splitStories(context);
  const named = model === REDRAWN ? await redrawnModel(context) : model;
  const settings = [
    `source.model=${named}`,
    `source.hook=${hook}`,
    `source.text=${texts[text]}`,
    `population.d_sae=${LATENTS}`,
  ];
  return { name, config: "rows.yaml", settings };
}

/** Trains what is missing of some places under one seed. */
export async function trainedPlaces(
  context: ComputeContext,
  names: readonly PlaceName[],
): Promise<ReadonlyMap<PlaceName, TrainedPlace>> {
  const found = new Map<PlaceName, TrainedPlace>();
  for (const name of names) {
    const rows = await context.open(await runOf(context, name, "compare"));
    await rows.close();
    const folder = await context.train(await runOf(context, name, "train"));
    const [one, other] = ["member-0", "member-1"].map((member) => folder.file("saes", member));
    found.set(name, { saes: [one!, other!], rows: rows.store!.folder });
    context.told(`${name}: trained`);
  }
  return found;
}
