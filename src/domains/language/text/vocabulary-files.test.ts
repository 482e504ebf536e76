import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { announceSkip } from "../../../../test/support/announce-skip.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { openTokenizer } from "./tokenizer.ts";

const ROOT = resolve(import.meta.dirname, "../../../..");
const REAL = join(ROOT, "../shared/data/tokenizers/gpt2");
const absent = announceSkip(
  "vocab.json and merges.txt of GPT-2",
  existsSync(join(REAL, "merges.txt")) ? undefined : `${REAL} is not there`,
);

/** A folder with a vocabulary of a few pieces, and further files. */
function folderOf(files: Readonly<Record<string, unknown>>): string {
  const folder = temporaryFolder();
  const vocab = { "<s>": 0, "</s>": 1, a: 2, b: 3, ab: 4, Ġ: 5, Ġab: 6, "<|endoftext|>": 7 };
  const all = { "vocab.json": vocab, "merges.txt": "#version: 0.2\na b\nĠ ab\n", ...files };
  for (const [name, content] of Object.entries(all))
    if (content !== undefined)
      writeFileSync(
        join(folder, name),
        typeof content === "string" ? content : JSON.stringify(content),
      );
  return folder;
}

test.skipIf(absent)(
  "the real files of GPT-2 give the ids of its tokenizer.json in the Rust library",
  async () => {
    const golden = JSON.parse(
      readFileSync(join(ROOT, "test/golden/models/tokenizer-ids.json"), "utf8"),
    );
    const folder = temporaryFolder();
    for (const file of ["vocab.json", "merges.txt"])
      writeFileSync(join(folder, file), readFileSync(join(REAL, file)));
    const tokenizer = await openTokenizer(folder);
    expect(golden.strings.map((text: string) => [...tokenizer.encode(text)])).toEqual(golden.gpt2);
    expect(tokenizer).toMatchObject({ vocabularySize: 50_257, separatorId: 50_256 });
    for (const text of golden.strings) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  },
);

describe("vocab.json and merges.txt", () => {
  test("are a byte-level tokenizer, GPT-2's where nothing else is said", async () => {
    const tokenizer = await openTokenizer(folderOf({}));
    expect([...tokenizer.encode("ab ab<|endoftext|>ba")]).toEqual([4, 6, 7, 3, 2]);
    expect(tokenizer.separatorId).toBe(7);
    expect(tokenizer.around).toEqual({ before: [], after: [] });
  });

  test("take further tokens from added_tokens.json and the names of special ones from their files", async () => {
    const tokenizer = await openTokenizer(
      folderOf({
        "added_tokens.json": { "<pad>": 8 },
        "special_tokens_map.json": { bos_token: { content: "<s>" }, pad_token: "<pad>" },
        "tokenizer_config.json": { tokenizer_class: "GPT2TokenizerFast", bos_token: "<s>" },
      }),
    );
    expect([...tokenizer.encode("ab<pad>")]).toEqual([4, 8]);
    expect([...tokenizer.specialIds].sort()).toEqual([0, 7, 8]);
    expect(tokenizer.separatorId).toBe(0);
  });

  test("of RoBERTa put a text between its tokens", async () => {
    const tokenizer = await openTokenizer(folderOf({ "config.json": { model_type: "roberta" } }));
    expect(tokenizer.around).toEqual({ before: [0], after: [1] });
  });

  test.each([
    [
      { "tokenizer_config.json": { tokenizer_class: "CLIPTokenizer" } },
      /"CLIPTokenizer" are not put together here/,
    ],
    [{ "merges.txt": "#version: 0.2\na b\nab\n" }, /merges\.txt:3: expected two pieces/],
    [{ "merges.txt": undefined }, /has no tokenizer\.json/],
    [{ "vocab.json": { a: 1e12 } }, /expected an id from 0 to 2097152 for token a/],
  ])("%j is refused in one line", async (files, message) => {
    await expect(openTokenizer(folderOf(files))).rejects.toThrow(message);
  });
});

test("a vocabulary of another kind is answered with the command that converts it", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "tokenizer.model"), "x");
  await expect(openTokenizer(folder)).rejects.toMatchObject({
    message: `The model folder ${folder} has no tokenizer.json.`,
    hint: `It has tokenizer.model: run python -c "from transformers import AutoTokenizer as T; T.from_pretrained('${folder}').save_pretrained('${folder}')"`,
  });
});
