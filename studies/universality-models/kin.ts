/** @file Whether the two encoders are kin: how alike the embeddings of their tokens are. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeModel } from "../../src/formats/onnx/messages.ts";
import { type ComputeContext, resolveModel } from "../../src/index.ts";

/** Columns of both. */
const WIDTH = 384;

/** Embeddings of all tokens, [vocabulary, WIDTH]. */
async function embeddingsOf(model: string, { catalogue }: Pick<ComputeContext, "catalogue">) {
  const path = join(await resolveModel(model, catalogue), "model.onnx");
  const { graph } = decodeModel(await readFile(path), path);
  const found = graph?.initializer?.find(({ name }) => name?.endsWith("word_embeddings.weight"));
  if (!found?.rawData) throw new Error(`${path} has no word embeddings.`);
  return new Float32Array(Uint8Array.from(found.rawData).buffer);
}

/** Mean cosine of the rows of a with those of b, these moved on by `shift` rows. */
function meanCosine(a: Float32Array, b: Float32Array, shift: number): number {
  const rows = a.length / WIDTH;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const [p, q] = [row * WIDTH, ((row + shift) % rows) * WIDTH];
    let [product, ofA, ofB] = [0, 0, 0];
    for (let j = 0; j < WIDTH; j++) {
      const [u, v] = [a[p + j]!, b[q + j]!];
      product += u * v;
      ofA += u * u;
      ofB += v * v;
    }
    sum += product / Math.sqrt(ofA * ofB);
  }
  return sum / rows;
}

/**
 * Mean cosine of the embeddings of each token in both encoders, and of each with that of another
 * token. Bases of models that were trained apart have nothing in common, and both are near 0.
 */
export async function kinship(
  context: Pick<ComputeContext, "catalogue">,
): Promise<{ readonly cosine: number; readonly null: number }> {
  const a = await embeddingsOf("minilm", context);
  const b = await embeddingsOf("gte-small", context);
  const half = Math.floor(a.length / WIDTH / 2);
  return { cosine: meanCosine(a, b, 0), null: meanCosine(a, b, half) };
}
