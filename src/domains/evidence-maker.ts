/**
 * @file What a wing adds to the evidence of latents. It says which rows to look at, and has words
 *   and pictures for latents and rows. A wing without any leaves it to the core, which looks at
 *   held-out rows and has only numbers to show.
 */

import type { z } from "zod";
import type { Backend } from "../backend/backend.ts";
import type { Tensor } from "../base/tensor.ts";
import type { Example, latentCardSchema, RowStrip } from "../evidence/card.ts";
import type { EvidenceRows } from "../evidence/evidence-rows.ts";
import type { Seen } from "../evidence/look-through.ts";
import type { Sae } from "../sae/sae.ts";
import type { Source } from "../sources/source.ts";

type Card = z.output<typeof latentCardSchema>;

/** What a kind of data says of one latent, in words. */
export interface LatentWords {
  /** What it seems to fire on; empty where nothing is known. */
  readonly label: string;
  readonly rules: Card["rules"];
  readonly logits: Card["logits"];
}

/** What is said of all latents of one SAE. */
export interface MemberWords {
  /** [d_sae] */
  readonly latents: readonly LatentWords[];
  /** What pictures need of each latent later, [d_sae, …] each, kept in the file of the SAE. */
  readonly kept?: ReadonlyMap<string, Tensor>;
  /** Why there are no logits, where there are none. */
  readonly logitsAbsent?: string;
}

/** A member whose latents are to be described. */
export interface DescribedMember {
  readonly name: string;
  readonly sae: Sae;
  readonly seen: Seen;
}

/** The rows of a source, and what is to be said of them. */
export interface EvidenceMaker {
  readonly rows: EvidenceRows;
  /** Short texts that are kept beside `rowTensors`, for whoever reads them. */
  readonly facts: Readonly<Record<string, string>>;
  /** What cannot be said of these rows, and why, a sentence each. */
  readonly leftOut?: readonly string[];
  /**
   * What examples need of the rows later, kept beside the latents.
   *
   * @param shown Rows that are examples of some latent, ascending.
   */
  rowTensors(shown: Int32Array): Promise<ReadonlyMap<string, Tensor>>;
  describe(member: DescribedMember, pause: () => Promise<void>): Promise<MemberWords>;
  /** Rows side by side as one small picture, for lists of latents. */
  strip?(rows: readonly number[]): Promise<RowStrip>;
  close(): Promise<void>;
}

/** What is shown of a row besides its number. */
export type ShownRow = Pick<Example, "where" | "group" | "pieces" | "peak" | "svg">;

/** What `MemberWords.kept` has of one latent, by name, without the first extent. */
export type KeptOfLatent = ReadonlyMap<string, Float32Array>;

/** Reads back what examples need of the rows. */
export interface RowDescriber {
  /**
   * @param row    Number among the rows that were looked at.
   * @param around Activations of the latent around it, the row in the middle.
   * @param kept   Of the latent that the row is an example of.
   */
  describe(row: number, around: ArrayLike<number>, kept: KeptOfLatent): Promise<ShownRow>;
  /** Pictures of a latent. */
  figures?(kept: KeptOfLatent): Promise<Card["figures"]>;
  close(): Promise<void>;
}

/** What a kind of data adds to the evidence of latents. */
export interface DomainEvidence {
  /** True when a run makes the evidence without being asked. */
  readonly unasked: boolean;
  /**
   * Opens the rows to look at, at most `most`.
   *
   * @returns Why it cannot say anything of this source's rows, where it cannot, in a sentence.
   */
  make(
    source: Source,
    options: { readonly backend: Backend; readonly most: number },
  ): Promise<EvidenceMaker | { readonly cannot: string }>;
  /** @param tensors What `rowTensors` gave, read on demand. */
  read(tensors: RowTensors): Promise<RowDescriber>;
}

/** Tensors of the rows, as far as they are read. */
export interface RowTensors {
  readonly facts: Readonly<Record<string, string>>;
  read(name: string): Promise<Tensor>;
  /** Elements [start, start + count) of a tensor, whatever its shape, as float32. */
  elements(name: string, start: number, count: number): Promise<Float32Array>;
}
