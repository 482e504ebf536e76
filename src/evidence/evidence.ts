/**
 * @file The evidence that a run keeps of its latents, open for reading: one latent at a time, in
 *   bounded memory.
 */

import type { FeaturesSummary, LatentCard, LatentColumns, ListedLatent } from "./card.ts";

/** Which latents to find, and how many. */
export interface FindOptions {
  /** Only of this member. */
  readonly member?: string;
  readonly limit?: number;
}

/** A run's evidence, open for reading. */
export interface Evidence {
  readonly summary: FeaturesSummary;
  /** @throws {ConcordError} "argument/invalid" naming the members there are. */
  columns(member: string): Promise<LatentColumns>;
  /** @throws {ConcordError} "argument/invalid" for a member or a latent that is not there. */
  card(member: string, latent: number): Promise<LatentCard>;
  /**
   * Latents whose number is `query`, or whose label, rules or top logits contain it, whatever the
   * case; those whose labels do come first.
   */
  find(query: string, options?: FindOptions): Promise<ListedLatent[]>;
  close(): Promise<void>;
}
