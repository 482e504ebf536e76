/** @file An SAE of any format, written as the folder that SAELens and Concord read. */

import type { Backend } from "../backend/backend.ts";
import { saelensDifference } from "../sae/saelens-forms.ts";
import type { LoadedSae } from "./format.ts";
import { readSae } from "./formats.ts";
import { requireOtherFolder } from "./other-folder.ts";
import { checkProbe, writeProbe } from "./probe.ts";
import { saveSae } from "./saelens.ts";

/** What was converted. */
export interface ConvertedSae extends LoadedSae {
  /** What SAELens makes of the new folder where that is something else; one sentence. */
  readonly difference: string | undefined;
}

/**
 * Reads an SAE, writes it to `out` with a probe, reads it back, and holds it against the probe.
 *
 * @throws errors of reading, and of writing; {FormatError} when what was written does not give the
 *   same codes.
 */
export async function convertSae(
  backend: Backend,
  folder: string,
  out: string,
): Promise<ConvertedSae> {
  requireOtherFolder(out, [folder]);
  const loaded = await readSae(backend, folder);
  const { sae, format, foreignArchitecture, modelName, hookName, seed, residualOf } = loaded;
  await saveSae(out, sae, {
    ...(modelName === undefined ? {} : { model_name: modelName }),
    ...(hookName === undefined ? {} : { hook_name: hookName }),
    ...(residualOf && { residual_of: residualOf }),
    converted_from: {
      format,
      architecture: foreignArchitecture,
      ...(seed === undefined ? {} : { seed }),
    },
  });
  await writeProbe(backend, out, sae);
  await checkProbe(backend, out, (await readSae(backend, out)).sae);
  return { ...loaded, difference: saelensDifference(sae) };
}
