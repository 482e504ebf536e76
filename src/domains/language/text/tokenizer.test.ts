import { existsSync, readFileSync } from "node:fs";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { announceSkip } from "../../../../test/support/announce-skip.ts";
import { makeTokenizer, openTokenizer } from "./tokenizer.ts";

const ROOT = resolve(import.meta.dirname, "../../../..");
const golden = JSON.parse(
  readFileSync(join(ROOT, "test/golden/models/tokenizer-ids.json"), "utf8"),
) as { strings: string[] } & Record<string, number[][]>;

const REAL = [
  ["gpt2", "gpt2/tokenizer.json", 50256],
  ["gpt-neox", "gpt-neox/20B_tokenizer.json", 0],
] as const;

/** A toy byte-pair vocabulary: a, b, ab, and an end-of-text token. */
const TOY = {
  added_tokens: [{ id: 3, content: "<|endoftext|>", special: true }],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: null,
  model: { type: "BPE", vocab: { a: 0, b: 1, ab: 2 }, merges: [["a", "b"]] },
};

describe.each(REAL)("the real %s tokenizer", (name, file, separator) => {
  const path = join(ROOT, "../shared/data/tokenizers", file);
  const absent = announceSkip(name, existsSync(path) ? undefined : `${path} is not there`);

  test.skipIf(absent)("gives the ids of the Rust library for tricky text", () => {
    const json = JSON.parse(readFileSync(path, "utf8"));
    const tokenizer = makeTokenizer(json, {}, {}, path);
    expect(golden.strings.map((text) => [...tokenizer.encode(text)])).toEqual(golden[name]);
  });

  test.skipIf(absent)("decodes what it encoded and knows its separator", () => {
    const json = JSON.parse(readFileSync(path, "utf8"));
    const tokenizer = makeTokenizer(json, {}, {}, path);
    for (const text of golden.strings) {
      // GPT-NeoX composes accents before anything else, for good.
      const expected = name === "gpt-neox" ? text.normalize("NFC") : text;
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(expected);
    }
    expect(tokenizer.separatorId).toBe(separator);
    expect(tokenizer.specialIds.has(separator)).toBe(true);
    const ids = tokenizer.encode("a little girl");
    expect([...ids].map((id) => tokenizer.tokenText(id))).toEqual(["a", " little", " girl"]);
  });
});

describe("a tokenizer", () => {
  test("merges by rank and leaves special tokens to the packing", () => {
    const tokenizer = makeTokenizer(TOY, {}, {}, "toy");
    expect([...tokenizer.encode("abba")]).toEqual([2, 1, 0]);
    expect(tokenizer.vocabularySize).toBe(4);
  });

  test("takes its separator from its own config first, then from the model's", () => {
    expect(makeTokenizer(TOY, { bos_token: "a" }, {}, "toy").separatorId).toBe(0);
    expect(makeTokenizer(TOY, { bos_token: { content: "b" } }, {}, "toy").separatorId).toBe(1);
    expect(makeTokenizer(TOY, {}, { bos_token_id: 2 }, "toy").separatorId).toBe(2);
    expect(makeTokenizer(TOY, {}, { bos_token_id: 99 }, "toy").separatorId).toBe(3);
    expect(makeTokenizer({ ...TOY, added_tokens: [] }, {}, {}, "toy").separatorId).toBeUndefined();
  });

  test("that is missing, torn or of an unknown kind is refused with its path", async () => {
    const folder = await mkdtemp(join(tmpdir(), "concord-tokenizer-"));
    const path = join(folder, "tokenizer.json");
    await expect(openTokenizer(folder)).rejects.toMatchObject({
      code: "file/missing",
      message: expect.stringMatching(/^The model folder .* has no tokenizer\.json\.$/),
    });
    await writeFile(path, '{"model": {"type": "BPE"');
    await expect(openTokenizer(folder)).rejects.toThrow(`${path}: not valid JSON`);
    await writeFile(path, '{"model": {"type": "Runes"}}');
    await expect(openTokenizer(folder)).rejects.toThrow(/this kind of tokenizer cannot be used/);
    await copyFile(join(ROOT, "package.json"), path);
    await expect(openTokenizer(folder)).rejects.toThrow(/no "model" in it/);
    await rm(folder, { recursive: true });
  });
});

test("a byte order mark in front of a model's JSON is not part of it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "concord-tokenizer-"));
  await writeFile(join(folder, "tokenizer.json"), `\ufeff${JSON.stringify(TOY)}`);
  expect([...(await openTokenizer(folder)).encode("abba")]).toEqual([2, 1, 0]);
  await rm(folder, { recursive: true });
});
