/**
 * @file Steering: a latent is turned up in the model that the rows come from. The contract is
 *   optional for a wing, because most rows come from no model.
 */

import type { RowNormalization } from "../base/row-normalization.ts";
import type { CatalogueOptions } from "../fetch/catalogue-options.ts";
import type { SourceProvenance } from "../sources/source-kind.ts";

/** What the machine contributes to opening a model. */
export interface SteeringContext {
  readonly catalogue: CatalogueOptions;
  /** Threads of the model; the library's default when left out. */
  readonly threads?: number | undefined;
}

/** What to add to the activations, and what to continue. */
export interface SteeringRequest {
  readonly prompt: string;
  /** How many tokens to continue by. */
  readonly tokens: number;
  /** A latent's decoder row, [d_in]. */
  readonly direction: Float32Array;
  /** How often the direction is added; the unit is that of the latent's activation. */
  readonly strength: number;
  /** What is done to a row before the SAE reads it: the direction is of such rows. */
  readonly rowNormalization?: RowNormalization | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a model wrote behind a prompt. */
export interface Continuation {
  readonly text: string;
  /** Token by token, each with its space. */
  readonly pieces: readonly string[];
}

/** A prompt continued twice. */
export interface Steered {
  readonly promptPieces: readonly string[];
  readonly unsteered: Continuation;
  readonly steered: Continuation;
  /** What a person should know, a sentence each. */
  readonly notes: readonly string[];
}

/** A model that is open for steering. One request at a time. */
export interface Steering {
  /** As people call it. */
  readonly model: string;
  readonly hook: string;
  /**
   * Continues the prompt with and without the direction, always by the likeliest token.
   *
   * @throws {ConcordError} `argument/invalid` for a prompt that is empty or too long, {ShapeError}
   *   for a direction of another width, "interrupted".
   */
  continue(request: SteeringRequest): Promise<Steered>;
  close(): Promise<void>;
}

/** Steering of the models that a kind of rows comes from. */
export interface SteeringKind {
  /** Whether the provenance of a run's rows names a model. */
  applies(provenance: SourceProvenance): boolean;
  /** Names the model and the hook: the same text for the same two. */
  key(provenance: SourceProvenance): string;
  /** @throws {ConcordError} of finding and opening the model. */
  open(provenance: SourceProvenance, context: SteeringContext): Promise<Steering>;
}
