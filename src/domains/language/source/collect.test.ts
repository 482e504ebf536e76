import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { evaluateModel, evaluateReplaced } from "../evaluate/evaluate.ts";
import type { LanguageModel } from "../models/hooked-model.ts";
import { openLanguageModel } from "../models/language-model.ts";
import { countRows, type PackedTokens, packDocuments } from "../text/packing.ts";
import { type CollectOptions, collectActivations, defaultBatch } from "./collect.ts";

const HOOK = "blocks.1.hook_resid_post";
let model: LanguageModel;
let packed: PackedTokens;
let ragged: PackedTokens;

beforeAll(async () => {
  const folder = join(resolve(import.meta.dirname, "../../../../test/golden/models"), "gpt2");
  model = await openLanguageModel(folder, { threads: 1 });
  const documents = Array.from({ length: 7 }, (_, d) =>
    Array.from({ length: 3 + 2 * d }, (_, i) => 2 + ((13 * d + 7 * i) % 59)),
  );
  const options = { contextLength: 8, separatorId: 1 };
  packed = await packDocuments(documents, options);
  ragged = await packDocuments(documents, { ...options, mode: "documents" });
});
afterAll(() => model.close());

async function collected(from: PackedTokens, options: CollectOptions) {
  const rows: number[] = [];
  const tokens: number[] = [];
  const positions: number[] = [];
  let first: number | undefined;
  for await (const part of collectActivations(model, HOOK, from, options)) {
    first ??= part.firstRow;
    expect(part.firstRow).toBe(first + tokens.length);
    rows.push(...part.rows);
    tokens.push(...part.tokens);
    positions.push(...part.positions);
  }
  return { rows, tokens, positions, first };
}

test("all real tokens come in order, one row each", async () => {
  for (const from of [packed, ragged]) {
    const { rows, tokens, positions } = await collected(from, { skipSpecial: false, batch: 3 });
    expect(rows.length).toBe(24 * tokens.length);
    expect(tokens.length).toBe(countRows(from, false));
    expect(tokens).toEqual(positions.map((at) => from.ids[at]));
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
  }
});

test("special tokens are left out with their rows, and the other rows stay the same", async () => {
  const all = await collected(ragged, { skipSpecial: false, batch: 2 });
  const some = await collected(ragged, { batch: 2 });
  const kept = all.tokens.flatMap((id, row) =>
    id === 1 ? [] : all.rows.slice(24 * row, 24 * row + 24),
  );
  expect(some.tokens).toEqual(all.tokens.filter((id) => id !== 1));
  expect(some.rows).toEqual(kept);
});

test("a collection broken off goes on at the next window with the same rows and row numbers", async () => {
  const whole = await collected(packed, { batch: 2 });
  const rest = await collected(packed, { batch: 2, firstWindow: 4 });
  expect(rest.first).toBe(countRows(packed, true, 0, 4));
  expect(rest.rows).toEqual(whole.rows.slice(24 * rest.first!));
});

test("the batch size changes rows in their last bits at most", async () => {
  const one = await collected(packed, { batch: 1 });
  const all = await collected(packed, { batch: packed.windows });
  const worst = Math.max(...one.rows.map((v, i) => Math.abs(v - all.rows[i]!)));
  expect(worst).toBeLessThan(1e-5);
});

test("an abort stops before the next batch, and progress is told after each", async () => {
  const control = new AbortController();
  const seen: number[] = [];
  const run = collected(packed, {
    batch: 1,
    signal: control.signal,
    onProgress: ({ windows }) => {
      seen.push(windows);
      if (windows === 2) control.abort();
    },
  });
  await expect(run).rejects.toMatchObject({ code: "interrupted" });
  expect(seen).toEqual([1, 2]);
});

test("impossible batches and windows are refused", async () => {
  await expect(collected(packed, { batch: 0 })).rejects.toThrow(/a positive integer for batch/);
  await expect(collected(packed, { firstWindow: 99 })).rejects.toThrow(/for firstWindow/);
  expect([defaultBatch(256), defaultBatch(4096)]).toEqual([4, 1]);
});

test("evaluation averages over every predicted token, whatever the batch", async () => {
  const each = await evaluateModel(model, ragged, { batch: 1 });
  const together = await evaluateModel(model, ragged, { batch: 100 });
  expect(each.tokens).toBe(ragged.lengths.reduce((sum, n) => sum + n - 1, 0));
  expect(together.tokens).toBe(each.tokens);
  expect(together.crossEntropy).toBeCloseTo(each.crossEntropy, 5);
  expect(each.perplexity).toBeCloseTo(Math.exp(each.crossEntropy), 6);
});

test("replacing activations by themselves changes nothing, and by zeros everything", async () => {
  const plain = await evaluateModel(model, ragged);
  const same = await evaluateReplaced(model, HOOK, ragged, (rows) => rows);
  const zeros = await evaluateReplaced(
    model,
    HOOK,
    ragged,
    (rows) => new Float32Array(rows.length),
  );
  expect(same.crossEntropy).toBeCloseTo(plain.crossEntropy, 5);
  expect(Math.abs(zeros.crossEntropy - plain.crossEntropy)).toBeGreaterThan(0.01);
});
