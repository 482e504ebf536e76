import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { backendNames, openNamed, reference } from "../../test/support/backends.ts";
import { madeSae } from "../../test/support/made-sae.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { float32Tensor } from "../base/tensor.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors-file.ts";
import type { Sae } from "../sae/sae.ts";
import { LATENT_TABLE_FILE, writeLatentTable } from "./latent-metadata.ts";
import { checkProbe, PROBE_FILE, writeProbe } from "./probe.ts";
import { readSaeMetadata, saeBytes, saveSae, savingBytes } from "./saelens.ts";
import { saelens } from "./saelens-format.ts";
import { sourceMetadata } from "./source-metadata.ts";

async function probed(sae: Sae): Promise<string> {
  const folder = temporaryFolder();
  await writeProbe(reference, folder, sae);
  return folder;
}

describe.each(backendNames)("on %s", (name) => {
  test("a probe passes for its own SAE, whichever backend wrote it", async () => {
    const sae = madeSae("probe");
    expect(await checkProbe(openNamed(name), await probed(sae), sae)).toBeLessThan(1e-5);
  });
});

test("a folder without a probe is not checked", async () => {
  expect(await checkProbe(reference, temporaryFolder(), madeSae("probe"))).toBeUndefined();
});

describe("a probe notices", () => {
  const sae = madeSae("probe");
  const changed = (values: Float32Array, by: number) =>
    values.map((v, i) => (i === 0 ? v + by : v));
  test.each<[string, Partial<Sae>]>([
    ["another k", { selection: { kind: "topk", k: 3, relu: true } }],
    ["another selection", { selection: { kind: "relu" } }],
    ["rows that are normalised", { rowNormalization: "layer_norm" }],
    ["one weight of the encoder", { encoder: changed(sae.encoder, 0.5) }],
    ["one weight of the decoder", { decoder: changed(sae.decoder, 0.5) }],
    ["a bias of the encoder", { encoderBias: changed(sae.encoderBias, 0.5) }],
    ["b_dec left out", { decoderBias: undefined }],
    ["weights that are not finite", { decoder: changed(sae.decoder, Number.NaN) }],
  ])("%s", async (_, change) => {
    const folder = await probed(sae);
    await expect(checkProbe(reference, folder, { ...sae, ...change })).rejects.toMatchObject({
      code: "format/invalid",
      message: expect.stringContaining(PROBE_FILE),
    });
  });

  test("an SAE of another shape, in words of shapes", async () => {
    const folder = await probed(sae);
    await expect(checkProbe(reference, folder, madeSae("p", { dIn: 5 }))).rejects.toThrow(
      "expected float32 x of [rows, 5].",
    );
    await expect(checkProbe(reference, folder, madeSae("p", { dSae: 9 }))).rejects.toThrow(
      "expected float32 codes of [rows, 9].",
    );
  });

  test("a probe that lacks an array", async () => {
    const folder = await probed(sae);
    const tensors = new Map((await readSafetensors(join(folder, PROBE_FILE))).tensors);
    tensors.delete("reconstructions");
    await writeSafetensors(join(folder, PROBE_FILE), tensors);
    await expect(checkProbe(reference, folder, sae)).rejects.toThrow(
      "expected float32 reconstructions of [rows, 6].",
    );
  });
});

test("an SAE that answers nothing at all has a probe too", async () => {
  const made = madeSae("silent");
  const sae = { ...made, encoderBias: new Float32Array(made.dSae).fill(-100) };
  expect(await checkProbe(reference, await probed(sae), sae)).toBe(0);
});

test("the same SAE has the same probe, byte for byte", async () => {
  const read = async () => readFileSync(join(await probed(madeSae("same")), PROBE_FILE));
  expect(await read()).toEqual(await read());
});

describe("a table of latents", () => {
  const TABLE = new Map([["density", float32Tensor([2], Float32Array.of(0.5, 0.25))]]);

  test("lies beside the weights and is named in cfg.json", async () => {
    const folder = temporaryFolder();
    await saveSae(folder, madeSae("table"), { model_name: "gpt2" });
    await writeLatentTable(folder, TABLE, { rows: "10" });
    expect(await readSaeMetadata(folder)).toMatchObject({
      model_name: "gpt2",
      concord_latents: LATENT_TABLE_FILE,
    });
    const { tensors, metadata } = await readSafetensors(join(folder, LATENT_TABLE_FILE));
    expect(Array.from(tensors.get("density")!.data as Float32Array)).toEqual([0.5, 0.25]);
    expect(metadata).toMatchObject({ rows: "10" });
    const { sae } = await saelens.read(reference, folder, []);
    expect(sae).toEqual(madeSae("table"));
  });

  test("written twice leaves one key and the newer table", async () => {
    const folder = temporaryFolder();
    await saveSae(folder, madeSae("table"));
    await writeLatentTable(folder, TABLE, {});
    const first = readFileSync(join(folder, "cfg.json"), "utf8");
    const newer = new Map([["density", float32Tensor([1], Float32Array.of(1))]]);
    await writeLatentTable(folder, newer, {});
    expect(readFileSync(join(folder, "cfg.json"), "utf8")).toBe(first);
    const { tensors } = await readSafetensors(join(folder, LATENT_TABLE_FILE));
    expect(tensors.get("density")!.shape).toEqual([1]);
  });

  test("of a folder without cfg.json, or with an older one, changes nothing else", async () => {
    const folder = temporaryFolder();
    await writeLatentTable(folder, TABLE, {});
    expect(existsSync(join(folder, "cfg.json"))).toBe(false);
    writeFileSync(join(folder, "cfg.json"), '{"d_in": 3}');
    await writeLatentTable(folder, TABLE, {});
    expect(readFileSync(join(folder, "cfg.json"), "utf8")).toBe('{"d_in": 3}');
  });
});

describe("what a folder says of its origin", () => {
  const origin = { format: "openai", foreignArchitecture: "TopK" } as const;

  test("is where it came from, under SAELens's names", async () => {
    const folder = temporaryFolder();
    const residualOf = [{ path: "runs/a/saes/0", digest: "ab" }];
    const known = { modelName: "gpt2", hookName: "h.3", seed: 4, residualOf };
    await saelens.write(folder, madeSae("origin"), { ...origin, ...known });
    expect(await readSaeMetadata(folder)).toMatchObject({
      model_name: "gpt2",
      hook_name: "h.3",
      residual_of: residualOf,
      converted_from: { format: "openai", architecture: "TopK", seed: 4 },
    });
    const loaded = await saelens.read(reference, folder, []);
    expect(loaded).toMatchObject({ modelName: "gpt2", hookName: "h.3", residualOf });
  });

  test("leaves out what is not known", async () => {
    const folder = temporaryFolder();
    await saelens.write(folder, madeSae("origin"), origin);
    const metadata = await readSaeMetadata(folder);
    for (const key of ["model_name", "hook_name", "residual_of"])
      expect(metadata).not.toHaveProperty(key);
    expect(metadata["converted_from"]).toEqual({ format: "openai", architecture: "TopK" });
  });

  test("is nothing where metadata is missing, null or a text", async () => {
    const folder = temporaryFolder();
    for (const metadata of [undefined, null, "x"]) {
      writeFileSync(join(folder, "cfg.json"), JSON.stringify({ metadata }));
      expect(await readSaeMetadata(folder)).toEqual({});
    }
  });

  test("of a source is what it knows, and its own facts come last", () => {
    const source = {
      provenance: { model: "gpt2", hook: "h.3", context: 128 },
      normalization: undefined,
      saeMetadata: { hook_name: "own" },
    } as unknown as Parameters<typeof sourceMetadata>[0];
    expect(sourceMetadata(source)).toEqual({
      model_name: "gpt2",
      hook_name: "own",
      context_size: 128,
    });
  });
});

test("bytes of an SAE are those of its four tensors, and saving turns the encoder", () => {
  expect(saeBytes({ dIn: 3, dSae: 5 })).toBe(4 * (15 + 15 + 5 + 3));
  expect(savingBytes({ dIn: 3, dSae: 5 }, false)).toBe(4 * 15);
  expect(savingBytes({ dIn: 3, dSae: 5 }, true)).toBe(4 * 30);
});
