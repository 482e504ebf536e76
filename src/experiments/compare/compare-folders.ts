/**
 * @file Which features SAEs agree on, from their files alone: SAEs of one run or of several, of any
 *   program.
 */

import type { Backend } from "../../backend/backend.ts";
import { atomsOf, type SaeAtoms } from "../../consistency/lab/atoms.ts";
import type { CodeAgreementNumbers } from "../../consistency/lab/code-agreement.ts";
import { compareSaes, type LabComparison } from "../../consistency/lab/compare-saes.ts";
import {
  type LatentRecurrence,
  RECURS_FROM,
  recurrenceOf,
  type SharedCounts,
  sharedCounts,
  uniqueAtK,
} from "../../consistency/lab/recurrence.ts";
import type { ArrayFile } from "../../sources/arrays/array-rows.ts";
import { compareCodes } from "./compare-codes.ts";
import { type DictionaryMeasures, measureDictionaries } from "./dictionary-measures.ts";
import { type LeftOut, leftOutText, type OpenedSae, openSaes } from "./open-saes.ts";
import { startWarnings } from "./start-warnings.ts";

/** What to compare. */
export interface CompareOptions {
  /** Runs, sweeps, folders of SAEs, or folders of such folders. */
  readonly names: readonly string[];
  /** Folder of the runs. Default `runs`. */
  readonly root?: string;
  /** Cosine from which a latent counts as found again. Default 0.7. */
  readonly threshold?: number;
  /** Array files, or the folder of a store: rows that all SAEs encode, to compare their codes. */
  readonly rows?: ArrayFile | undefined;
  /**
   * Also match by |cosine| and by distance where dictionaries are too large for it to be quick.
   * Default false.
   */
  readonly anySize?: boolean;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Called and awaited after each pair; what it throws ends the comparison. */
  readonly pause?: () => Promise<void>;
}

/** An SAE with what the comparison found of it. */
export interface ComparedSae extends Omit<OpenedSae, "sae"> {
  readonly dIn: number;
  readonly dSae: number;
  /**
   * Latents that never fired on the rows that were given, else on the run's held-out rows;
   * undefined where neither is known.
   */
  readonly dead: number | undefined;
  readonly alignment: Float32Array;
  readonly latents: readonly LatentRecurrence[];
  /** SAEs that it was compared with. */
  readonly others: number;
  /** Undefined without others. */
  readonly shared: SharedCounts | undefined;
  /** unique@k for k = 1 …; see `uniqueAtK`. */
  readonly uniqueAtK: readonly number[];
}

/** The comparison of some SAEs. */
export interface FolderComparison extends LabComparison {
  readonly saes: readonly ComparedSae[];
  readonly threshold: number;
  /** How alike matched latents fire, by pair; undefined without rows. */
  readonly codes: readonly CodeAgreementNumbers[] | undefined;
  /** What the dictionaries say beyond the measures of pairs. */
  readonly dictionaries: DictionaryMeasures;
  /** SAEs and runs that were named and could not be compared. */
  readonly leftOut: readonly LeftOut[];
  /** Reasons to doubt agreement, a sentence each. */
  readonly warnings: readonly string[];
}

/** Cosines of atoms compare directions of one space only. */
function otherSpaces(saes: readonly OpenedSae[]): string[] {
  const places = new Set(
    saes.flatMap(({ modelName, hookName }) =>
      modelName === undefined ? [] : [`${modelName} ${hookName ?? ""}`.trim()],
    ),
  );
  if (places.size < 2) return [];
  return [
    `The SAEs are of different places (${[...places].join("; ")}): their bases differ, and raw cosines say little about shared features.`,
  ];
}

/** SAEs of which nothing is left without dead latents. */
function deadWarnings(saes: readonly ComparedSae[]): string[] {
  return saes.flatMap(({ name, dead, dSae }) =>
    dead === dSae
      ? [`No latent of ${name} fired: measures without dead latents leave it out.`]
      : [],
  );
}

/**
 * Compares SAEs by their weights: every pair, and every latent with its partners.
 *
 * @throws {ConcordError} `argument/invalid` for fewer than two SAEs; `file/missing` naming what is
 *   not there; the errors of reading SAEs where fewer than two can be read.
 */
export async function compareFolders(
  backend: Backend,
  options: CompareOptions,
): Promise<FolderComparison> {
  const {
    names,
    root = "runs",
    threshold = RECURS_FROM,
    onProgress,
    pause = async () => {},
  } = options;
  const { saes: opened, leftOut } = await openSaes(backend, root, names);
  const atoms: SaeAtoms[] = [];
  for (const { sae } of opened) atoms.push(await atomsOf(backend, sae));
  const pairDone = async (done: number, total: number) => {
    onProgress?.({ done, total });
    await pause();
  };
  const { anySize = false } = options;
  const comparison = await compareSaes(backend, atoms, pairDone, { anySize });
  const encoded =
    options.rows && (await compareCodes(backend, options.rows, opened, comparison.pairs, pause));
  const saes = opened.map(({ sae, ...facts }, i): ComparedSae => {
    const { dIn, dSae } = sae;
    const latents = recurrenceOf(i, dSae, comparison.pairs, threshold);
    const density = encoded?.densities[i] ?? facts.density;
    const others = comparison.pairs.filter(({ a, b }) => a === i || b === i).length;
    return {
      ...facts,
      density,
      dIn,
      dSae,
      dead: density?.reduce((sum, d) => sum + (d === 0 ? 1 : 0), 0),
      alignment: atoms[i]!.alignment,
      latents,
      others,
      shared: others === 0 ? undefined : sharedCounts(latents, others),
      uniqueAtK: others === 0 ? [] : uniqueAtK(latents, others),
    };
  });
  const dictionaries = await measureDictionaries(
    backend,
    saes.map((sae, i) => ({ ...sae, atoms: atoms[i]! })),
    comparison.pairs,
    threshold,
    pause,
  );
  const warnings = [
    ...leftOut.map(leftOutText),
    ...startWarnings(opened, dictionaries.pairs, comparison.pairs),
    ...deadWarnings(saes),
    ...otherSpaces(opened),
    ...comparison.skipped.map(
      ({ a, b, why }) => `${opened[a]!.name} and ${opened[b]!.name}: ${why}.`,
    ),
  ];
  const codes = encoded?.numbers;
  return { ...comparison, saes, threshold, codes, dictionaries, leftOut, warnings };
}
