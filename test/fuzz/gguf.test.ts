/** Damaged GGUF files: a header whose tensors lie within the file, or a refusal in one line. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseGgufHeader } from "../../src/formats/gguf/gguf-header.ts";
import type { Seed } from "./corpus.ts";
import { damaged } from "./damaged.ts";
import { survives } from "./survives.ts";

/** `CONCORD_FUZZ=1000000 npx vitest run test/fuzz/gguf.test.ts` tries that many. */
const COUNT = Number(process.env["CONCORD_FUZZ"] ?? 3000);

const TINY = readFileSync(join(import.meta.dirname, "../golden/gguf/tiny.gguf"));

test("headers", async () => {
  const seed: Seed = ["tiny.gguf", TINY];
  const survival = await survives(damaged([seed], COUNT), (bytes) => {
    const { tensors } = parseGgufHeader(Buffer.from(bytes), "x.gguf", bytes.byteLength);
    for (const { offset, byteLength } of tensors.values()) {
      expect(offset).toBeGreaterThanOrEqual(0);
      expect(offset + byteLength).toBeLessThanOrEqual(bytes.byteLength);
    }
  });
  expect(survival.parsed).toBeGreaterThan(COUNT / 20);
  expect(survival.refused).toBeGreaterThan(COUNT / 20);
});
