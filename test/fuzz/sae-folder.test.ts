/**
 * A damaged SAE folder is loaded or refused in a line that names the file; what is loaded can
 * encode.
 */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { referenceBackend } from "../../src/backend/reference/reference-backend.ts";
import { readSae } from "../../src/interchange/formats.ts";
import { loadSae } from "../../src/interchange/saelens.ts";
import { openSaeRunner } from "../../src/sae/sae.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { mutated } from "./mutate.ts";
import { survives } from "./survives.ts";

const GOLDEN = join(import.meta.dirname, "../golden/saelens");
const backend = referenceBackend();

const ODD = [
  "null",
  "[]",
  "7",
  '{"d_in":6,"d_sae":10,"metadata":{"concord":{"architecture":"topk","selection":null}}}',
  '{"d_in":6,"d_sae":10,"metadata":{"concord":{"architecture":"topk","selection":{"kind":"topk","k":11}}}}',
  '{"d_in":6,"d_sae":10,"metadata":{"concord":{"architecture":"nothing","selection":{"kind":"relu"}}}}',
  '{"d_in":6,"d_sae":10,"metadata":null,"architecture":"topk","k":0.5}',
  '{"d_in":9007199254740991,"d_sae":9007199254740991,"architecture":"standard"}',
];

test.each([
  ["ours/topk", "cfg.json"],
  ["ours/relu", "sae_weights.safetensors"],
  ["theirs/topk-rescaled", "cfg.json"],
  ["theirs/standard-bfloat16", "sae_weights.safetensors"],
])("%s: %s", async (folder, file) => {
  const copy = join(temporaryFolder(), "sae");
  cpSync(join(GOLDEN, folder), copy, { recursive: true });
  const good = readFileSync(join(copy, file));
  const cases: [string, Uint8Array][] = Array.from({ length: 150 }, (_, number) => [
    `damage ${number}`,
    mutated(good, `${folder}/${file}`, number),
  ]);
  if (file === "cfg.json") for (const text of ODD) cases.push([text, Buffer.from(text)]);
  const survival = await survives(cases, async (bytes) => {
    writeFileSync(join(copy, file), bytes);
    const sae = await loadSae(backend, copy);
    const runner = await openSaeRunner(backend, sae, 2);
    await runner.encode(new Float32Array(2 * sae.dIn).fill(0.5), 2);
  });
  expect(survival.refused).toBeGreaterThan(30);
  expect(survival.parsed).toBeGreaterThan(2);
});

const FOREIGN = join(import.meta.dirname, "../golden/interchange");

test.each([
  ["dictionary_learning/AutoEncoderTopK", "ae.pt"],
  ["dictionary_learning/JumpReluAutoEncoder", "config.json"],
  ["sparsify/topk", "cfg.json"],
  ["sparsify/topk", "sae.safetensors"],
  ["gemma_scope/compressed", "params.npz"],
  ["gemma_scope_2/second", "params.safetensors"],
  ["openai/TopK", "4.pt"],
  ["openai/nested", "6.pt"],
])("%s: %s", async (folder, file) => {
  const copy = join(temporaryFolder(), "sae");
  cpSync(join(FOREIGN, folder), copy, { recursive: true });
  const good = readFileSync(join(copy, file));
  const cases = Array.from({ length: 100 }, (_, number): [string, Uint8Array] => [
    `damage ${number}`,
    mutated(good, `${folder}/${file}`, number),
  ]);
  const survival = await survives(cases, async (bytes) => {
    writeFileSync(join(copy, file), bytes);
    const { sae } = await readSae(backend, copy);
    const runner = await openSaeRunner(backend, sae, 2);
    await runner.encode(new Float32Array(2 * sae.dIn).fill(0.5), 2);
  });
  expect(survival.refused).toBeGreaterThan(10);
});
