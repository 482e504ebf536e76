/**
 * @file The model's own residual stream at the peak, of a layer far from the one that the SAEs were
 *   trained on. It knows what the model knows of the token in its context.
 */

import type { ModelBehind } from "../../analyses/model-behind.ts";
import type { TokenRows } from "../../evidence/token-rows.ts";
import type { LanguageModel } from "../../models/hooked-model.ts";
import { openStoreTokens } from "../../source/store-tokens.ts";
import { sliceBatch, tokenBatch } from "../../text/token-batch.ts";
import type { Context } from "../draw-contexts.ts";
import { cosinesOf, type Embedder } from "./embedder.ts";

/** Windows that the model runs on at a time. */
const WINDOWS = 4;

/**
 * A hook on the residual stream half of the model's depth away from `hook`.
 *
 * @returns Why there is none, where the hook's name says no layer or the model has only one.
 */
export function distantHook(
  hook: string,
  hooks: readonly string[],
): { readonly hook: string } | { readonly cannot: string } {
  const residual = (layer: number) => `blocks.${layer}.hook_resid_post`;
  const layers = hooks.filter((name) => /^blocks\.\d+\.hook_resid_post$/.test(name)).length;
  const layer = /^blocks\.(\d+)\./.exec(hook)?.[1];
  if (layer === undefined)
    return { cannot: `the hook ${hook} does not say its layer, so that another could be chosen` };
  const half = Math.floor(layers / 2);
  if (half === 0) return { cannot: "the model has no other layer with a residual stream" };
  const at = Number(layer);
  return { hook: residual(at + half < layers ? at + half : at - half) };
}

/** Activations of windows, computed when they are asked for and kept. */
class WindowStates {
  readonly #model: LanguageModel;
  readonly #hook: string;
  readonly #folder: string;
  readonly #known = new Map<number, Float32Array>();

  constructor(model: LanguageModel, hook: string, folder: string) {
    this.#model = model;
    this.#hook = hook;
    this.#folder = folder;
  }

  /** By window: [contextLength, width]. */
  async of(windows: readonly number[]): Promise<ReadonlyMap<number, Float32Array>> {
    const missing = [...new Set(windows)].filter((one) => !this.#known.has(one));
    if (missing.length > 0) await this.#compute(missing.sort((a, b) => a - b));
    return this.#known;
  }

  async #compute(windows: readonly number[]): Promise<void> {
    const tokens = await openStoreTokens(this.#folder);
    try {
      const { contextLength } = tokens;
      const ids = new Int32Array(windows.length * contextLength);
      const lengths = new Int32Array(windows.length);
      for (const [i, window] of windows.entries()) {
        const one = await tokens.readWindows(window, 1);
        ids.set(one.ids, i * contextLength);
        lengths[i] = one.lengths[0]!;
      }
      const all = { ...tokenBatch(ids, windows.length, contextLength), lengths };
      for (let at = 0; at < windows.length; at += WINDOWS) {
        const end = Math.min(windows.length, at + WINDOWS);
        const states = await this.#model.activations(this.#hook, sliceBatch(all, at, end));
        const size = states.length / (end - at);
        for (let i = at; i < end; i++)
          this.#known.set(windows[i]!, states.slice((i - at) * size, (i - at + 1) * size));
      }
    } finally {
      await tokens.close();
    }
  }
}

/**
 * Opens the embedder. Each window that a context lies in is run once, and its states are kept: 4 ·
 * width bytes per token.
 *
 * @param model Its own: closed by whoever opened it.
 */
export function hiddenStateEmbedder(
  model: LanguageModel,
  hook: string,
  { folder }: Pick<ModelBehind, "folder">,
  { windows, positions }: Pick<TokenRows, "windows" | "positions">,
): Embedder {
  const states = new WindowStates(model, hook, folder);
  return {
    name: "hidden_state",
    about: `the model's own ${hook} at the peak`,
    async cosines(contexts: readonly Context[]) {
      const width = await model.width(hook);
      const known = await states.of(contexts.map(({ peak }) => windows[peak]!));
      const vectors = new Float32Array(contexts.length * width);
      for (const [i, { peak }] of contexts.entries()) {
        const from = positions[peak]! * width;
        vectors.set(known.get(windows[peak]!)!.subarray(from, from + width), i * width);
      }
      return cosinesOf(vectors, contexts.length);
    },
    close: async () => undefined,
  };
}
