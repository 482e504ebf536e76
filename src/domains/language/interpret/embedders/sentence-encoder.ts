/**
 * @file A small encoder of sentences, MiniLM by default. A context is the mean of its last hidden
 *   states over the text around the peak, as its authors pool them.
 */

import type { NamedModel } from "../../models/open-by-name.ts";
import { tokenBatch } from "../../text/token-batch.ts";
import type { Context } from "../draw-contexts.ts";
import type { Fragments } from "../fragments.ts";
import { cosinesOf, type Embedder } from "./embedder.ts";

/** Its last hidden states. */
const HOOK = "last_hidden_state";
/** Rows on each side of the peak whose text it reads. */
const AROUND = 8;

/**
 * @param encoder Its own: closed by whoever opened it.
 * @param textOf  Text of the rows from one to another, the last included.
 */
export function sentenceEmbedder(
  { model, tokenizer }: NamedModel,
  name: string,
  { starts, length }: Fragments,
  textOf: (from: number, to: number) => string,
): Embedder {
  const known = new Map<number, Float32Array>();
  const embed = async ({ fragment, peak }: Context): Promise<Float32Array> => {
    const first = starts[fragment]!;
    const text = textOf(
      Math.max(first, peak - AROUND),
      Math.min(first + length - 1, peak + AROUND),
    );
    const { before, after } = tokenizer.around;
    const ids = Int32Array.from([...before, ...tokenizer.encode(text), ...after]);
    const states = await model.activations(HOOK, tokenBatch(ids, 1, ids.length));
    const width = states.length / ids.length;
    const mean = new Float32Array(width);
    for (let i = 0; i < states.length; i++) mean[i % width]! += states[i]! / ids.length;
    return mean;
  };
  return {
    name: "sentence_encoder",
    about: `${name} over ${2 * AROUND + 1} tokens around the peak`,
    async cosines(contexts) {
      const vectors: Float32Array[] = [];
      for (const context of contexts) {
        const vector = known.get(context.peak) ?? (await embed(context));
        known.set(context.peak, vector);
        vectors.push(vector);
      }
      const all = new Float32Array(vectors.length * vectors[0]!.length);
      for (const [i, vector] of vectors.entries()) all.set(vector, i * vector.length);
      return cosinesOf(all, vectors.length);
    },
    close: async () => undefined,
  };
}
