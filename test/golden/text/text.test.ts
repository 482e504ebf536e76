/** Parquet and Zstandard as other programs write them (make_goldens.py). */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import {
  type DocumentOptions,
  emptyTally,
  readDocuments,
} from "../../../src/domains/language/text/documents.ts";
import { announceSkip } from "../../support/announce-skip.ts";

async function documents(name: string, options: DocumentOptions = {}): Promise<string[]> {
  const texts: string[] = [];
  for await (const text of readDocuments(resolve(import.meta.dirname, name), options))
    texts.push(text);
  return texts;
}

const TEXTS = ["One.\nStill one.", "  Größe 😀 ", "Last.".repeat(50)];

test.each(["none", "snappy", "gzip", "zstd", "brotli", "lz4"])(
  "a column of Parquet packed by %s, over several row groups, without nulls and empty texts",
  async (codec) => {
    const tally = emptyTally();
    expect(await documents(`${codec}.parquet`, { tally })).toEqual(TEXTS);
    expect(tally).toMatchObject({ documents: 3, empty: 2, replaced: 0 });
  },
);

test("another column is read when it is named", async () => {
  expect(await documents("zstd.parquet", { column: "large" })).toEqual(TEXTS);
  expect(await documents("zstd.parquet", { column: "raw" })).toEqual(TEXTS);
  expect(await documents("zstd.parquet", { column: "category" })).toEqual([
    "x",
    "y",
    "x",
    "x",
    "y",
  ]);
});

test.each([
  ["content", 'it has no column "content".'],
  ["id", 'its column "id" is of type INT64, not text.'],
  ["words", 'its column "words" is nested (a list or a struct), not text.'],
  ["meta", 'its column "meta" is nested (a list or a struct), not text.'],
])("the column %s is refused, and the columns of text are named", async (column, problem) => {
  await expect(documents("snappy.parquet", { column })).rejects.toMatchObject({
    message: `${join(import.meta.dirname, "snappy.parquet")}: ${problem}`,
    hint: "Name the column of text (text_column, --text-column). Columns of text: text, large, raw, category.",
  });
});

test("Parquet without text is refused", async () => {
  await expect(documents("numbers.parquet")).rejects.toMatchObject({
    message: expect.stringContaining('numbers.parquet: it has no column "text".'),
    hint: "No column is text. Columns: id.",
  });
});

test("Zstandard of several frames is unpacked whole", async () => {
  const texts = await documents("two-frames.jsonl.zst");
  expect(texts).toHaveLength(20_000);
  expect(texts[19_999]).toBe(`Story 19999: ${"word ".repeat(19_999 % 7)}`);
});

test("a window larger than Zstandard's own tools take is refused", async () => {
  await expect(documents("long-window.txt.zst")).rejects.toMatchObject({
    code: "format/too-large",
    hint: "Unpack it first: zstd -d --long=31 FILE.",
  });
});

const FIELD = resolve(import.meta.dirname, "../../../../shared/data/field");
const noField = announceSkip(
  "field texts",
  existsSync(FIELD) ? undefined : `${FIELD} is not there`,
);

test.skipIf(noField)("texts that were met in the field", async () => {
  const packed = await documents(join(FIELD, "stories.jsonl.gz"));
  expect(packed).toHaveLength(60);
  const lines = await documents(join(FIELD, "stories.ndjson"));
  expect(lines).toEqual(await documents(join(FIELD, "bom.jsonl")));
  expect(lines.join("")).not.toMatch(/[{}\ufeff]/);
  await expect(documents(join(FIELD, "latin1.txt"))).rejects.toThrow(/120 of its first 880/);
  for (const name of [
    "arr.npz",
    "plain.npy",
    "sae-rows.npy",
    "u32-sibling.safetensors",
    "dead-t3.edf",
  ])
    await expect(documents(join(FIELD, name)), name).rejects.toThrow(/not text/);
});
