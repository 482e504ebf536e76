/**
 * @file Which features SAEs agree on, from their files alone: SAEs of one run or of several, of any
 *   program.
 */

import type { Backend } from "../../backend/backend.ts";
import { atomsOf, type SaeAtoms } from "../../consistency/lab/atoms.ts";
import type { CodeAgreementNumbers } from "../../consistency/lab/codes/code-agreement.ts";
import { compareSaes, type LabComparison } from "../../consistency/lab/compare-saes.ts";
import {
  type LatentRecurrence,
  RECURS_FROM,
  recurrenceOf,
  type SharedCounts,
  sharedCounts,
  uniqueAtK,
} from "../../consistency/lab/recurrence.ts";
import type { CatalogueOptions } from "../../fetch/catalogue-options.ts";
import type { EffectiveRank } from "../../linalg/effective-rank.ts";
import { basesDiffer } from "./bases.ts";
import { type DictionaryMeasures, measureDictionaries } from "./dictionary-measures.ts";
import { type LeftOut, leftOutText, type OpenedSae, openSaes } from "./open-saes.ts";
import { type ActivationComparison, compareActivations } from "./rows/compare-activations.ts";
import { compareCodes, setsBySae } from "./rows/compare-codes.ts";
import { closeRowSets, type RowSet } from "./rows/row-sets.ts";
import { openSaeRows, type RowsOptions, type SaeRows } from "./rows/sae-rows.ts";
import { startWarnings } from "./start-warnings.ts";

/** How far one part of a comparison has come. */
export interface CompareProgress {
  /** What is being done, as a person reads it. */
  readonly what: string;
  readonly done: number;
  readonly total: number;
  /** Of `done` and `total`. */
  readonly unit: "pairs" | "rows";
}

/** What to compare. */
export interface CompareOptions extends RowsOptions {
  /** Runs, sweeps, folders of SAEs, or folders of such folders. */
  readonly names: readonly string[];
  /** Where SAEs of the hub (`hf:org/repo/path`) come from and are kept. */
  readonly hub?: CatalogueOptions | undefined;
  /** Folder of the runs. Default `runs`. */
  readonly root?: string;
  /** Cosine from which a latent counts as found again. Default 0.7. */
  readonly threshold?: number;
  /**
   * Also match by |cosine| and by distance where dictionaries are too large for it to be quick.
   * Default false.
   */
  readonly anySize?: boolean;
  /**
   * Whether SAEs are tried on each other's activations also where they are of one place. Default:
   * where they are of different places and each has rows of its own.
   */
  readonly transfer?: boolean | undefined;
  readonly onProgress?: (progress: CompareProgress) => void;
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

/** Rows that some SAEs encoded, and what they fill. */
export interface EncodedRows {
  /** Files or store, as they were named. */
  readonly name: string;
  readonly rows: number;
  readonly dIn: number;
  /** Undefined for constant rows, and for rows wider than 2048. */
  readonly rank: EffectiveRank | undefined;
  /** Indices of the SAEs. */
  readonly saes: readonly number[];
}

/** What rows say of SAEs beyond their weights. */
export interface RowComparison extends ActivationComparison {
  readonly sets: readonly EncodedRows[];
}

/** The comparison of some SAEs. */
export interface FolderComparison extends LabComparison {
  readonly saes: readonly ComparedSae[];
  readonly threshold: number;
  /**
   * How alike latents fire that are matched by their decoders, by pair: undefined for a pair
   * without rows of the same things. Undefined without rows.
   */
  readonly codes: readonly (CodeAgreementNumbers | undefined)[] | undefined;
  /** By pair, as `pairs`: whether raw cosines compare directions of different spaces. */
  readonly basesDiffer: readonly boolean[];
  /** What the activations say; undefined without rows. */
  readonly activations: RowComparison | undefined;
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
  if (!saes.some((a) => saes.some((b) => basesDiffer(a, b)))) return [];
  return [
    `The SAEs are of different places (${[...places].join("; ")}): their bases differ, and raw cosines say little about shared features.`,
  ];
}

/** Fewer rows than dimensions cannot fill them. */
function fewRows(sets: readonly RowSet[]): string[] {
  return sets.flatMap(({ name, rows: { rows, dIn } }) =>
    rows > dIn
      ? []
      : [
          `${name} has ${rows} rows in ${dIn} dimensions: they say too little of correlations and effective rank.`,
        ],
  );
}

/** Rows are of one place, so SAEs of several places should not encode the same ones. */
function sharedRows(saes: readonly OpenedSae[], sets: readonly RowSet[]): string[] {
  return sets.flatMap((set) => {
    const [first, ...others] = set.saes;
    const stranger = others.find((i) => basesDiffer(saes[first!]!, saes[i]!));
    if (stranger === undefined) return [];
    const [a, b] = [saes[first!]!.name, saes[stranger]!.name];
    return [
      `${a} and ${b} are of different places but encode the same rows (${set.name}): give each its own with --rows ${a}=… --rows ${b}=….`,
    ];
  });
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
 * Compares SAEs by their weights: every pair, and every latent with its partners. With rows, also
 * by their activations.
 *
 * @throws {ConcordError} `argument/invalid` for fewer than two SAEs; `file/missing` naming what is
 *   not there; the errors of reading SAEs where fewer than two can be read.
 */
export async function compareFolders(
  backend: Backend,
  options: CompareOptions,
): Promise<FolderComparison> {
  const { names, root = "runs", hub } = options;
  const { saes: opened, leftOut } = await openSaes(backend, root, names, hub);
  const atoms: SaeAtoms[] = [];
  for (const { sae } of opened) atoms.push(await atomsOf(backend, sae));
  const rows = await openSaeRows(backend, opened, options);
  try {
    return await compareOpened(backend, { opened, leftOut, atoms, rows }, options);
  } finally {
    await closeRowSets(rows?.sets ?? []);
  }
}

interface Opened {
  readonly opened: readonly OpenedSae[];
  readonly leftOut: readonly LeftOut[];
  readonly atoms: readonly SaeAtoms[];
  readonly rows: SaeRows | undefined;
}

async function compareOpened(
  backend: Backend,
  { opened, leftOut, atoms, rows }: Opened,
  options: CompareOptions,
): Promise<FolderComparison> {
  const { threshold = RECURS_FROM, anySize = false } = options;
  const step =
    (what: string, unit: CompareProgress["unit"]) => async (done: number, total: number) => {
      options.onProgress?.({ what, done, total, unit });
      await options.pause?.();
    };
  const comparison = await compareSaes(backend, atoms, step("comparing SAEs", "pairs"), {
    anySize,
  });
  const { pairs } = comparison;
  const encoded =
    rows && (await compareCodes(backend, rows.sets, opened, pairs, step("encoding", "rows")));
  const acted =
    rows &&
    encoded &&
    (await compareActivations({
      backend,
      encoded,
      saes: opened,
      sets: rows.sets,
      transfer: options.transfer === true,
      pairDone: step("comparing activations", "pairs"),
      pause: async () => options.pause?.(),
    }));
  const saes = opened.map(({ sae, ...facts }, i): ComparedSae => {
    const { dIn, dSae } = sae;
    const latents = recurrenceOf(i, dSae, pairs, threshold);
    const density = encoded?.densities[i] ?? facts.density;
    const others = pairs.filter(({ a, b }) => a === i || b === i).length;
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
  const setOf = setsBySae(rows?.sets ?? [], opened.length);
  const dictionaries = await measureDictionaries(
    backend,
    saes.map((sae, i) => ({ ...sae, atoms: atoms[i]! })),
    pairs,
    threshold,
    async () => options.pause?.(),
  );
  const warnings = [
    ...leftOut.map(leftOutText),
    ...startWarnings(opened, dictionaries.pairs, comparison.pairs),
    ...deadWarnings(saes),
    ...otherSpaces(opened),
    ...comparison.skipped.map(
      ({ a, b, why }) => `${opened[a]!.name} and ${opened[b]!.name}: ${why}.`,
    ),
    ...(rows?.warnings ?? []),
    ...fewRows(rows?.sets ?? []),
    ...sharedRows(opened, rows?.sets ?? []),
    ...(acted?.warnings ?? []),
  ];
  return {
    ...comparison,
    saes,
    threshold,
    dictionaries,
    leftOut,
    warnings,
    codes: encoded?.numbers,
    basesDiffer: pairs.map(({ a, b }) => basesDiffer(opened[a]!, opened[b]!, setOf[a], setOf[b])),
    activations: acted && {
      ...acted,
      sets: rows.sets.map(({ name, rows: stored, saes: ofSet }, i) => ({
        name,
        rows: stored.rows,
        dIn: stored.dIn,
        rank: encoded.ranks[i],
        saes: ofSet,
      })),
    },
  };
}
