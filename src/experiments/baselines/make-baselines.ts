/**
 * @file Baselines fitted to the training rows of a source, saved as SAE folders, and judged next to
 *   SAEs on its held-out rows.
 */

import { join } from "node:path";
import type { Backend } from "../../backend/backend.ts";
import type { FitOptions } from "../../evaluate/baselines/baseline.ts";
import { baselineNamed } from "../../evaluate/baselines/baselines.ts";
import {
  type BaselineForm,
  type FittedBaseline,
  fitBaseline,
  requireForm,
} from "../../evaluate/baselines/fit-baseline.ts";
import { openFittingRows } from "../../evaluate/baselines/fitting-rows.ts";
import { type JudgedSae, judgeSaes } from "../../evaluate/judge-saes.ts";
import { requireOtherFolder } from "../../interchange/other-folder.ts";
import { saveSae } from "../../interchange/saelens.ts";
import { sourceMetadata } from "../../interchange/source-metadata.ts";
import { saelensDifference } from "../../sae/saelens-forms.ts";
import type { Source } from "../../sources/source.ts";
import type { OpenedSae } from "../compare/open-saes.ts";
import { requireRowsOf, requireSameRows } from "../compare/same-rows.ts";

/** Which baselines are made of what, and where they go. */
export interface BaselineOptions extends FitOptions, BaselineForm {
  /** Names of `BASELINES`. */
  readonly kinds: readonly string[];
  /**
   * Rows as they come, before any `normalize`: baselines encode unchanged rows, as saved SAEs do.
   */
  readonly source: Source;
  /** Training rows to fit to. Default as each baseline has it; one pass at most. */
  readonly rows?: number | undefined;
  /** Folder of the SAE; of several, the folder that gets one for each, by name. */
  readonly out: string;
  /** SAEs to judge them next to. */
  readonly saes?: readonly OpenedSae[];
  readonly pause?: () => Promise<void>;
  /** Told how many iterations of a baseline are done. */
  readonly onIteration?: (name: string, done: number) => void;
}

/** A baseline that was made. */
export interface MadeBaseline extends FittedBaseline {
  readonly name: string;
  readonly folder: string;
  /** What SAELens makes of it that we do not, as a sentence. */
  readonly difference: string | undefined;
}

/** All that were made, and all SAEs on held-out rows. */
export interface MadeBaselines {
  readonly made: readonly MadeBaseline[];
  /** The given SAEs first, then the baselines. */
  readonly judged: readonly JudgedSae[];
}

/**
 * Fits baselines and saves each as the folder of an SAE, which Concord and SAELens load. What a fit
 * was, `metadata.baseline` of cfg.json says. The same source, options and seed give the same bytes.
 *
 * @throws {ConcordError} "argument/invalid" for a kind that there is not or an option that does not
 *   fit it; for a folder that is one of the SAEs; for SAEs of other rows. What was saved before a
 *   later one failed stays.
 */
export async function makeBaselines(
  backend: Backend,
  options: BaselineOptions,
): Promise<MadeBaselines> {
  const { kinds, source, out, saes = [], sign, k, pause = async () => {}, ...rest } = options;
  const { onIteration, ...fit } = rest;
  const baselines = [...new Set(kinds)].map(baselineNamed);
  for (const baseline of baselines) requireForm(baseline, { sign, k });
  const folderOf = (name: string) => (baselines.length === 1 ? out : join(out, name));
  for (const { name } of baselines)
    requireOtherFolder(
      folderOf(name),
      saes.map(({ folder }) => folder),
    );
  requireSameRows(saes);
  if (saes[0]) requireRowsOf(saes[0], source);
  const beginning = source.train.state();
  const made: MadeBaseline[] = [];
  for (const baseline of baselines) {
    const { name } = baseline;
    await source.train.seek(beginning);
    const count = fit.rows ?? baseline.rows;
    const rows = openFittingRows(backend, source.train, source.dIn, count, pause);
    const wait = async (iteration?: number) => {
      if (iteration) onIteration?.(name, iteration);
      await pause();
    };
    const context = { ...fit, backend, rows, pause: wait };
    const fitted = await fitBaseline(baseline, context, { sign, k });
    const folder = folderOf(name);
    await saveSae(folder, fitted.sae, {
      ...sourceMetadata(source),
      baseline: {
        kind: name,
        sign: fitted.sign,
        components: fitted.components,
        rows: fitted.rows,
        seed: fit.seed,
        ...fitted.facts,
      },
    });
    made.push({ ...fitted, name, folder, difference: saelensDifference(fitted.sae) });
  }
  const all = [...saes, ...made];
  return { made, judged: await judgeSaes(backend, all, source, pause) };
}
