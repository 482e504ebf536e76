import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { TINY_HOOK, writeTinyModel } from "../../../../test/support/tiny-model.ts";
import { describingBytes, describingBytesOf } from "./describing-bytes.ts";

const MIB = 2 ** 20;

test("a model's unembedding counts, and logits of a vocabulary too large for their buffer", () => {
  const of = (dModel: number, vocabularySize: number) =>
    describingBytes({ dModel, vocabularySize }, "blocks.3.hook_resid_post") / MIB;
  // Measured: 310 and 388.
  expect(of(288, 32_000)).toBeCloseTo(302, 0);
  expect(of(576, 49_152)).toBeCloseTo(448, 0);
  expect(of(8, 2 ** 25) - of(8, 2 ** 24)).toBeCloseTo((2 * 4 * 8 + 3 * 4) * 16, 6);
});

test("where nothing reaches the logits, the tokenizer is all", () => {
  const facts = { dModel: 288, vocabularySize: 32_000 };
  expect(describingBytes(facts, "blocks.3.mlp.hook_post")).toBe(40 * MIB);
  expect(describingBytes({}, "blocks.3.hook_resid_post")).toBe(40 * MIB);
});

test("a model is asked for by name; one that is not there takes nothing", async () => {
  const folder = temporaryFolder();
  writeTinyModel(join(folder, "tiny"));
  const catalogue = { cacheDir: folder, offline: true };
  const bytes = await describingBytesOf(join(folder, "tiny"), TINY_HOOK, catalogue);
  expect(bytes).toBeGreaterThan(200 * MIB);
  expect(await describingBytesOf(join(folder, "none"), TINY_HOOK, catalogue)).toBe(0);
});
