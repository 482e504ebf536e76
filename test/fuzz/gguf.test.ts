/** Damaged GGUF files: a checkpoint whose parts fit each other, or a refusal in one line. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GgufKeys, ggufConfig } from "../../src/domains/language/gguf/gguf-config.ts";
import { ggufTokenizer } from "../../src/domains/language/gguf/gguf-tokenizer.ts";
import { ggufWeights } from "../../src/domains/language/gguf/gguf-weights.ts";
import { dequantised } from "../../src/formats/gguf/block-types.ts";
import { parseGgufHeader } from "../../src/formats/gguf/gguf-header.ts";
import type { Seed } from "./corpus.ts";
import { damaged } from "./damaged.ts";
import { survives } from "./survives.ts";

/** `CONCORD_FUZZ=1000000 npx vitest run test/fuzz/gguf.test.ts` tries that many of each. */
const COUNT = Number(process.env["CONCORD_FUZZ"] ?? 3000);
const TIMEOUT = 20_000 + COUNT * 10;

const TINY = readFileSync(join(import.meta.dirname, "../golden/gguf/tiny.gguf"));
const seed: Seed = ["tiny.gguf", TINY];

function headerOf(bytes: Uint8Array) {
  return parseGgufHeader(Buffer.from(bytes), "x.gguf", bytes.byteLength);
}

test("headers", { timeout: TIMEOUT }, async () => {
  const survival = await survives(damaged([seed], COUNT), (bytes) => {
    for (const { offset, byteLength } of headerOf(bytes).tensors.values()) {
      expect(offset).toBeGreaterThanOrEqual(0);
      expect(offset + byteLength).toBeLessThanOrEqual(bytes.byteLength);
    }
  });
  expect(survival.parsed).toBeGreaterThan(COUNT / 20);
  expect(survival.refused).toBeGreaterThan(COUNT / 20);
});

test("configs, tokenizers and weights", { timeout: TIMEOUT }, async () => {
  const survival = await survives(damaged([seed], COUNT), (bytes) => {
    const header = headerOf(bytes);
    const { size } = ggufTokenizer(header, "x.gguf");
    const tied = !header.tensors.has("output.weight");
    const { sizes } = ggufConfig(new GgufKeys(header, "x.gguf"), { vocabularySize: size, tied });
    for (const [name, { tensor }] of ggufWeights(header, sizes, "x.gguf")) {
      const end = tensor.offset + tensor.byteLength;
      const values = dequantised(tensor.type, bytes.subarray(tensor.offset, end));
      const elements = tensor.shape.reduce((product, n) => product * n, 1);
      expect(values.length, name).toBe(elements);
    }
  });
  expect(survival.parsed).toBeGreaterThan(COUNT / 20);
  expect(survival.refused).toBeGreaterThan(COUNT / 20);
});
