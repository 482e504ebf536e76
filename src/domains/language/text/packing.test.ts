import { describe, expect, test } from "vitest";
import { countRows, packDocuments, windowBatch } from "./packing.ts";

const documents = [[11, 12, 13], [21], [31, 32, 33, 34, 35, 36]];

test("packed windows hold the documents end to end, each behind its separator", async () => {
  const packed = await packDocuments(documents, { contextLength: 4, separatorId: 9 });
  expect(packed.windows).toBe(3);
  expect([...packed.ids]).toEqual([9, 11, 12, 13, 9, 21, 9, 31, 32, 33, 34, 35]);
  expect([...packed.documentOf]).toEqual([0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 2, 2]);
  expect([...packed.lengths]).toEqual([4, 4, 4]);
});

test("the remainder is dropped, or kept as a shorter window", async () => {
  const kept = await packDocuments(documents, {
    contextLength: 4,
    separatorId: 9,
    remainder: "keep",
  });
  expect([...kept.ids].slice(12)).toEqual([36, 0, 0, 0]);
  expect([...kept.lengths]).toEqual([4, 4, 4, 1]);
  expect(kept.documentOf[13]).toBe(-1);
});

test("in documents mode each document has its own windows and long ones go on behind a separator", async () => {
  const packed = await packDocuments(documents, {
    contextLength: 4,
    separatorId: 9,
    mode: "documents",
  });
  expect([...packed.lengths]).toEqual([4, 2, 4, 4]);
  expect([...packed.ids]).toEqual([9, 11, 12, 13, 9, 21, 0, 0, 9, 31, 32, 33, 9, 34, 35, 36]);
});

test("without a separator nothing is put between documents", async () => {
  const packed = await packDocuments(documents, { contextLength: 5 });
  expect([...packed.ids]).toEqual([11, 12, 13, 21, 31, 32, 33, 34, 35, 36]);
  expect(packed.specialIds.size).toBe(0);
});

test("packing stops at maxTokens", async () => {
  const packed = await packDocuments(documents, { contextLength: 2, separatorId: 9, maxTokens: 6 });
  expect([...packed.ids]).toEqual([9, 11, 12, 13, 9, 21]);
});

test("a batch is no wider than its longest window", async () => {
  const packed = await packDocuments(documents, {
    contextLength: 8,
    separatorId: 9,
    mode: "documents",
  });
  const batch = windowBatch(packed, 0, 2);
  expect(batch.positions).toBe(4);
  expect([...batch.ids]).toEqual([9, 11, 12, 13, 9, 21, 0, 0]);
  expect([...batch.lengths!]).toEqual([4, 2]);
  expect([...windowBatch(packed, 2, 3).ids]).toEqual([9, 31, 32, 33, 34, 35, 36]);
});

test("rows are counted with and without special tokens, never in padding", async () => {
  const packed = await packDocuments(documents, {
    contextLength: 8,
    separatorId: 9,
    mode: "documents",
  });
  expect(countRows(packed, false)).toBe(13);
  expect(countRows(packed, true)).toBe(10);
  expect(countRows(packed, true, 1, 2)).toBe(1);
});

test("documents may come one by one from a stream", async () => {
  async function* stream() {
    yield* documents;
  }
  const packed = await packDocuments(stream(), { contextLength: 4 });
  expect(packed.ids).toEqual((await packDocuments(documents, { contextLength: 4 })).ids);
});

test("a window of one token predicts nothing and is refused", async () => {
  await expect(packDocuments(documents, { contextLength: 1 })).rejects.toThrow(/at least 2/);
});

test("no documents make no windows", async () => {
  const packed = await packDocuments([], { contextLength: 4, remainder: "keep" });
  expect([packed.windows, packed.ids.length, countRows(packed, false)]).toEqual([0, 0, 0]);
});

describe("a tokenizer that puts tokens before and behind a text", () => {
  const around = { before: [101], after: [102] };

  test("gives every document in a window of its own exactly what it gives the text", async () => {
    const packed = await packDocuments(documents, {
      contextLength: 5,
      separatorId: 101,
      around,
      mode: "documents",
    });
    expect([...packed.ids]).toEqual(
      [
        [101, 11, 12, 13, 102],
        [101, 21, 102, 0, 0],
        [101, 31, 32, 33, 102],
        [101, 34, 35, 36, 102],
      ].flat(),
    );
    expect([...packed.lengths]).toEqual([5, 3, 5, 5]);
    expect([...packed.documentOf]).toEqual(
      [
        [0, 0, 0, 0, 0],
        [1, 1, 1, -1, -1],
        [2, 2, 2, 2, 2],
        [2, 2, 2, 2, 2],
      ].flat(),
    );
    expect([...packed.specialIds]).toEqual([101, 102]);
  });

  test("begins and ends every packed window, and stands between documents", async () => {
    const packed = await packDocuments(documents, {
      contextLength: 8,
      separatorId: 101,
      around,
      remainder: "keep",
    });
    expect([...packed.ids]).toEqual(
      [
        [101, 11, 12, 13, 102, 21, 102, 0],
        [101, 31, 32, 33, 34, 35, 36, 102],
      ].flat(),
    );
    expect([...packed.lengths]).toEqual([7, 8]);
    expect([...packed.documentOf].slice(0, 8)).toEqual([0, 0, 0, 0, 0, 1, 1, -1]);
  });

  test("needs room for a token between", async () => {
    await expect(packDocuments(documents, { contextLength: 2, around })).rejects.toThrow(
      /more than the 2 tokens that the tokenizer puts around every window for context /,
    );
  });

  test("is as a separator where only one token stands before a text", async () => {
    const bos = { before: [9], after: [] };
    const options = { contextLength: 4, separatorId: 9 };
    expect(await packDocuments(documents, { ...options, around: bos })).toEqual(
      await packDocuments(documents, options),
    );
  });
});
