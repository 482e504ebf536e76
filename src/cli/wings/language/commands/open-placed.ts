/** @file Opens what causal verbs work on: SAEs of one place, with what the machine contributes. */

import type { Backend } from "../../../../backend/backend.ts";
import { findSaes } from "../../../../experiments/compare/find-saes.ts";
import { type OpenedSae, openFoundSae } from "../../../../experiments/compare/open-saes.ts";
import type { CatalogueOptions } from "../../../../fetch/catalogue-options.ts";
import { backendFor, catalogueOptions, interruptSignal } from "../../../environment.ts";
import { CollectLine, ProgressLine } from "../../../output.ts";
import { placeOf } from "./named-place.ts";

/** SAEs with their model and hook, and what working on them needs. */
export interface Placed {
  readonly saes: readonly OpenedSae[];
  readonly model: string;
  readonly hook: string;
  readonly backend: Backend;
  readonly catalogue: CatalogueOptions;
  readonly signal: AbortSignal;
  readonly line: ProgressLine;
  /** Removes lines of progress. */
  clear(): void;
}

/** @throws {ConfigError} of `placeOf`; {ConcordError} of finding and reading the SAEs. */
export async function openPlaced(
  names: readonly string[],
  options: {
    readonly root: string;
    readonly model?: string;
    readonly hook?: string;
    readonly offline?: boolean;
  },
): Promise<Placed> {
  const { backend } = backendFor();
  const signal = interruptSignal();
  const downloads = new CollectLine(process.stderr, () => performance.now());
  const line = new ProgressLine(process.stderr, () => performance.now());
  const catalogue = catalogueOptions(options.offline, downloads.download, signal);
  const saes: OpenedSae[] = [];
  for (const found of await findSaes(options.root, names, { hub: catalogue }))
    saes.push(await openFoundSae(backend, found));
  return {
    saes,
    model: placeOf(saes, "model", options.model),
    hook: placeOf(saes, "hook", options.hook),
    backend,
    catalogue,
    signal,
    line,
    clear() {
      downloads.clear();
      line.clear();
    },
  };
}
