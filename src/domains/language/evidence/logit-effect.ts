/**
 * @file What a latent adds to the logits: its atom through the gain of the final norm and the
 *   unembedding. The layers in between are taken to pass it on unchanged, as in nostalgebraist's
 *   logit lens and the "direct effect" of Bricken et al. 2023.
 *
 *   effect = W_U (γ ⊙ d), less its mean over the vocabulary; under LayerNorm d is centred first
 *
 * It is that in front of a soft cap, where the model has one.
 */

import { ConcordError } from "../../../errors.ts";
import type { Sae } from "../../../sae/sae.ts";
import type { LatentWords } from "../../evidence-maker.ts";
import type { LanguageModel } from "../models/hooked-model.ts";
import { tokenBatch } from "../text/token-batch.ts";

/** Hooks whose rows are in the residual stream, or are added to it. */
const REACHES = /\.hook_(resid_pre|resid_mid|resid_post|attn_out|mlp_out)$/;
const FINAL = "ln_final.hook_normalized";
/** Families whose final norm takes the mean away. */
const CENTRED = new Set(["gpt2", "gpt_neox", "phi"]);
/** Tokens listed on each side. */
const LISTED = 10;
/** Memory for the logits of some latents. */
export const EFFECT_BYTES = 2 ** 26;

/** Whether rows of a hook are in the residual stream, or are added to it. */
export const reachesLogits = (hook: string) => REACHES.test(hook);

/** Why there is no effect on the logits to show; undefined where there is. */
export function noLogits(model: LanguageModel, hook: string, dIn: number): string | undefined {
  const { dModel, vocabularySize } = model.facts;
  if (dModel === undefined || vocabularySize === undefined || !model.hooks().includes(FINAL))
    return "the model is a file whose final norm and unembedding have no known names";
  if (!reachesLogits(hook) || dIn !== dModel)
    return `${hook} is not in the residual stream, and is not added to it`;
  return undefined;
}

/** The ids with the largest values, the largest first. Of equal ones the first. */
function largest(values: Float32Array, sign: 1 | -1): number[] {
  const best: number[] = [];
  /** The smallest value of those that are listed, once as many are as can be. */
  let least = Number.NaN;
  for (let id = 0; id < values.length; id++) {
    const value = sign * values[id]!;
    if (value <= least) continue;
    let at = best.length;
    while (at > 0 && sign * values[best[at - 1]!]! < value) at--;
    best.splice(at, 0, id);
    if (best.length > LISTED) best.pop();
    if (best.length === LISTED) least = sign * values[best.at(-1)!]!;
  }
  return best;
}

/** Unit atoms as the final norm would hand them on, [latents, d_in]. */
function atomsOf({ decoder, dIn }: Sae, from: number, count: number, isCentred: boolean) {
  const out = decoder.slice(from * dIn, (from + count) * dIn);
  for (let f = 0; f < count; f++) {
    const atom = out.subarray(f * dIn, (f + 1) * dIn);
    const mean = isCentred ? atom.reduce((sum, v) => sum + v, 0) / dIn : 0;
    const length = Math.hypot(...atom) || 1;
    for (let i = 0; i < dIn; i++) atom[i] = (atom[i]! - mean) / length;
  }
  return out;
}

/** The largest share of a cap that float32 tells from the whole. */
const MOST_OF_CAP = 1 - 2 ** -24;

/** The logit in front of a soft cap. */
function uncapped(logit: number, cap: number): number {
  const share = Math.max(-MOST_OF_CAP, Math.min(MOST_OF_CAP, logit / cap));
  return cap * Math.atanh(share);
}

/**
 * The effect of every latent of an SAE.
 *
 * @param textOf Text of a token.
 */
export async function logitEffects(
  model: LanguageModel,
  sae: Sae,
  textOf: (id: number) => string,
  pause: () => Promise<void>,
): Promise<LatentWords["logits"][]> {
  const { family, vocabularySize: vocabulary, logitCap: cap } = model.facts;
  const final = model.spliced(FINAL);
  const isCentred = CENTRED.has(family ?? "");
  const run = async (rows: Float32Array, count: number) => {
    const logits = await final.logits(tokenBatch(new Int32Array(count), count, 1), rows);
    return cap === undefined ? logits : logits.map((logit) => uncapped(logit, cap));
  };
  // A bias of the norm or of the unembedding adds the same to all.
  const none = await run(new Float32Array(sae.dIn), 1);
  if (none.length !== vocabulary)
    throw new ConcordError("model/unsupported", "The logits are not one per token.");
  const most = Math.max(1, Math.floor(EFFECT_BYTES / (4 * vocabulary)));
  const effects: LatentWords["logits"][] = [];
  for (let from = 0; from < sae.dSae; from += most) {
    const count = Math.min(most, sae.dSae - from);
    const logits = await run(atomsOf(sae, from, count, isCentred), count);
    for (let f = 0; f < count; f++) {
      const own = logits.subarray(f * vocabulary, (f + 1) * vocabulary);
      let mean = 0;
      for (let id = 0; id < vocabulary; id++) {
        own[id]! -= none[id]!;
        mean += own[id]! / vocabulary;
      }
      const shown = (sign: 1 | -1) =>
        largest(own, sign).map((id) => {
          return { text: textOf(id), value: Number((own[id]! - mean).toPrecision(4)) };
        });
      effects.push({ top: shown(1), bottom: shown(-1) });
    }
    await pause();
  }
  return effects;
}
