import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors-file.ts";
import { float32Tensor, type Tensor } from "../tensor/tensor.ts";
import { ARCHITECTURES } from "./registry.ts";
import type { Sae } from "./sae.ts";
import { loadSae, saveSae } from "./saelens.ts";

const [D_IN, D_SAE] = [3, 5];

function anySae(architecture: string, decoderBias = true): Sae {
  const spec = ARCHITECTURES.find((a) => a.name === architecture)!.spec({
    ...{ dIn: D_IN, dSae: D_SAE },
    ...(architecture.startsWith("topk") ? { k: 2 } : {}),
  });
  return {
    ...{ selection: spec.selection, architecture, dIn: D_IN, dSae: D_SAE },
    encoder: normals("encoder", D_SAE * D_IN),
    decoder: normals("decoder", D_SAE * D_IN),
    encoderBias: normals("bias", D_SAE),
    decoderBias: decoderBias ? normals("b_dec", D_IN) : undefined,
  };
}

test.each(ARCHITECTURES.map((a) => a.name))("%s comes back as it was", async (architecture) => {
  for (const bias of [true, false]) {
    const folder = temporaryFolder();
    const sae = anySae(architecture, bias);
    await saveSae(folder, sae, { model_name: "gpt2", hook_name: "blocks.3.hook_resid_post" });
    expect(await loadSae(reference, folder)).toEqual(sae);
  }
});

test("the folder is what SAELens reads: its names, its shapes, one latent a column of W_enc", async () => {
  const folder = temporaryFolder();
  const sae = anySae("topk");
  await saveSae(folder, sae, { hook_name: "blocks.3.hook_resid_post" });
  const config = JSON.parse(readFileSync(join(folder, "cfg.json"), "utf8"));
  expect(config).toMatchObject({
    ...{ architecture: "topk", d_in: 3, d_sae: 5, k: 2, dtype: "float32" },
    ...{ apply_b_dec_to_input: true, normalize_activations: "none" },
    metadata: { hook_name: "blocks.3.hook_resid_post" },
  });
  const { tensors } = await readSafetensors(join(folder, "sae_weights.safetensors"));
  expect([...tensors].map(([name, t]) => [name, t.shape]).sort()).toEqual([
    ["W_dec", [5, 3]],
    ["W_enc", [3, 5]],
    ["b_dec", [3]],
    ["b_enc", [5]],
  ]);
  const W = tensors.get("W_enc")!.data;
  for (let f = 0; f < 5; f++)
    for (let j = 0; j < 3; j++) expect(W[j * 5 + f]).toBe(sae.encoder[f * 3 + j]);
});

describe("a folder of somebody else's", () => {
  async function foreign(
    config: object,
    change: (tensors: Map<string, Tensor>) => void = () => {},
  ): Promise<string> {
    const folder = join(temporaryFolder(), "sae");
    mkdirSync(folder);
    const all = { d_in: 3, d_sae: 5, dtype: "float32", ...config };
    writeFileSync(join(folder, "cfg.json"), JSON.stringify(all));
    const tensors = new Map<string, Tensor>([
      ["W_enc", float32Tensor([3, 5], normals("W_enc", 15))],
      ["W_dec", float32Tensor([5, 3], normals("W_dec", 15))],
      ["b_enc", float32Tensor([5], normals("b_enc", 5))],
      ["b_dec", float32Tensor([3], normals("b_dec", 3))],
    ]);
    change(tensors);
    await writeSafetensors(join(folder, "sae_weights.safetensors"), tensors);
    return folder;
  }

  test("is read when it is a standard or a TopK autoencoder", async () => {
    const standard = await loadSae(reference, await foreign({ architecture: "standard" }));
    expect(standard).toMatchObject({ selection: { kind: "relu" }, architecture: "relu" });
    expect(standard.encoder[1 * 3 + 2]).toBe(normals("W_enc", 15)[2 * 5 + 1]);
    const topk = await loadSae(reference, await foreign({ architecture: "topk", k: 4 }));
    expect(topk.selection).toEqual({ kind: "topk", k: 4, relu: true });
  });

  test.each([
    [{ architecture: "jumprelu" }, /architecture "jumprelu" is not supported/],
    [{ architecture: "topk" }, /expected 1 to 5 for k but found undefined/],
    [{ architecture: "topk", k: 9 }, /expected 1 to 5 for k but found 9/],
    [{ architecture: "standard", d_in: 0 }, /expected a positive integer for d_in but found 0/],
    [{ architecture: "standard", normalize_activations: "layer_norm" }, /not supported/],
    [{ architecture: "standard", d_sae: 6 }, /W_enc.*\[3, 6\].*\[3, 5\]/],
  ])("is refused with %o", async (config, message) => {
    await expect(loadSae(reference, await foreign(config))).rejects.toThrow(message);
  });

  test("is refused with a tensor missing, and with a number that is none", async () => {
    const standard = { architecture: "standard" };
    const without = await foreign(standard, (tensors) => tensors.delete("b_enc"));
    await expect(loadSae(reference, without)).rejects.toThrow(/has no tensor b_enc/);
    for (const name of ["W_enc", "W_dec", "b_enc", "b_dec"]) {
      const broken = await foreign(standard, (tensors) => {
        tensors.get(name)!.data[1] = Number.NaN;
      });
      await expect(loadSae(reference, broken)).rejects.toMatchObject({
        code: "format/invalid",
        message: expect.stringMatching(new RegExp(`${name} holds a number that is not finite`)),
      });
    }
  });
});
