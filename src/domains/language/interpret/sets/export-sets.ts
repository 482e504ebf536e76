/** @file Makes the sets of a run's members: an analysis that keeps nothing in the run. */

import type { Analysis, AnalysisContext } from "../../../analysis.ts";
import { modelBehind } from "../../analyses/model-behind.ts";
import type { JudgeSet } from "./sets-file.ts";

/** Of which latents sets are made. */
export interface ExportSetsOptions {
  /** Latents of each member, evenly spread by density. */
  readonly latents: number;
  /** Tokens that are looked at, and tokens of a fragment. */
  readonly rows: number;
  readonly fragment: number;
}

async function analyse(
  { backend, members, source, seed, pause }: AnalysisContext,
  { latents, rows: most, fragment: length }: ExportSetsOptions,
): Promise<JudgeSet[]> {
  // Models and stores are loaded when this runs.
  const { openText } = await import("../open-text.ts");
  const { readActivations } = await import("../read-codes.ts");
  const { chooseLatents } = await import("../choose-latents.ts");
  const { makeSets } = await import("./make-sets.ts");
  const text = await openText(modelBehind(source)!, backend, { most, length });
  try {
    const { fragments, tokens } = text;
    const textOf = (row: number) => tokens.texts[tokens.numbers[row]!]!;
    const sets: JudgeSet[] = [];
    for (const { name, sae } of members) {
      const activations = await readActivations(backend, sae, text.of.rows, pause);
      const of = { seed, most: latents };
      const { chosen } = await chooseLatents(name, activations, fragments, of, pause);
      sets.push(...makeSets(name, chosen, activations, { fragments, textOf }, seed));
    }
    return sets;
  } finally {
    await text.close();
  }
}

/** Sets for any judge; `found` are the sets, and the run keeps none. */
export function exportedSets(options: ExportSetsOptions): Analysis<JudgeSet[]> {
  return {
    name: "judge_sets",
    summary: "Questions about latents for any judge",
    applies: (source) => modelBehind(source) !== undefined,
    analyse: (context) => analyse(context, options),
    results: () => ({}),
    read: async () => undefined,
  };
}
