/**
 * SAELens loads what runs save, Concord what SAELens saves, and both give the same codes and
 * reconstructions.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { referenceBackend } from "../../../src/backend/reference/reference-backend.ts";
import { readSafetensors } from "../../../src/formats/safetensors-file.ts";
import { loadSae, saveSae } from "../../../src/interchange/saelens.ts";
import { ARITHMETIC_KEYS, HARMLESS_KEYS } from "../../../src/interchange/saelens-keys.ts";
import { openSaeRunner, type Sae } from "../../../src/sae/sae.ts";
import { saelensDifference } from "../../../src/sae/saelens-forms.ts";
import { expectAllclose } from "../../support/allclose.ts";
import { filesBelow } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { METADATA, OURS } from "./saes.ts";

const HERE = import.meta.dirname;
const folders = ["theirs", "ours"].flatMap((side) =>
  readdirSync(join(HERE, side)).map((name) => `${side}/${name}`),
);

async function run(sae: Sae, x: Float32Array, rows: number) {
  const runner = await openSaeRunner(referenceBackend(), sae, rows);
  const code = await runner.encode(x, rows);
  const codes = new Float32Array(rows * sae.dSae);
  for (let b = 0; b < rows; b++)
    for (let e = code.indptr[b]!; e < code.indptr[b + 1]!; e++)
      codes[b * sae.dSae + code.indices[e]!] = code.values[e]!;
  const { residual } = await runner.residual(x, code);
  return { codes, reconstructions: residual.map((r, i) => r + x[i]!) };
}

test.each(folders)("%s", async (folder) => {
  const { tensors } = await readSafetensors(join(HERE, "results.safetensors"));
  const values = (name: string) => tensors.get(name)!.data as Float32Array;
  const [rows] = tensors.get("x")!.shape as [number];
  const sae = await loadSae(referenceBackend(), join(HERE, folder));
  const { codes, reconstructions } = await run(sae, values("x"), rows);
  expect(codes.some((v) => v > 0)).toBe(true);
  const differs = saelensDifference(sae) !== undefined && codes.some((v) => v < 0);
  expect(differs).toBe(folder === "ours/topk_tied-negative");
  if (differs) {
    // As the difference says: what is negative is zero there, and nothing else differs.
    expectAllclose(
      codes.map((v) => Math.max(v, 0)),
      values(`${folder}.codes`),
      { rtol: 1e-5, atol: 1e-5 },
    );
    return;
  }
  expectAllclose(codes, values(`${folder}.codes`), { rtol: 1e-5, atol: 1e-5 });
  expectAllclose(reconstructions, values(`${folder}.reconstructions`), { rtol: 1e-5, atol: 1e-5 });
});

test.each(["batchtopk", "batchtopk-not-rescaled", "matryoshka"])(
  "checkpoint %s selects as SAELens's inference model of it does",
  async (name) => {
    const { tensors } = await readSafetensors(join(HERE, "checkpoints/results.safetensors"));
    const values = (key: string) => tensors.get(key)!.data as Float32Array;
    const [rows] = tensors.get("x")!.shape as [number];
    const sae = await loadSae(referenceBackend(), join(HERE, "checkpoints", name));
    const { codes, reconstructions } = await run(sae, values("x"), rows);
    expect(codes.some((v) => v > 0)).toBe(true);
    expectAllclose(codes, values(`${name}.codes`), { rtol: 1e-5, atol: 1e-5 });
    expectAllclose(reconstructions, values(`${name}.reconstructions`), { rtol: 1e-5, atol: 1e-5 });
  },
);

test("a factor of the activations is folded as SAELens folds it, and does the same before", async () => {
  const { tensors } = await readSafetensors(join(HERE, "results.safetensors"));
  const values = (name: string) => tensors.get(name)!.data as Float32Array;
  const [rows] = tensors.get("x")!.shape as [number];
  const trained: Sae = { ...OURS["topk"]!, rowNormalization: { factor: 0.3 } };
  const folder = temporaryFolder();
  await saveSae(folder, trained);
  const saved = await loadSae(referenceBackend(), folder);
  expect(saved.rowNormalization).toBeUndefined();
  for (const sae of [trained, saved]) {
    const { codes, reconstructions } = await run(sae, values("x"), rows);
    expectAllclose(codes, values("folded.codes"), { rtol: 1e-5, atol: 1e-5 });
    expectAllclose(reconstructions, values("folded.reconstructions"), { rtol: 1e-5, atol: 1e-5 });
  }
});

describe.each(Object.entries(OURS))("%s", (name, sae) => {
  test("is saved as the bytes that SAELens loaded, and loaded as it was", async () => {
    const folder = temporaryFolder();
    await saveSae(folder, sae, METADATA);
    expect(filesBelow(folder)).toEqual(filesBelow(join(HERE, "ours", name)));
    const loaded = await loadSae(referenceBackend(), folder);
    expect({ ...loaded, decoderBias: loaded.decoderBias }).toEqual(sae);
  });

  test("has in SAELens the metadata that it was saved with", () => {
    const known = JSON.parse(readFileSync(join(HERE, "metadata.json"), "utf8"))[name];
    expect(known).toMatchObject({ ...METADATA, sae_lens_version: "6.54.12" });
    expect(known.concord).toMatchObject({ architecture: sae.architecture });
  });
});

test("the versions are written down", () => {
  const versions = JSON.parse(readFileSync(join(HERE, "versions.json"), "utf8"));
  expect(versions.sae_lens).toMatch(/^6\./);
});

test("every key that a version of SAELens writes is read, or known to be harmless", () => {
  const versions = JSON.parse(readFileSync(join(HERE, "config-keys.json"), "utf8"));
  expect(Object.keys(versions)).toHaveLength(7);
  for (const [version, keys] of Object.entries<string[]>(versions))
    for (const key of keys)
      expect([HARMLESS_KEYS.has(key), ARITHMETIC_KEYS.has(key)], `${version}: ${key}`).toContain(
        true,
      );
});
