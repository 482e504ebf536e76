/**
 * @file Automatic interpretation by a language model behind an endpoint: explain, simulate, detect,
 *   fuzz. What it answers is paid for, so it is kept, asked within a budget, and priced before.
 */

import { ConfigError } from "../../../../errors.ts";
import { NOTES_FOLDER } from "../../../../evidence/notes.ts";
import { readResult } from "../../../../runs/parse-result.ts";
import type { Analysis } from "../../../analysis.ts";
import { modelBehind } from "../../analyses/model-behind.ts";
import type { ByModelOptions } from "./judge-run.ts";
import { notesByModel } from "./notes.ts";
import { byModelSections, byModelTable } from "./pages.ts";
import { type ByModelResult, byModelSchema } from "./result.ts";

const FILE = "interpretation_by_model";

/** Without an endpoint: what it left, for reports. */
export const byModel = {
  name: FILE,
  summary: "What a language model behind an endpoint makes of latents; see concord interpret",
  // A config cannot list it: its key and its price are of the person who asks.
  ownKey: true,
  applies: (source) => modelBehind(source) !== undefined,
  analyse: async () => {
    throw new ConfigError(`${FILE} needs an endpoint.`, {
      hint: "concord interpret <run> --endpoint <url> --judge <model>",
    });
  },
  results: (found) => ({
    json: { [FILE]: found, [`${NOTES_FOLDER}/${FILE}`]: notesByModel(found) },
  }),
  read: (folder) => readResult(folder, FILE, byModelSchema),
  sections: byModelSections,
  table: byModelTable,
} as const satisfies Analysis<ByModelResult>;

/** The analysis with an endpoint that answers. */
export function interpretationByModel(options: ByModelOptions): Analysis<ByModelResult> {
  return {
    ...byModel,
    results: (found) => (options.dryRun ? {} : byModel.results(found)),
    // Models and stores are loaded when this runs.
    analyse: async (context) => (await import("./judge-run.ts")).judgeRunByModel(context, options),
  };
}
