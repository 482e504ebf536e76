/** @file The verbs of wings, in the order of `concord --help`. */

import type { Command } from "commander";
import { addDatasets } from "./eeg/verbs/datasets.ts";
import { addDenoise } from "./eeg/verbs/denoise.ts";
import { addEdf } from "./eeg/verbs/edf.ts";
import { addCase } from "./language/verbs/case.ts";
import { addCollect } from "./language/verbs/collect.ts";
import { addErase } from "./language/verbs/erase.ts";
import { addEval } from "./language/verbs/eval.ts";
import { addGraph } from "./language/verbs/graph.ts";
import { addInterpret } from "./language/verbs/interpret.ts";
import { addLens } from "./language/verbs/lens.ts";
import { addModels } from "./language/verbs/models.ts";
import { addPatch } from "./language/verbs/patch.ts";
import { addSteer } from "./language/verbs/steer.ts";

/** By the name that a wing lists under `verbs` (`src/domains/domain.ts`). */
export const WING_VERBS: Readonly<Record<string, (program: Command) => void>> = {
  models: addModels,
  collect: addCollect,
  eval: addEval,
  interpret: addInterpret,
  steer: addSteer,
  patch: addPatch,
  erase: addErase,
  graph: addGraph,
  case: addCase,
  lens: addLens,
  datasets: addDatasets,
  edf: addEdf,
  denoise: addDenoise,
};
