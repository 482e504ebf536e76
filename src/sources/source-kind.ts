/**
 * @file What a kind of source provides, whoever provides it. It has keys in a config, a way to open
 *   it, facts that a plan may know beforehand, and words for reports. Arrays and stores are the
 *   core's own kinds; a wing (`src/domains/domain.ts`) adds what only its data has.
 */

import type { z } from "zod";
import type { Backend } from "../backend/backend.ts";
import type { CatalogueOptions } from "../fetch/catalogue-options.ts";
import type { Draw } from "./rows/draw.ts";
import type { NormalizationName } from "./rows/normalized-source.ts";
import type { Source } from "./source.ts";
import type { Symmetry } from "./symmetry.ts";

/** The provenance of a source as a run's record keeps it; records of older runs may lack keys. */
export type SourceProvenance = Readonly<Record<string, unknown>>;

/** The keys that the `source` of every kind has. */
export interface SourceConfigBase {
  readonly kind: string;
  readonly normalize: NormalizationName;
  readonly residualOf?: readonly string[] | undefined;
  readonly seed?: number | undefined;
}

/** How far one part of opening a source has come. */
export interface SourceProgress {
  /** What is being done, as a person reads it: "collecting activations". */
  readonly what: string;
  readonly done: number;
  /** Undefined when nobody knows yet. */
  readonly total?: number | undefined;
  /** Of `done` and `total`: `bytes`, `tokens`. Undefined for things that `what` names. */
  readonly unit?: string;
  /**
   * For work that is long enough for a rate and a time left: what was done before this process
   * began.
   */
  readonly resumed?: number;
}

/** What the machine and the run contribute to opening a source. */
export interface OpenSourceOptions {
  readonly backend: Backend;
  /** Folder that relative paths of the config start from. */
  readonly baseFolder: string;
  /** Where downloads and collected activations are kept. */
  readonly cacheDir: string;
  readonly catalogue: CatalogueOptions;
  readonly signal?: AbortSignal | undefined;
  /** Told how far each part of opening has come. */
  readonly onProgress?: ((progress: SourceProgress) => void) | undefined;
  /** Told how wide activations will be before any are made or read; may throw. */
  readonly onWidth?: ((dIn: number) => void) | undefined;
  /** Told that rows will come in whole orbits, before any are made or read; may throw. */
  readonly onOrbits?: ((orbits: Pick<Symmetry, "group" | "size">) => void) | undefined;
}

/** The same, with the seed of a source that has none of its own. */
export interface SourceContext extends OpenSourceOptions {
  readonly seed: number;
}

/** What planning adds: clocks and memory of the process. */
export interface PlanSourceContext extends SourceContext {
  /** Milliseconds since any fixed moment. */
  readonly clock: () => number;
  /** Resident memory of this process now, bytes. */
  readonly residentMemory: () => number;
}

/** What a plan needs to know of a source. */
export interface SourceFacts {
  readonly dIn: number;
  /** Undefined for a source without end. */
  readonly rowsPerPass: number | undefined;
  readonly heldOutRows: number;
  /** The most that the source holds while it serves. */
  readonly memoryBytes: number;
  /** Known features of a source that has them, else 0. */
  readonly trueFeatures: number;
  /** True when rows come with targets of their own. Default false. */
  readonly hasTargets?: boolean;
  /** What its kind of data holds besides while it describes latents. Default 0. */
  readonly describingBytes?: number;
  /** Where rows come in whole orbits. */
  readonly symmetry?: Symmetry | undefined;
}

/** Activations that the run must collect first. */
export interface CollectPlan {
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Resident memory while they are collected, beside the process. */
  readonly memoryBytes: number;
  /** What a person should know of the rows, a sentence each. */
  readonly notices?: readonly string[];
}

/** Activations that are kept in the cache. */
export interface CachedStore {
  readonly folder: string;
  /** At most, while it is not there. */
  readonly bytes: number;
  readonly isThere: boolean;
}

/** A store that is complete in the cache. */
export interface CollectedRows {
  readonly folder: string;
  /** What a person should know of what was collected, a line each. */
  readonly notices: readonly string[];
}

/** What aligning needs of the machine. */
export type AlignContext = Pick<OpenSourceOptions, "backend" | "catalogue">;

/** Rows of several stores that are of the same things. */
export interface AlignedRows {
  /** By store: its rows, ascending, as many for all; row i of each is of the same thing. */
  readonly rows: readonly Int32Array[];
  /** What a person should know of what was left out, a line each. */
  readonly notices: readonly string[];
}

/** What is known of a source beforehand. */
export interface SourcePlan {
  readonly facts: SourceFacts;
  /** The source itself, when opening it costs nothing; to be closed. */
  readonly source: Source | undefined;
  readonly collect: CollectPlan | undefined;
  readonly store: CachedStore | undefined;
}

/** A kind of source: `C` is what its `schema` makes of the `source` of a config. */
export interface SourceKind<C extends SourceConfigBase = SourceConfigBase> {
  /** The value of `source.kind`, and the `kind` of its provenance. */
  readonly kind: string;
  /** Its keys, each with a description; `docs/config.md` and the JSON Schema come from here. */
  readonly schema: z.ZodObject;
  /**
   * Keys whose value is a list, as paths below `source`: there a list is not an axis of a sweep.
   */
  readonly listKeys: readonly string[];
  /**
   * List keys that stand for another key, which then takes each value in a run of its own:
   * `{ hooks: "hook" }`. Every run keeps the whole list. Where a config has the other key as well,
   * the list makes no runs.
   */
  readonly eachOf?: Readonly<Record<string, string>>;
  /** What a row is to a person who watches: `tokens`, `activations`, `windows`. */
  readonly unit: string;
  /** Opens it. @throws {ConcordError} of the kind of source. */
  open(source: C, context: SourceContext): Promise<Source>;
  /**
   * Collects the activations of a model at a hook over a text into the cache, once. Its schema has
   * the keys `model`, `hook`, `text`, `context` and `max_tokens`.
   *
   * @throws {ConcordError} of the kind of source.
   */
  collect?(source: C, context: SourceContext): Promise<CollectedRows>;
  /**
   * Finds the rows of several of its stores that are of the same things. Stores may have rows of
   * their own choice: models cut one text into other tokens, for example.
   *
   * @throws {ConcordError} when the stores have too little in common.
   */
  align?(folders: readonly string[], context: AlignContext): Promise<AlignedRows>;
  /**
   * What a plan needs, without writing or downloading anything. Default: the source is opened, and
   * asked.
   *
   * @param open Opens the source, for one that finds everything there.
   * @throws {ConcordError} `file/missing` naming what is not on this machine.
   */
  facts?(source: C, context: PlanSourceContext, open: () => Promise<Source>): Promise<SourcePlan>;
  /**
   * Whether rows cost time of their own as they are served, which a probe of a step must then spend
   * as well. Default: they do not.
   */
  isMadeOnTheWay?(source: C): boolean;
  /**
   * What the activations are, in a few words: "activations of gpt2 at blocks.3.hook_resid_post".
   */
  describe(provenance: SourceProvenance): string;
  /** What docs/config.md says of its keys beyond the schema: sections of Markdown. */
  configNotes?(): string;
}

/** What a plan needs to know of a source that is open. */
export function factsOf(source: Source): SourceFacts {
  return {
    dIn: source.dIn,
    rowsPerPass: source.train.rowsPerPass,
    heldOutRows: source.heldOut.rows,
    memoryBytes: source.memoryBytes ?? source.trueFeatures?.matrix.byteLength ?? 0,
    trueFeatures: source.trueFeatures?.count ?? 0,
    hasTargets: source.heldOut.hasTargets ?? false,
    describingBytes: source.describingBytes ?? 0,
    symmetry: source.symmetry,
  };
}

/** The words for rows that lie in files of their own. */
export function describePath(provenance: SourceProvenance): string {
  const { kind, path } = provenance as { readonly kind?: unknown; readonly path?: unknown };
  const where = typeof path === "string" ? path : String(kind ?? "an unnamed source");
  return `activations from ${where}`;
}

/** The keys of sources whose rows lie in files. */
interface FileRowsConfig extends SourceConfigBase {
  readonly bufferBytes: number;
  readonly heldOutFraction: number;
  readonly heldOutRows?: number | undefined;
  readonly orderSeed?: number | undefined;
  readonly draw?: Draw | undefined;
}

/** How rows in files are served: in which order, how many are held out, in how much memory. */
export function fileRowsOptions(source: FileRowsConfig, context: SourceContext) {
  return {
    seed: source.orderSeed ?? source.seed ?? context.seed,
    draw: source.draw,
    bufferBytes: source.bufferBytes,
    heldOutFraction: source.heldOutFraction,
    heldOutRows: source.heldOutRows,
    signal: context.signal,
    onCheck: checkProgress(context.onProgress),
    kernels: context.backend,
  };
}

/**
 * Tells `onProgress` of the reading of rows before training, which finds those that are not finite.
 */
function checkProgress(
  onProgress: OpenSourceOptions["onProgress"],
): ((done: { bytes: number; totalBytes: number }) => void) | undefined {
  return (
    onProgress &&
    (({ bytes, totalBytes }) =>
      onProgress({ what: "checking activations", done: bytes, total: totalBytes, unit: "bytes" }))
  );
}
