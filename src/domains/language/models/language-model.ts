/** @file Opens a Hugging Face checkpoint folder as a language model with hooks. */

import { openCheckpoint } from "./checkpoint.ts";
import { buildGraph } from "./families/registry.ts";
import { ForwardPass } from "./forward/forward-pass.ts";
import { TOKEN_INPUT } from "./hooked-graph.ts";
import { HookedModel, type LanguageModel } from "./hooked-model.ts";
import type { SessionOptions } from "./session-options.ts";

/**
 * Opens the model in `folder`: `config.json` and `model.safetensors` or its shards. Weights are
 * mapped from those files; nothing is written. Computes in float32 whatever the weights are stored
 * in.
 *
 * @throws {ConcordError} `file/missing` naming the file that the folder lacks, `model/unsupported`
 *   naming the config key, or `format/invalid` when a weight is missing, misshapen or cut short.
 * @example const model = await openLanguageModel("gpt2"); const resid = await
 *   model.activations("blocks.6.hook_resid_pre", tokenBatch(ids, 8, 128)); // [8 · 128, 768]
 */
export async function openLanguageModel(
  folder: string,
  options: SessionOptions = {},
): Promise<LanguageModel> {
  const checkpoint = await openCheckpoint(folder);
  const { facts, model, hooks, steps } = buildGraph(checkpoint);
  return new HookedModel(
    {
      facts,
      model,
      hooks,
      logits: { tensor: "logits" },
      demands: { seesPadding: false },
      folders: checkpoint.fileFolders,
      forward: options.forward && new ForwardPass(checkpoint, steps, options.forward),
      feeds: ({ ids, batch, positions }) => ({
        [TOKEN_INPUT]: { type: "int32", data: ids, dims: [batch, positions] },
      }),
    },
    options,
  );
}
