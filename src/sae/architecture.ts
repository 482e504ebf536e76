/**
 * @file What an architecture is to the rest of the program: a name, options with their defaults,
 *   and a way to make and start an SAE. Everything else stays in its file in `architectures/`.
 */

import type { Backend } from "../backend/backend.ts";
import type { RowNormalization } from "../base/row-normalization.ts";
import { expected } from "../errors.ts";
import type { Options } from "./options.ts";
import type { OwnEncoder, Sae } from "./sae.ts";
import type { Trainable, TrainableContext } from "./trainable.ts";

/** Adam's constants besides the learning rate. */
export interface AdamConstants {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
}

/** The two sizes of an SAE. */
export interface SaeShape {
  /** Width of an activation. */
  readonly dIn: number;
  /** Latents. */
  readonly dSae: number;
}

/** Values of options by name, in camelCase. */
export type OptionRecord = Readonly<Record<string, unknown>>;

/** What an SAE in training is made to be. */
export interface TrainableSettings {
  readonly dSae: number;
  /** As `resolveOptions` gives them. */
  readonly options: OptionRecord;
  readonly adam: AdamConstants;
}

/** What is asked of a saved SAE that a member starts from, and by whom. */
export interface StartRequest {
  /** `member-0`, for messages. */
  readonly member: string;
  readonly dSae: number;
  /** As `resolveOptions` gives them. */
  readonly options: OptionRecord;
  /** What is done to the rows that the member trains on. */
  readonly normalization: RowNormalization | undefined;
}

/** What a folder keeps of an SAE with an encoder of its own. */
export interface SavedEncoder extends SaeShape {
  /** As `resolveOptions` gave them. */
  readonly options: OptionRecord;
  readonly tensors: OwnEncoder["tensors"];
}

/** A kind of SAE that can be trained. */
export interface Architecture {
  /** What a config calls it. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Where loss, initialisation and defaults come from, for the docs. */
  readonly source: string;
  /** Its loss in words, for the docs. */
  readonly loss: string;
  /** Learning rate when the config gives none. */
  defaultLr(shape: SaeShape): number;
  /** The formula of `defaultLr`, for the docs. */
  readonly defaultLrText: string;

  /** The options that it listens to. */
  readonly options: Options;
  /** Their values where a person gives none. */
  defaults(shape: SaeShape): OptionRecord;
  /** What fields of its sections have where only others are given, by the section's name. */
  sections?(shape: SaeShape): Readonly<Record<string, OptionRecord>>;
  /** Options that it refuses instead of ignoring them, with the reason. */
  readonly refuses?: Readonly<Record<string, string>>;
  /** The option that weighs its sparsity penalty, where it has one. */
  readonly penaltyOption?: string;
  /** @throws {ConcordError} "argument/invalid" naming the option that does not fit. */
  check(options: OptionRecord, shape: SaeShape): void;

  /** Whether its batches are whole orbits, so that its source needs a symmetry. Default false. */
  readonly needsOrbits?: boolean;
  /**
   * What x̂ reconstructs where that is not the row: "the canonical pose of a row". Its FVU against
   * rows is then not one to compare with.
   */
  readonly reconstructs?: string;

  /** The fewest latents that an SAE with these options can have. Default 1. */
  leastLatents?(options: OptionRecord): number;

  /** An SAE with memory but without weights: to be initialised or restored. */
  create(context: TrainableContext, settings: TrainableSettings): Trainable;
  /**
   * The weights of a saved SAE as `Trainable.startFrom` takes them.
   *
   * @param folder Names the SAE in messages.
   * @throws {ConcordError} "argument/invalid" when such a member cannot start from it.
   */
  startingWeights(folder: string, sae: Sae, request: StartRequest): Sae;
  /**
   * The SAE of a folder that keeps an encoder of its own; undefined where encoders are one matrix.
   *
   * @throws {ConcordError} "argument/invalid" when the tensors are not those of such an SAE.
   */
  restore?(backend: Backend, saved: SavedEncoder): Promise<Sae>;
}

/**
 * The values that an SAE trains with: what is given, else the architecture's defaults, for the
 * options that it has. Other keys are left out.
 *
 * @throws {ConcordError} "argument/invalid" naming an option that does not fit or is refused.
 */
export function resolveOptions(
  architecture: Architecture,
  given: OptionRecord,
  shape: SaeShape,
): OptionRecord {
  const { name, options, refuses = {} } = architecture;
  for (const [key, reason] of Object.entries(refuses))
    if (given[key]) throw expected(key, `nothing with ${name} (${reason})`, given[key]);
  const defaults = architecture.defaults(shape);
  const sections = architecture.sections?.(shape) ?? {};
  const resolved = Object.keys(options).map((key): [string, unknown] => {
    const value = given[key] ?? defaults[key];
    const inside = sections[key];
    if (inside === undefined || typeof value !== "object" || value === null) return [key, value];
    const own = Object.entries(value).filter(([, v]) => v !== undefined);
    return [key, { ...inside, ...Object.fromEntries(own) }];
  });
  const values = Object.fromEntries(resolved);
  architecture.check(values, shape);
  return values;
}
