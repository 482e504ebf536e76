import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { fromBfloat16, toBfloat16 } from "../base/float16.ts";
import { float32Tensor, type Tensor } from "../base/tensor.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors-file.ts";
import { resolveOptions } from "../sae/architecture.ts";
import { ARCHITECTURES, architectureNamed } from "../sae/registry.ts";
import type { Sae } from "../sae/sae.ts";
import { loadSae, saveSae } from "./saelens.ts";

const [D_IN, D_SAE] = [3, 5];

/** The group of one element. */
const STILL = { group: "c1", size: 1, matrices: new Float32Array(9), isExact: true };

function anySae(architecture: string, decoderBias = true): Sae {
  const shape = { dIn: D_IN, dSae: D_SAE };
  const found = architectureNamed(architecture);
  const small = { k: 2, prefixes: 2 };
  const options = resolveOptions(found, small, shape);
  const symmetry = found.needsOrbits ? STILL : undefined;
  const context = { backend: reference, dIn: D_IN, batch: 4, shared: new Map(), symmetry };
  const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  const { selection } = found.create(context, { dSae: D_SAE, options, adam }).inference();
  return {
    selection:
      "thresholds" in selection ? { ...selection, thresholds: normals("θ", D_SAE) } : selection,
    architecture,
    dIn: D_IN,
    dSae: D_SAE,
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
    architecture: "topk",
    d_in: 3,
    d_sae: 5,
    k: 2,
    dtype: "float32",
    apply_b_dec_to_input: true,
    normalize_activations: "none",
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

  const topk = { activation_fn_str: "topk", activation_fn_kwargs: { k: 4 } };

  test.each([
    ["activation_fn_str beside architecture", { architecture: "standard", ...topk }],
    ["activation_fn_str alone", topk],
    ["activation_fn", { activation_fn: "topk", activation_fn_kwargs: { k: 4 } }],
    ["architecture topk with kwargs", { architecture: "topk", ...topk }],
    ["k in both places", { architecture: "topk", k: 4, ...topk }],
  ])("before version 6 is TopK when it says so: %s", async (_, config) => {
    const sae = await loadSae(reference, await foreign(config));
    expect(sae).toMatchObject({ architecture: "topk", selection: { kind: "topk", k: 4 } });
  });

  test.each([
    ["no architecture", {}],
    ["the usual keys", { activation_fn_str: "relu", activation_fn_kwargs: {}, hook_layer: 2 }],
    ["no normalisation, as version 2 says it", { normalize_activations: false }],
    ["no normalisation, as nothing", { normalize_activations: null }],
    ["the heads' outputs joined", { reshape_activations: "hook_z" }],
    ["no factor", { finetuning_scaling_factor: false }],
    ["double precision", { dtype: "torch.float64" }],
    ["the head that its rows are of", { hook_head_index: 3, hook_point_head_index: null }],
    [
      "the oldest keys",
      { hook_point: "x", expansion_factor: 8, use_ghost_grads: true, resample_batches: 9 },
    ],
  ])("before version 6 is standard: %s", async (_, config) => {
    const sae = await loadSae(reference, await foreign(config));
    expect(sae).toMatchObject({ architecture: "relu", selection: { kind: "relu" } });
    expect(sae.rowNormalization).toBeUndefined();
  });

  test.each(["scaling_factor", "finetuning_scaling_factor"])(
    "has the factors of %s in its decoder",
    async (name) => {
      const factors = Float32Array.of(1, 2, 0.5, 1, 3);
      const put = (tensors: Map<string, Tensor>) =>
        void tensors.set(name, float32Tensor([5], factors));
      const scaled = normals("W_dec", 15).map((w, i) => w * factors[Math.floor(i / 3)]!);
      for (const config of [{}, { finetuning_scaling_factor: true }])
        expect((await loadSae(reference, await foreign(config, put))).decoder).toEqual(scaled);
      const denied = await foreign({ finetuning_scaling_factor: false }, put);
      await expect(loadSae(reference, denied)).rejects.toThrow(
        new RegExp(`${name} is not 1, but finetuning_scaling_factor of cfg.json is false`),
      );
    },
  );

  test("has a factor of one in every SAE of version 1, and none that is promised and missing", async () => {
    const ones = await foreign({}, (tensors) => {
      tensors.set("scaling_factor", float32Tensor([5], new Float32Array(5).fill(1)));
    });
    expect((await loadSae(reference, ones)).decoder).toEqual(normals("W_dec", 15));
    const missing = await foreign({ finetuning_scaling_factor: true });
    await expect(loadSae(reference, missing)).rejects.toThrow(
      /has no tensor finetuning_scaling_factor, but that of cfg.json is true/,
    );
  });

  test("has its weights rounded to the precision that it names", async () => {
    const { encoder } = await loadSae(reference, await foreign({ dtype: "bfloat16" }));
    const full = normals("W_enc", 15);
    expect(encoder[0]).toBe(fromBfloat16(toBfloat16(full[0]!)));
    expect(encoder[0]).not.toBe(full[0]);
  });

  const version6 = { metadata: { sae_lens_version: "6.0.0" } };

  test.each([
    [{ architecture: "abstopk", k: 2 }, /architecture "abstopk" is not supported/],
    [{ architecture: "batchtopk", k: 2 }, /has no tensor topk_threshold/],
    [{ architecture: "matryoshka_batchtopk", k: 2.5 }, /has no tensor topk_threshold/],
    [{ architecture: "temporal" }, /architecture "temporal" is not supported/],
    [{ architecture: "transcoder" }, /architecture "transcoder" is not supported/],
    [{ architecture: null }, /architecture null is not supported/],
    [{ architecture: "jumprelu" }, /has no tensor threshold/],
    [{ architecture: "gated" }, /has no tensor b_mag/],
    [{ architecture: "topk" }, /expected 1 to 5 for k but found nothing/],
    [{ architecture: "topk", k: 9 }, /expected 1 to 5 for k but found 9/],
    [{ architecture: "topk", k: "2" }, /expected 1 to 5 for k but found "2"/],
    [{ k: 3 }, /k 3 does not fit architecture standard/],
    [{ architecture: "standard", d_in: 0 }, /expected a positive integer for d_in but found 0/],
    [{ architecture: "standard", d_sae: 6 }, /W_enc.*\[3, 6\].*\[3, 5\]/],
    [{ activation_fn_str: "tanh-relu" }, /activation_fn_str "tanh-relu" is not supported/],
    [{ activation_fn: "gelu" }, /activation_fn "gelu" is not supported/],
    [{ activation_fn_str: "topk" }, /expected 1 to 5 for activation_fn_kwargs.k but found nothing/],
    [
      { ...topk, activation_fn: "relu" },
      /activation_fn_str "topk" and activation_fn "relu" disagree/,
    ],
    [{ ...topk, k: 3 }, /k 3 and activation_fn_kwargs.k 4 disagree/],
    [{ ...topk, ...version6 }, /activation_fn_str "topk" does not fit architecture standard/],
    [{ ...topk, architecture: "gated" }, /"topk" does not fit architecture gated/],
    [
      { architecture: "topk", activation_fn: "relu", k: 3 },
      /"relu" does not fit architecture topk/,
    ],
    [
      { activation_fn: "topk", activation_fn_kwargs: { k: 4, postact_fn: "tanh" } },
      /activation_fn_kwargs .* is not supported/,
    ],
    [{ activation_fn_kwargs: { k: 4 } }, /activation_fn_kwargs {"k":4} is not supported/],
    [{ normalize_activations: true }, /normalize_activations true is not supported/],
    [{ normalize_activations: "expected_average_only_in" }, /"expected_average_only_in" is not/],
    [{ normalize_activations: "covariance_whitening" }, /"covariance_whitening" is not supported/],
    [{ reshape_activations: "heads" }, /reshape_activations "heads" is not supported/],
    [{ dtype: "torch.float8_e4m3fn" }, /dtype "torch.float8_e4m3fn" is not supported/],
    [
      { apply_b_dec_to_input: "false" },
      /expected true or false for apply_b_dec_to_input but found "false"/,
    ],
    [{ finetuning_scaling_factor: 2 }, /expected true or false for finetuning_scaling_factor/],
    [{ rescale_acts_by_decoder_norm: true }, /rescale_acts_by_decoder_norm true is not supported/],
    [{ latent_scale: 2, kernel: 1 }, /are not known, and may change .* latent_scale, kernel\.$/],
    [{ metadata: [] }, /expected an object for metadata but found \[\]/],
    [{ metadata: { concord: 1 } }, /expected an object for metadata.concord but found 1/],
  ])("is refused with %o", async (config, message) => {
    await expect(loadSae(reference, await foreign(config))).rejects.toThrow(message);
  });

  test("is refused when what we wrote of it does not fit what SAELens reads", async () => {
    const own = { architecture: "topk_tied", selection: { kind: "topk", k: 4, relu: false } };
    const refusals: [object, RegExp][] = [
      [{ architecture: "standard" }, /expected kind relu for metadata.concord.selection/],
      [{ architecture: "topk", k: 3 }, /k 3 and metadata.concord.selection.k 4 disagree/],
    ];
    for (const [config, message] of refusals)
      await expect(
        loadSae(reference, await foreign({ ...config, metadata: { concord: own } })),
      ).rejects.toThrow(message);
    const metadata = { concord: { ...own, gain: 2 } };
    await expect(
      loadSae(reference, await foreign({ architecture: "topk", k: 4, metadata })),
    ).rejects.toThrow(/metadata.concord has keys that are not known: gain/);
  });

  test("keeps a b_dec that was trained after we had saved it without one", async () => {
    const metadata = {
      concord: { architecture: "relu", selection: { kind: "relu" }, b_dec: false },
    };
    const sae = await loadSae(reference, await foreign({ metadata }));
    expect(sae.decoderBias).toEqual(normals("b_dec", 3));
  });

  test("is refused with a tensor that nothing uses", async () => {
    const skip = await foreign({}, (tensors) => {
      tensors.set("W_skip", float32Tensor([3, 3], normals("W_skip", 9)));
    });
    await expect(loadSae(reference, skip)).rejects.toThrow(
      /has tensors that are not used by architecture relu: W_skip/,
    );
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
