import { expect, test } from "vitest";
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
