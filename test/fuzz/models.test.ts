/** Damaged files of language models: ONNX, llama2.c, tokenizers, configs and lists of shards. */
import { copyFileSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseLlama2cModel } from "../../src/domains/language/catalogue/llama2c.ts";
import {
  llama2cTokenizerJson,
  parseLlama2cTokenizer,
} from "../../src/domains/language/catalogue/llama2c-tokenizer.ts";
import { openCheckpoint } from "../../src/domains/language/models/checkpoint.ts";
import { buildGraph } from "../../src/domains/language/models/families/registry.ts";
import { openOnnxModel } from "../../src/domains/language/models/onnx-model.ts";
import { makeTokenizer, openTokenizer } from "../../src/domains/language/text/tokenizer.ts";
import { FormatError } from "../../src/errors.ts";
import { GraphBuilder } from "../../src/formats/onnx/graph-builder.ts";
import { decodeModel, encodeModel } from "../../src/formats/onnx/messages.ts";
import { tensorNames } from "../../src/formats/onnx/surgery.ts";
import { tensorValue } from "../../src/formats/onnx/tensors.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { writeTinyModel } from "../support/tiny-model.ts";
import type { Seed } from "./corpus.ts";
import { damaged, texts } from "./damaged.ts";
import { survives } from "./survives.ts";

const GOLDEN = join(import.meta.dirname, "../golden/models");
const golden = (name: string): Seed => [name, readFileSync(join(GOLDEN, name))];

test("ONNX files", async () => {
  const path = join(temporaryFolder(), "x.onnx");
  const survival = await survives(damaged([golden("foreign.onnx")], 1500), async (bytes) => {
    const model = decodeModel(bytes, path);
    tensorNames(decodeModel(encodeModel(model), path));
    writeFileSync(path, bytes);
    const opened = await openOnnxModel(path);
    await opened.close();
  });
  expect(survival.parsed).toBeGreaterThan(50);
  expect(survival.refused).toBeGreaterThan(300);
});

test("an ONNX file whose empty cache would not be empty is refused before memory is taken", async () => {
  const b = new GraphBuilder();
  b.input(tensorValue("input_ids", "int64", ["batch", "position"]));
  b.input(tensorValue("past_key_values.0.key", "float32", ["batch", 2 ** 20, 2 ** 20]));
  b.node("Identity", ["input_ids"], { output: "logits" });
  b.output(tensorValue("logits", "int64", ["batch", "position"]));
  const path = join(temporaryFolder(), "x.onnx");
  writeFileSync(path, encodeModel(b.finish("g", 20)));
  await expect(openOnnxModel(path)).rejects.toThrow(
    /^Input "past_key_values\.0\.key" asks for \[1, 1048576, 1048576\]/,
  );
});

test("llama2.c weights", async () => {
  const survival = await survives(damaged([golden("llama2c/model.bin")], 400), (bytes) => {
    const { tensors } = parseLlama2cModel(bytes, "model.bin");
    let total = 0;
    for (const { data } of tensors.values()) total += data.byteLength;
    // Shared embeddings are there twice.
    expect(total).toBeLessThanOrEqual(2 * bytes.byteLength);
  });
  expect(survival.parsed).toBeGreaterThan(25);
  expect(survival.refused).toBeGreaterThan(50);
});

/** A tokenizer.bin of the special tokens, the bytes and a few pieces. */
function tokenizerBin(): Uint8Array {
  const pieces = ["ab", " a", "abc", " ", "a", "b", "c", "é"];
  const bytes = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i));
  const parts = ["<unk>", "\n<s>\n", "\n</s>\n", ...bytes, ...pieces].map((text, id) => {
    const head = Buffer.alloc(8);
    head.writeFloatLE(id < 259 ? 0 : 259 - id, 0);
    head.writeInt32LE(Buffer.byteLength(text), 4);
    return Buffer.concat([head, Buffer.from(text)]);
  });
  return Buffer.concat([Buffer.alloc(4), ...parts]);
}

test("llama2.c vocabularies", async () => {
  const seeds: Seed[] = [["tokenizer.bin", tokenizerBin()]];
  const survival = await survives(damaged(seeds, 1500), (bytes) => {
    const pieces = parseLlama2cTokenizer(bytes, 267, "tokenizer.bin");
    expect(pieces).toHaveLength(267);
    const tokenizer = makeTokenizer(llama2cTokenizerJson(pieces), {}, {}, "tokenizer.json");
    tokenizer.encode("abc é");
  });
  expect(survival.parsed).toBeGreaterThan(25);
  expect(survival.refused).toBeGreaterThan(300);
});

test("tokenizer.json", async () => {
  const folder = join(temporaryFolder(), "model");
  writeTinyModel(folder);
  const path = join(folder, "tokenizer.json");
  const llama = llama2cTokenizerJson(parseLlama2cTokenizer(tokenizerBin(), 267, "tokenizer.bin"));
  const seeds: Seed[] = [
    ["letters", readFileSync(path)],
    ["llama", Buffer.from(JSON.stringify(llama))],
    ...texts({
      array: "[]",
      number: "3",
      "no vocabulary": '{"model":{"type":"BPE"}}',
      "a vocabulary that is none": '{"model":{"type":"BPE","vocab":7,"merges":3}}',
      "an unknown kind": '{"model":{"type":"Magic","vocab":{}}}',
      "merges that are none": '{"model":{"type":"BPE","vocab":{"a":0},"merges":[1,null,["a"]]}}',
      "a broken pattern":
        '{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(["},"behavior":"Isolated"}}',
    }),
  ];
  const survival = await survives(damaged(seeds, 80), async (bytes) => {
    writeFileSync(path, bytes);
    const tokenizer = await openTokenizer(folder);
    const ids = tokenizer.encode("once upon a time, abc");
    tokenizer.decode(ids);
    if (ids.length > 0) tokenizer.tokenText(ids[0]!);
  });
  expect(survival.parsed).toBeGreaterThan(5);
  expect(survival.refused).toBeGreaterThan(100);
});

const FAMILIES = ["gpt2", "llama-grouped", "neox-parallel", "qwen2", "gemma3-images", "phi"];
test.each(FAMILIES)("config.json of %s", async (family) => {
  const folder = join(temporaryFolder(), "model");
  cpSync(join(GOLDEN, family), folder, { recursive: true });
  const seeds: Seed[] = [["config.json", readFileSync(join(folder, "config.json"))]];
  const survival = await survives(damaged(seeds, 300), async (bytes) => {
    writeFileSync(join(folder, "config.json"), bytes);
    buildGraph(await openCheckpoint(folder));
  });
  expect(survival.parsed).toBeGreaterThan(5);
  expect(survival.refused).toBeGreaterThan(50);
});

test("lists of shards, and the header of a shard", async () => {
  const folder = join(temporaryFolder(), "model");
  cpSync(join(GOLDEN, "llama-grouped"), folder, { recursive: true });
  for (const name of ["model.safetensors.index.json", "model-00002-of-00003.safetensors"]) {
    const path = join(folder, name);
    const seeds: Seed[] = [[name, readFileSync(path)]];
    const survival = await survives(damaged(seeds, 150), async (bytes) => {
      writeFileSync(path, bytes);
      buildGraph(await openCheckpoint(folder));
    });
    expect(survival.refused).toBeGreaterThan(20);
    copyFileSync(join(GOLDEN, "llama-grouped", name), path);
  }
});

test("a refusal is one line also where the library's own message has several", () => {
  const broken = { model: { type: "BPE", vocab: { a: 0 }, merges: [null] } };
  expect(() => makeTokenizer(broken, {}, {}, "tokenizer.json")).toThrow(FormatError);
});
