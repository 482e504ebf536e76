/** @file A bag of SAEs that are there already: found, read, judged and written. */

import type { Backend } from "../../backend/backend.ts";
import { ConcordError } from "../../errors.ts";
import type { JudgedRows } from "../../evaluate/judge-saes.ts";
import type { CatalogueOptions } from "../../fetch/catalogue-options.ts";
import { bagOf, type Ensemble } from "../../sae/ensemble.ts";
import type { Source } from "../../sources/source.ts";
import { findSaes } from "../compare/find-saes.ts";
import { type OpenedSae, openFoundSae } from "../compare/open-saes.ts";
import { requireRowsOf, requireSameRows } from "../compare/same-rows.ts";
import {
  type MemberOrigin,
  requireFreeOutput,
  type WrittenEnsemble,
  writeEnsemble,
} from "./ensemble-folder.ts";
import { type JudgedPart, judgeEnsemble } from "./judge-ensemble.ts";

/** What a bag is made of. */
export interface BagOptions {
  /** Runs, sweeps, folders of SAEs, or folders of such folders. */
  readonly names: readonly string[];
  /** Where SAEs of the hub (`hf:org/repo/path`) come from and are kept. */
  readonly hub?: CatalogueOptions | undefined;
  /** Folder of the runs. Default `runs`. */
  readonly root?: string;
  /** Folder that gets the ensemble. */
  readonly out: string;
  /** Rows to judge the bag and its members on; without it, nothing is judged. */
  readonly source?: (JudgedRows & Pick<Source, "provenance">) | undefined;
  readonly pause?: () => Promise<void>;
}

/** An ensemble that was made. */
export interface MadeEnsemble extends WrittenEnsemble {
  readonly ensemble: Ensemble;
  /** The ensemble first; empty without rows to judge on. */
  readonly judged: readonly JudgedPart[];
}

/** @throws {ConcordError} naming a run that has not finished. */
async function requireFinished(found: Awaited<ReturnType<typeof findSaes>>): Promise<void> {
  for (const { run } of found) {
    if (!run || (await run.readRecord()).status === "finished") continue;
    throw new ConcordError("run/conflict", `The run ${run.path} has not finished.`, {
      hint: "Go on with it: concord run <config.yaml> --resume.",
    });
  }
}

/**
 * Makes a bag of SAEs of one d_in, whatever programs saved them, and writes its folder.
 *
 * @throws {ConcordError} `argument/invalid` for fewer than two SAEs or SAEs of different d_in or
 *   rows. The same where the source gives other rows than they encode.
 *   `run/conflict` for a run that has not finished; the errors of reading SAEs.
 */
export async function makeBag(backend: Backend, options: BagOptions): Promise<MadeEnsemble> {
  const { names, root = "runs", out, source, pause } = options;
  const found = await findSaes(root, names, { hub: options.hub });
  if (found.length < 2)
    throw new ConcordError(
      "argument/invalid",
      `Expected at least 2 SAEs but found ${found.length}.`,
      {
        hint: "Name a run with several members, several runs, or several folders of SAEs.",
      },
    );
  await requireFinished(found);
  requireFreeOutput(
    out,
    found.map(({ folder }) => folder),
  );
  const opened: OpenedSae[] = [];
  for (const one of found) {
    opened.push(await openFoundSae(backend, one));
    requireSameRows(opened);
  }
  if (source) requireRowsOf(opened[0]!, source);
  const saes = opened.map(({ sae }) => sae);
  const origins = opened.map(({ name, folder, modelName, hookName, residualOf }): MemberOrigin => {
    const metadata = {
      ...(modelName === undefined ? {} : { model_name: modelName }),
      ...(hookName === undefined ? {} : { hook_name: hookName }),
      ...(residualOf && { residual_of: residualOf }),
    };
    return { name, folder, metadata };
  });
  const ensemble = bagOf(saes);
  const saeNames = origins.map(({ name }) => name);
  const judged = source ? await judgeEnsemble(backend, ensemble, saeNames, source, pause) : [];
  return { ensemble, judged, ...(await writeEnsemble(backend, out, ensemble, origins)) };
}
