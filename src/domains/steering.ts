/**
 * @file Steering: latents are changed in the model that the rows come from, while it writes. The
 *   contract is optional for a wing, because most rows come from no model.
 */

import type { CatalogueOptions } from "../fetch/catalogue-options.ts";
import type { Amounts } from "../sae/interventions.ts";
import type { SourceProvenance } from "../sources/source-kind.ts";

/** What the machine contributes to opening a model. */
export interface SteeringContext {
  readonly catalogue: CatalogueOptions;
  /** Threads of the model; the library's default when left out. */
  readonly threads?: number | undefined;
}

/** A direction that is added to rows, and how often to each. */
export interface SteeringChange {
  /** A latent's decoder row, [d_in]. */
  readonly direction: Float32Array;
  readonly amounts: Amounts;
}

/** What to continue, and what to change meanwhile: each change makes a text of its own. */
export interface SteeringRequest {
  readonly prompt: string;
  /** How many tokens to continue by. */
  readonly tokens: number;
  readonly changes: readonly SteeringChange[];
  readonly signal?: AbortSignal | undefined;
}

/** What a model wrote behind a prompt. */
export interface Continuation {
  readonly text: string;
  /** Token by token, each with its space. */
  readonly pieces: readonly string[];
}

/** A prompt continued as it is, and with each change. */
export interface Steered {
  readonly promptPieces: readonly string[];
  readonly unsteered: Continuation;
  /** In the order of the changes. */
  readonly steered: readonly Continuation[];
  /** What a person should know, a sentence each. */
  readonly notes: readonly string[];
}

/** A text that is predicted without and with each change. */
export interface EffectRequest {
  readonly text: string;
  readonly changes: readonly SteeringChange[];
  readonly signal?: AbortSignal | undefined;
}

/** What a change does to predictions: means over the predicted tokens. */
export interface Effect {
  /** Cross-entropy, nats per token. */
  readonly crossEntropy: number;
  /** KL(p ‖ q), nats per token, p of the unchanged model. */
  readonly divergence: number;
}

/** What a text says of some changes. */
export interface Effects {
  readonly tokens: number;
  /** Cross-entropy of the unchanged model. */
  readonly crossEntropy: number;
  /** In the order of the changes. */
  readonly changed: readonly Effect[];
}

/** A model that is open for steering. One request at a time. */
export interface Steering {
  /** As people call it. */
  readonly model: string;
  readonly hook: string;
  /**
   * Continues the prompt without and with each change, always by the likeliest token.
   *
   * @throws {ConcordError} `argument/invalid` for a prompt that is empty or too long, {ShapeError}
   *   for a direction of another width, "interrupted".
   */
  continue(request: SteeringRequest): Promise<Steered>;
  /**
   * Predicts a text without and with each change, up to the model's context.
   *
   * @throws {ConcordError} `argument/invalid` for a text of fewer than two tokens, {ShapeError} for
   *   a direction of another width, "interrupted".
   */
  effects(request: EffectRequest): Promise<Effects>;
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
