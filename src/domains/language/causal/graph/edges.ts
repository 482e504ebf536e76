/** @file Edges of the ablation graph: how the latents behind one change without it. */

import { z } from "zod";
import type { TokenBatch } from "../../text/token-batch.ts";

const edge = z.object({
  /** Of the later SAE. */
  latent: z.number(),
  /** Mean change of its activation at the tokens where the ablated one is active. */
  change: z.number(),
  /** The same at later tokens of the same window. */
  later: z.number(),
});

/** What `concord graph` keeps. */
export const ablationGraphSchema = z.object({
  version: z.literal(1),
  model: z.string(),
  from: z.object({ name: z.string(), hook: z.string() }),
  to: z.object({ name: z.string(), hook: z.string() }),
  seed: z.number(),
  tokens: z.number(),
  latents: z.array(
    z.object({
      latent: z.number(),
      /** Tokens in which it is active. */
      active: z.number(),
      /** Mean L2 change of the later code per such token, and of the drawn direction's. */
      length: z.number(),
      drawn_length: z.number(),
      /** The largest mean change of one latent when the drawn direction is taken off. */
      drawn_largest: z.number(),
      /** By |change|, the largest first. */
      edges: z.array(edge),
    }),
  ),
});

/** The graph, as it is kept. */
export type AblationGraph = z.output<typeof ablationGraphSchema>;

const round = (value: number) => Number(value.toPrecision(6));

/** Sums over tokens for one ablated latent. */
export class EdgeSums {
  readonly #latent: number;
  readonly #dSae: number;
  readonly #at: Float64Array;
  readonly #later: Float64Array;
  readonly #drawn: Float64Array;
  #active = 0;
  #laterTokens = 0;
  #length = 0;
  #drawnLength = 0;

  constructor(latent: number, dSae: number) {
    this.#latent = latent;
    this.#dSae = dSae;
    this.#at = new Float64Array(dSae);
    this.#later = new Float64Array(dSae);
    this.#drawn = new Float64Array(dSae);
  }

  /**
   * Adds some windows.
   *
   * @param isText [tokens]; others are passed over.
   * @param active Where the latent is active, [tokens].
   * @param before Codes of the later SAE, [tokens, d_sae]: as it is, without the latent, and
   *   without the drawn direction.
   */
  add(
    { positions }: TokenBatch,
    isText: Uint8Array,
    active: Uint8Array,
    before: Float32Array,
    without: Float32Array,
    drawn: Float32Array,
  ): void {
    const d = this.#dSae;
    let hasFired = false;
    for (let row = 0; row < active.length; row++) {
      if (row % positions === 0) hasFired = false;
      if (isText[row] !== 1) continue;
      const isActive = active[row] === 1;
      if (!isActive && !hasFired) continue;
      const into = isActive ? this.#at : this.#later;
      let [squares, drawnSquares] = [0, 0];
      for (let f = 0, at = row * d; f < d; f++, at++) {
        const change = without[at]! - before[at]!;
        into[f]! += change;
        if (!isActive) continue;
        const other = drawn[at]! - before[at]!;
        this.#drawn[f]! += other;
        squares += change ** 2;
        drawnSquares += other ** 2;
      }
      if (isActive) {
        this.#active++;
        this.#length += Math.sqrt(squares);
        this.#drawnLength += Math.sqrt(drawnSquares);
        hasFired = true;
      } else this.#laterTokens++;
    }
  }

  /** The strongest edges. */
  result(most: number): AblationGraph["latents"][number] {
    const active = Math.max(1, this.#active);
    const later = Math.max(1, this.#laterTokens);
    const order = [...this.#at.keys()].sort(
      (a, b) => Math.abs(this.#at[b]!) - Math.abs(this.#at[a]!) || a - b,
    );
    const largest = this.#drawn.reduce((best, v) => Math.max(best, Math.abs(v)), 0);
    return {
      latent: this.#latent,
      active: this.#active,
      length: round(this.#length / active),
      drawn_length: round(this.#drawnLength / active),
      drawn_largest: round(largest / active),
      edges: order
        .slice(0, most)
        .filter((f) => this.#at[f] !== 0)
        .map((f) => ({
          latent: f,
          change: round(this.#at[f]! / active),
          later: round(this.#later[f]! / later),
        })),
    };
  }
}
