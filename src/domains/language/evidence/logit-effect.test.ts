/** The effect of atoms on logits, next to the product of weights read from the checkpoint. */
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { madeSae } from "../../../../test/support/made-sae.ts";
import { asFloat32 } from "../../../base/tensor.ts";
import { readSafetensors } from "../../../formats/safetensors-file.ts";
import type { Sae } from "../../../sae/sae.ts";
import { openLanguageModel } from "../models/language-model.ts";
import { logitEffects, noLogits } from "./logit-effect.ts";

const GOLDEN = resolve(import.meta.dirname, "../../../../test/golden/models");

/** Where a checkpoint has the gain of its final norm and its unembedding. */
const WEIGHTS: [golden: string, gain: string, unembedding: string][] = [
  ["gpt2", "transformer.ln_f.weight", "transformer.wte.weight"],
  ["gpt2-variant", "transformer.ln_f.weight", "lm_head.weight"],
  ["neox-parallel", "gpt_neox.final_layer_norm.weight", "embed_out.weight"],
  ["neox-fp16", "gpt_neox.final_layer_norm.weight", "embed_out.weight"],
  ["phi", "model.final_layernorm.weight", "lm_head.weight"],
  ["phi-variant", "model.final_layernorm.weight", "model.embed_tokens.weight"],
  ["llama-tied", "model.norm.weight", "model.embed_tokens.weight"],
  ["llama-bf16", "model.norm.weight", "lm_head.weight"],
  ["mistral", "model.norm.weight", "lm_head.weight"],
  ["qwen2", "model.norm.weight", "model.embed_tokens.weight"],
  ["qwen3", "model.norm.weight", "lm_head.weight"],
  ["gemma2", "model.norm.weight", "model.embed_tokens.weight"],
  ["gemma2-variant", "model.norm.weight", "lm_head.weight"],
  ["gemma3", "model.norm.weight", "model.embed_tokens.weight"],
  ["gemma3-variant", "model.norm.weight", "model.embed_tokens.weight"],
];

/** A weight of a checkpoint, whichever of its files has it. */
async function weight(golden: string, name: string): Promise<Float32Array> {
  const files = readdirSync(join(GOLDEN, golden)).filter((file) =>
    /^model.*safetensors$/.test(file),
  );
  for (const file of files) {
    const { tensors } = await readSafetensors(join(GOLDEN, golden, file));
    const found = tensors.get(name);
    if (found) return asFloat32(found).slice();
  }
  throw new Error(`${golden} has no ${name}`);
}

const textOf = (id: number) => `<${id}>`;
const pause = async () => {};

/** Atoms that are not of length one; the second has none. */
function saeOf(dIn: number, dSae = 7): Sae {
  const sae = madeSae("effects", { dIn, dSae });
  const decoder = sae.decoder.map((value, i) => 3 * value + 0.2 * (i % 3));
  decoder.fill(0, dIn, 2 * dIn);
  return { ...sae, decoder };
}

/** W_U (γ ⊙ d) of an atom of length one, less its mean over the vocabulary. */
function byHand(
  atom: Float32Array,
  gain: Float32Array,
  unembedding: Float32Array,
  centred: boolean,
) {
  const d = atom.length;
  const length = Math.sqrt(atom.reduce((sum, value) => sum + value * value, 0)) || 1;
  const mean = centred ? atom.reduce((sum, value) => sum + value, 0) / d : 0;
  const scaled = Array.from(atom, (value, i) => (gain[i]! * (value - mean)) / length);
  const all = Array.from({ length: unembedding.length / d }, (_, token) =>
    scaled.reduce((sum, value, i) => sum + value * unembedding[token * d + i]!, 0),
  );
  const average = all.reduce((sum, value) => sum + value, 0) / all.length;
  return all.map((value) => value - average);
}

describe.each(WEIGHTS)("%s", (golden, gainName, unembeddingName) => {
  test("raises and lowers the tokens that the weights say", async () => {
    const folder = join(GOLDEN, golden);
    const isGemma = golden.startsWith("gemma");
    const isCentred = /gpt2|neox|phi/.test(golden);
    const gain = (await weight(golden, gainName)).map((value) => value + (isGemma ? 1 : 0));
    const unembedding = await weight(golden, unembeddingName);
    const sae = saeOf(gain.length);
    const model = await openLanguageModel(folder, { threads: 1 });
    const effects = await logitEffects(model, sae, textOf, pause);
    await model.close();
    expect(effects).toHaveLength(sae.dSae);
    for (const [f, effect] of effects.entries()) {
      const atom = sae.decoder.subarray(f * sae.dIn, (f + 1) * sae.dIn);
      const wanted = byHand(atom, gain, unembedding, isCentred);
      for (const [side, sign] of [
        ["top", 1],
        ["bottom", -1],
      ] as const) {
        const shown = effect![side];
        const sorted = [...wanted].sort((a, b) => sign * (b - a));
        expect(shown).toHaveLength(10);
        for (const [at, { text, value }] of shown.entries()) {
          const token = Number(/^<(\d+)>$/.exec(text)![1]);
          expect(value).toBeCloseTo(wanted[token]!, 3);
          expect(value).toBeCloseTo(sorted[at]!, 3);
        }
        expect(new Set(shown.map(({ text }) => text)).size).toBe(10);
      }
    }
  });
});

test("hooks outside of the residual stream reach no logits, and it is said why", async () => {
  const model = await openLanguageModel(join(GOLDEN, "gpt2"), { threads: 1 });
  const d = model.facts.dModel!;
  for (const hook of [
    "hook_resid_pre",
    "hook_resid_mid",
    "hook_resid_post",
    "hook_attn_out",
    "hook_mlp_out",
  ])
    expect(noLogits(model, `blocks.1.${hook}`, d)).toBeUndefined();
  for (const hook of [
    "blocks.1.mlp.hook_post",
    "blocks.0.attn.hook_z",
    "blocks.0.ln1.hook_normalized",
    "hook_embed",
  ])
    expect(noLogits(model, hook, d)).toBe(
      `${hook} is not in the residual stream, and is not added to it`,
    );
  expect(noLogits(model, "blocks.1.hook_resid_post", d + 1)).toMatch(/residual stream/);
  await model.close();
});
