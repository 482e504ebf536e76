/** GGUF files against the gguf Python package (make.py), and a real model where it is at hand. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { installGguf } from "../../../src/domains/language/gguf/install-gguf.ts";
import { openModelByName } from "../../../src/domains/language/models/open-by-name.ts";
import { tokenBatch } from "../../../src/domains/language/text/token-batch.ts";
import { dequantised, GGUF_BLOCK_TYPES } from "../../../src/formats/gguf/block-types.ts";
import { openGgufHeader } from "../../../src/formats/gguf/gguf-header.ts";
import { readSafetensors } from "../../../src/formats/safetensors-file.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const HERE = import.meta.dirname;
const TINY = join(HERE, "tiny.gguf");

test.each(GGUF_BLOCK_TYPES.map((type) => [type.name, type] as const))(
  "%s has the package's values to the last bit",
  async (name, type) => {
    const { tensors } = await readSafetensors(join(HERE, "blocks.safetensors"));
    const found = dequantised(type, tensors.get(`${name}.bytes`)!.data as Uint8Array);
    expect(found).toEqual(tensors.get(`${name}.values`)!.data);
  },
);

describe("a file of the package", () => {
  test("has its metadata and tensors", async () => {
    const { version, metadata, tensors } = await openGgufHeader(TINY);
    expect(version).toBe(3);
    expect(metadata.get("llama.attention.head_count_kv")).toBe(2);
    expect(metadata.get("llama.rope.freq_base")).toBe(50_000);
    expect(metadata.get("tokenizer.ggml.add_bos_token")).toBe(false);
    expect(metadata.get("tokenizer.ggml.merges")).toEqual(["t h", "th e", "Ġ the"]);
    expect(tensors.get("blk.1.ffn_down.weight")).toMatchObject({ shape: [32, 64] });
    expect(tensors.get("token_embd.weight")!.type.name).toBe("Q8_0");
  });

  test("becomes a checkpoint with the same weights, once", async () => {
    const cacheDir = temporaryFolder();
    const folder = await installGguf(TINY, { cacheDir });
    const made = await readSafetensors(join(folder, "model.safetensors"));
    const theirs = await readSafetensors(join(HERE, "tiny.safetensors"));
    expect([...made.tensors.keys()].sort()).toEqual([...theirs.tensors.keys()].sort());
    for (const [name, { shape, data }] of theirs.tensors) {
      expect(made.tensors.get(name)!.shape, name).toEqual(shape);
      expect(made.tensors.get(name)!.data, name).toEqual(data);
    }
    expect(await installGguf(TINY, { cacheDir })).toBe(folder);
    // What an earlier version made of the file is made anew.
    const manifest = join(folder, "concord.json");
    const known = JSON.parse(readFileSync(manifest, "utf8"));
    writeFileSync(manifest, JSON.stringify({ ...known, conversion: known.conversion - 1 }));
    await installGguf(TINY, { cacheDir });
    expect(JSON.parse(readFileSync(manifest, "utf8"))).toEqual(known);
  });

  test("is a model with its tokenizer, by its path alone", async () => {
    const catalogue = { cacheDir: temporaryFolder() };
    const { model, tokenizer } = await openModelByName(TINY, { catalogue, threads: 1 });
    const ids = tokenizer.encode("the the 12");
    expect([...ids].map((id) => tokenizer.tokenText(id))).toEqual(["the", " the", " ", "1", "2"]);
    const { sum, count } = await model.crossEntropy(tokenBatch(ids, 1, ids.length));
    expect(count).toBe(4);
    expect(sum / count).toBeGreaterThan(1);
    await model.close();
  });
});

const SMOLLM2 = join(HERE, "../../../../shared/data/models/SmolLM2-135M-Instruct.Q4_1.gguf");
const STORIES = join(HERE, "../../../examples/data/stories15M_samples_T1.txt");

test.skipIf(!existsSync(SMOLLM2))(
  "SmolLM2-135M in 4 bits has the tokens, cross-entropy, residuals and norms that NumPy found",
  async () => {
    const catalogue = { cacheDir: temporaryFolder() };
    const { model, tokenizer } = await openModelByName(SMOLLM2, { catalogue, threads: 2 });
    const ids = tokenizer.encode(readFileSync(STORIES, "utf8").slice(0, 2600));
    expect(ids).toHaveLength(627);
    expect([...ids.slice(0, 6)]).toEqual([6403, 1980, 253, 655, 665, 436]);
    const tokens = tokenBatch(ids.slice(0, 512), 1, 512);
    const { sum, count } = await model.crossEntropy(tokens);
    expect(sum / count).toBeCloseTo(2.4136, 3);
    const rows = await model.activations("blocks.5.hook_resid_post", tokens);
    const at = (position: number) => rows.subarray(position * 576, (position + 1) * 576);
    for (const [i, value] of [-4.7281, -2.0708, -4.232, -3.7202].entries())
      expect(at(7)[i]).toBeCloseTo(value, 3);
    const late = await model.activations("blocks.15.hook_resid_post", tokens);
    const norms = Array.from({ length: 512 }, (_, p) =>
      Math.hypot(...late.subarray(p * 576, (p + 1) * 576)),
    );
    expect(norms[0]).toBeCloseTo(22_097, -1);
    expect(norms.slice(1).sort((a, b) => a - b)[255]).toBeCloseTo(171, 0);
    await model.close();
  },
  600_000,
);
if (!existsSync(SMOLLM2)) console.log(`skipped: ${SMOLLM2} is not there`);
