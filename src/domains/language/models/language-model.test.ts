import {
  cp,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectAllclose } from "../../../../test/support/allclose.ts";
import { tokenBatch } from "../text/token-batch.ts";
import { openLanguageModel } from "./language-model.ts";

const GOLDEN = resolve(import.meta.dirname, "../../../../test/golden/models");
const tokens = tokenBatch(Int32Array.of(3, 1, 4, 1, 5, 9), 2, 3);
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "concord-models-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** A copy of a golden checkpoint with some keys of its config changed; undefined removes one. */
async function variant(golden: string, name: string, changes: Record<string, unknown>) {
  const folder = join(scratch, name);
  await cp(join(GOLDEN, golden), folder, { recursive: true });
  const path = join(folder, "config.json");
  const config = { ...JSON.parse(await readFile(path, "utf8")), ...changes };
  await writeFile(path, JSON.stringify(config));
  return folder;
}

async function logitsOf(folder: string): Promise<Float32Array> {
  const model = await openLanguageModel(folder, { threads: 1 });
  const logits = await model.logits(tokens);
  await model.close();
  return logits;
}

describe("a model folder", () => {
  test.each(["config.json", "model.safetensors"])(
    "without %s is refused in one line",
    async (file) => {
      const folder = await variant("gpt2", `without-${file}`, {});
      await rm(join(folder, file));
      await expect(openLanguageModel(folder)).rejects.toMatchObject({
        code: "file/missing",
        message: expect.stringMatching(new RegExp(`^The model folder .* has no ${file}[^\n]*$`)),
      });
    },
  );

  test("that lacks a listed shard names it", async () => {
    const folder = await variant("llama-grouped", "shardless", {});
    await rm(join(folder, "model-00002-of-00003.safetensors"));
    await expect(openLanguageModel(folder)).rejects.toThrow(
      /has no model-00002-of-00003\.safetensors/,
    );
  });

  test("that does not exist is said not to exist", async () => {
    await expect(openLanguageModel(join(scratch, "nowhere"))).rejects.toThrow(
      /The model folder .* does not exist/,
    );
  });

  test("with a weight file cut short is refused before anything runs", async () => {
    const folder = await variant("gpt2", "cut", {});
    await truncate(join(folder, "model.safetensors"), 50_000);
    await expect(openLanguageModel(folder)).rejects.toMatchObject({ code: "format/invalid" });
  });

  test("of symbolic links, as the Hugging Face cache makes them, opens like one of files", async () => {
    const folder = join(scratch, "links/snapshots/abc");
    const blobs = join(scratch, "links/blobs");
    await mkdir(folder, { recursive: true });
    await cp(join(GOLDEN, "gpt2"), blobs, { recursive: true });
    await rename(join(blobs, "model.safetensors"), join(blobs, "0123456789abcdef"));
    await symlink("../../blobs/0123456789abcdef", join(folder, "model.safetensors"));
    await symlink("../../blobs/config.json", join(folder, "config.json"));
    expect(await logitsOf(folder)).toEqual(await logitsOf(join(GOLDEN, "gpt2")));
  });

  test("whose shards lie in different folders opens too", async () => {
    const folder = await variant("llama-grouped", "scattered", {});
    const shard = "model-00002-of-00003.safetensors";
    await mkdir(join(scratch, "elsewhere"), { recursive: true });
    await rename(join(folder, shard), join(scratch, "elsewhere", shard));
    await symlink(join(scratch, "elsewhere", shard), join(folder, shard));
    expect(await logitsOf(folder)).toEqual(await logitsOf(join(GOLDEN, "llama-grouped")));
  });
});

describe("a config", () => {
  test.each([
    ["gpt2", { model_type: "mamba" }, /"model_type" is "mamba"/],
    ["gpt2", { activation_function: "mish" }, /"activation_function" is "mish"/],
    ["gpt2", { add_cross_attention: true }, /"add_cross_attention" is true/],
    ["gpt2", { n_head: 5 }, /"n_head" is 5/],
    ["llama-grouped", { rope_parameters: { rope_type: "yarn" } }, /"rope_parameters" is .*"yarn"/],
    ["llama-grouped", { quantization_config: { bits: 4 } }, /"quantization_config"/],
    [
      "neox-parallel",
      { rope_parameters: undefined, rope_scaling: { type: "ntk" } },
      /"rope_scaling"/,
    ],
  ])("of %s with %j is refused by key", async (golden, changes, message) => {
    const folder = await variant(
      golden,
      `config-${JSON.stringify(changes).replace(/\W/g, "")}`,
      changes,
    );
    await expect(openLanguageModel(folder)).rejects.toMatchObject({
      code: "model/unsupported",
      message: expect.stringMatching(message),
    });
  });

  test("that disagrees with the weights names the weight and both shapes", async () => {
    const folder = await variant("gpt2", "misshapen", { n_inner: 50 });
    await expect(openLanguageModel(folder)).rejects.toThrow(
      /weight transformer\.h\.0\.mlp\.c_fc\.weight: expected shape \[24, 50\].*\[24, 96\]/,
    );
  });

  test("in the older spelling of rotary settings means the same model", async () => {
    const old = { rope_parameters: undefined, rotary_pct: 1, rotary_emb_base: 100 };
    const folder = await variant("neox-sequential", "old-neox", old);
    expect(await logitsOf(folder)).toEqual(await logitsOf(join(GOLDEN, "neox-sequential")));
    const llama = await variant("llama-grouped", "old-llama", {
      rope_parameters: undefined,
      rope_theta: 500,
      rope_scaling: null,
    });
    expect(await logitsOf(llama)).toEqual(await logitsOf(join(GOLDEN, "llama-grouped")));
  });
});

describe("an open model", () => {
  test("has no residual stream between attention and MLP that run in parallel, and says so", async () => {
    const model = await openLanguageModel(join(GOLDEN, "neox-parallel"), { threads: 1 });
    await expect(model.activations("blocks.0.hook_resid_mid", tokens)).rejects.toMatchObject({
      code: "hook/missing",
      message: expect.stringContaining("attention and MLP run in parallel"),
    });
    expect(model.hooks()).not.toContain("blocks.0.hook_resid_mid");
  });

  test.each([
    ["gpt2", "transformer.h.1", "blocks.1.hook_resid_post"],
    ["gpt2", "h[0].mlp", "blocks.0.hook_mlp_out"],
    ["neox-parallel", "gpt_neox.layers.0.attention", "blocks.0.hook_attn_out"],
    ["neox-sequential", "layers.1.post_attention_layernorm", "blocks.1.ln2.hook_out"],
    ["llama-grouped", "model.layers.0.self_attn.k_proj", "blocks.0.attn.hook_k"],
    ["llama-tied", "model.layers.0", "blocks.1.hook_resid_pre"],
  ])("of %s takes the module name %s for %s", async (golden, module, hook) => {
    const model = await openLanguageModel(join(GOLDEN, golden), { threads: 1 });
    expect(await model.activations(module, tokens)).toEqual(await model.activations(hook, tokens));
    expect(await model.width(module)).toBe(await model.width(hook));
    await model.close();
  });

  test("refuses tokens outside its vocabulary and windows longer than its context", async () => {
    const model = await openLanguageModel(join(GOLDEN, "gpt2"), { threads: 1 });
    const bad = tokenBatch(Int32Array.of(3, 61), 1, 2);
    await expect(model.logits(bad)).rejects.toThrow(
      /an id from 0 to 60 for token 1 but received 61/,
    );
    const long = tokenBatch(new Int32Array(13), 1, 13);
    await expect(model.logits(long)).rejects.toThrow(/at most the model's context of 12 tokens/);
    expect(() => tokenBatch(new Int32Array(5), 2, 3)).toThrow(/2 × 3 token ids/);
  });

  test("gives the same activations whatever else is in the batch and however long the padding", async () => {
    const model = await openLanguageModel(join(GOLDEN, "llama-grouped"), { threads: 1 });
    const hook = "blocks.1.hook_resid_post";
    const both = await model.activations(hook, tokens);
    const alone = await model.activations(hook, tokenBatch(Int32Array.of(1, 5, 9, 7, 7), 1, 5));
    for (let i = 0; i < 3 * 24; i++) expect(alone[i]!).toBeCloseTo(both[3 * 24 + i]!, 5);
    await model.close();
  });

  test("reads tokens from shared memory", async () => {
    const model = await openLanguageModel(join(GOLDEN, "gpt2"), { threads: 1 });
    const shared = new Int32Array(new SharedArrayBuffer(24));
    shared.set(tokens.ids);
    expect(await model.logits(tokenBatch(shared, 2, 3))).toEqual(await model.logits(tokens));
    await model.close();
  });

  test("counts loss only where a real token follows", async () => {
    const model = await openLanguageModel(join(GOLDEN, "gpt2"), { threads: 1 });
    const padded = { ...tokens, lengths: Int32Array.of(3, 2) };
    const { count, sum, perToken } = await model.crossEntropy(padded);
    expect(count).toBe(3);
    expect([...perToken].map(Number.isNaN)).toEqual([false, false, true, false, true, true]);
    expect(sum).toBeCloseTo(perToken[0]! + perToken[1]! + perToken[3]!, 4);
    await model.close();
  });

  test("computes the same loss in groups of windows when memory for logits is short", async () => {
    const folder = join(GOLDEN, "gpt2");
    const roomy = await openLanguageModel(folder, { threads: 1 });
    const tight = await openLanguageModel(folder, { threads: 1, logitBytes: 1 });
    const hook = "blocks.0.hook_resid_mid";
    const padded = { ...tokens, lengths: Int32Array.of(2, 3) };
    const expected = await roomy.crossEntropy(padded);
    const replacement = (await roomy.activations(hook, tokens)).map((v) => -v);
    const replaced = await roomy.spliced(hook).crossEntropy(padded, replacement);
    const blank = (losses: Float32Array) => losses.map((v) => (Number.isNaN(v) ? -1 : v));
    const close = (actual: Float32Array, wanted: Float32Array) =>
      expectAllclose(blank(actual), blank(wanted), { rtol: 1e-5 });
    close((await tight.crossEntropy(padded)).perToken, expected.perToken);
    close(
      (await tight.spliced(hook).crossEntropy(padded, replacement)).perToken,
      replaced.perToken,
    );
    expect(replaced.sum).not.toBeCloseTo(expected.sum, 2);
    await roomy.close();
    await tight.close();
  });

  test("keeps answering when more hooks are read than sessions are kept", async () => {
    const model = await openLanguageModel(join(GOLDEN, "gpt2"), { threads: 1 });
    const first = await model.activations("hook_embed", tokens);
    for (const hook of model.hooks()) await model.activations(hook, tokens);
    expect(await model.activations("hook_embed", tokens)).toEqual(first);
    await model.close();
  });
});

describe("weights in pytorch_model.bin", () => {
  const TORCH = resolve(GOLDEN, "../torch");

  test.each(["gpt2.bin", "gpt2-legacy.bin"])(
    "are read where they lie and give the logits of the same weights in safetensors (%s)",
    async (file) => {
      const folder = await variant("gpt2", `pytorch-${file}`, {});
      await rm(join(folder, "model.safetensors"));
      await cp(join(TORCH, file), join(folder, "pytorch_model.bin"));
      expect(await logitsOf(folder)).toEqual(await logitsOf(join(GOLDEN, "gpt2")));
    },
  );

  test("are read from the shards that a list names", async () => {
    const folder = await variant("gpt2", "pytorch-shards", {});
    await rm(join(folder, "model.safetensors"));
    const shard = "pytorch_model-00001-of-00001.bin";
    await cp(join(TORCH, "gpt2.bin"), join(folder, shard));
    const index = { weight_map: { "transformer.wte.weight": shard } };
    await writeFile(join(folder, "pytorch_model.bin.index.json"), JSON.stringify(index));
    expect(await logitsOf(folder)).toEqual(await logitsOf(join(GOLDEN, "gpt2")));
  });

  test("that would run something are refused by its name", async () => {
    const folder = await variant("gpt2", "pytorch-bad", {});
    await rm(join(folder, "model.safetensors"));
    await cp(join(TORCH, "system-refused.pt"), join(folder, "pytorch_model.bin"));
    await expect(openLanguageModel(folder)).rejects.toThrow(/asks for (posix|os)\.system/);
  });
});
