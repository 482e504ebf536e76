import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { readSafetensors } from "../../../formats/safetensors-file.ts";
import { openLanguageModel } from "../models/language-model.ts";
import { tokenBatch } from "../text/token-batch.ts";
import { openTokenizer } from "../text/tokenizer.ts";
import { halfSplitRows, parseLlama2cModel } from "./llama2c.ts";
import { llama2cTokenizerJson, mergePairs, parseLlama2cTokenizer } from "./llama2c-tokenizer.ts";
import { writeLlama2cFolder } from "./stories15m.ts";

const GOLDEN = resolve(import.meta.dirname, "../../../../test/golden/models/llama2c");

/**
 * A tokenizer.bin: specials, 256 bytes as the characters of their codes, then `pieces`, best first.
 */
function tokenizerBin(pieces: readonly string[]): Uint8Array {
  const bytes = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i));
  const texts = ["<unk>", "\n<s>\n", "\n</s>\n", ...bytes, ...pieces];
  const parts = texts.map((text, id) => {
    const content = Buffer.from(text);
    const head = Buffer.alloc(8);
    head.writeFloatLE(id < 259 ? 0 : 259 - id, 0);
    head.writeInt32LE(content.byteLength, 4);
    return Buffer.concat([head, content]);
  });
  return Buffer.concat([Buffer.alloc(4), ...parts]);
}

describe("llama2.c weights", () => {
  test("become the tensors that transformers saved for the same model", async () => {
    const { tensors } = parseLlama2cModel(await readFile(join(GOLDEN, "model.bin")));
    const expected = (await readSafetensors(join(GOLDEN, "model.safetensors"))).tensors;
    expect([...tensors.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [name, tensor] of expected) {
      expect([name, tensors.get(name)!.shape]).toEqual([name, tensor.shape]);
      expect([...tensors.get(name)!.data]).toEqual([...tensor.data]);
    }
  });

  test("rotary rows go from neighbours to halves, head by head", () => {
    const rows = Float32Array.of(0, 1, 2, 3, 10, 11, 12, 13);
    expect([...halfSplitRows(rows, 4, 1)]).toEqual([0, 2, 1, 3, 10, 12, 11, 13]);
  });

  test("a file of another length, or that is something else, is refused", async () => {
    const bytes = await readFile(join(GOLDEN, "model.bin"));
    expect(() => parseLlama2cModel(bytes.subarray(0, 1000))).toThrow(
      /asks for \d+ bytes.*has 1000/,
    );
    expect(() => parseLlama2cModel(new Uint8Array(64))).toThrow(
      /not a llama2\.c checkpoint: dModel is 0/,
    );
    expect(() => parseLlama2cModel(new Uint8Array(3))).toThrow(/too short/);
  });
});

describe("llama2.c's vocabulary", () => {
  const pieces = ["ab", " a", "abc", " ", "a", "b", "c", "é"];

  test("tells bytes from the pieces that look like them", () => {
    const parsed = parseLlama2cTokenizer(tokenizerBin(pieces), 259 + pieces.length);
    expect(parsed.slice(0, 4).map(({ text }) => text)).toEqual(["<unk>", "<s>", "</s>", "<0x00>"]);
    expect(parsed[100]!.text).toBe("<0x61>");
    expect(parsed.slice(259).map(({ text }) => text)).toEqual([
      "ab",
      "▁a",
      "abc",
      "▁",
      "a",
      "b",
      "c",
      "é",
    ]);
    expect(new Set(parsed.map(({ text }) => text)).size).toBe(parsed.length);
  });

  test("makes merges of pieces only, the best piece first", () => {
    const parsed = parseLlama2cTokenizer(tokenizerBin(pieces), 259 + pieces.length);
    expect(mergePairs(parsed)).toEqual([
      ["a", "b"],
      ["▁", "a"],
      ["ab", "c"],
    ]);
  });

  test("cut short, too long or with a piece twice is refused", () => {
    const bin = tokenizerBin(pieces);
    expect(() => parseLlama2cTokenizer(bin.subarray(0, 50), 267)).toThrow(/no piece with id/);
    expect(() => parseLlama2cTokenizer(bin, 266)).toThrow(/bytes left over after 266 pieces/);
    const twice = parseLlama2cTokenizer(tokenizerBin(["a", "a"]), 261);
    expect(() => llama2cTokenizerJson(twice)).toThrow(/occurs twice/);
  });
});

test("a llama2.c checkpoint becomes a folder that opens, with a tokenizer that falls back to bytes", async () => {
  const folder = await mkdtemp(join(tmpdir(), "concord-llama2c-"));
  const model = await readFile(join(GOLDEN, "model.bin"));
  // The golden model's vocabulary is smaller than the 256 bytes; the tokenizer is tried on a larger
  // one.
  await expect(writeLlama2cFolder(folder, model, tokenizerBin([]))).rejects.toThrow(/left over/);
  const wide = Buffer.from(model.subarray(0, 28));
  const [vocabulary, dModel] = [267, 16];
  wide.writeInt32LE(vocabulary, 20);
  const rest = model.subarray(28 + 4 * 61 * dModel);
  const embedding = Buffer.from(new Float32Array(vocabulary * dModel).fill(0.1).buffer);
  const larger = Buffer.concat([wide, embedding, rest]);
  await writeLlama2cFolder(
    folder,
    larger,
    tokenizerBin(["ab", " a", "abc", " ", "a", "b", "c", "é"]),
  );
  const opened = await openLanguageModel(folder, { threads: 1 });
  expect(opened.facts).toMatchObject({ layers: 2, keyValueHeads: 2, contextLength: 12 });
  expect(await opened.logits(tokenBatch(Int32Array.of(1, 260), 1, 2))).toHaveLength(2 * vocabulary);
  await opened.close();
  const tokenizer = await openTokenizer(folder);
  expect([...tokenizer.encode("abc")]).toEqual([262, 261]);
  expect([...tokenizer.encode("é\nü")]).toEqual([262, 266, 3 + 0x0a, 3 + 0xc3, 3 + 0xbc]);
  expect(tokenizer.decode(tokenizer.encode("abc é\nü"))).toBe("abc é\nü");
  expect([tokenizer.separatorId, tokenizer.tokenText(260)]).toEqual([1, " a"]);
  await rm(folder, { recursive: true });
});
