/** SAEs of other programs give the codes and reconstructions that these programs compute. */
import { existsSync, readdirSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { referenceBackend } from "../../../src/backend/reference/reference-backend.ts";
import { readSafetensors } from "../../../src/formats/safetensors-file.ts";
import { convertSae } from "../../../src/interchange/convert.ts";
import { readSae, SAE_FORMATS } from "../../../src/interchange/formats.ts";
import { checkProbe } from "../../../src/interchange/probe.ts";
import { saveSae } from "../../../src/interchange/saelens.ts";
import { openSaeRunner, type Sae } from "../../../src/sae/sae.ts";
import { expectAllclose } from "../../support/allclose.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const HERE = import.meta.dirname;
const FORMATS = ["dictionary_learning", "sparsify", "gemma_scope", "gemma_scope_2", "openai"];
const folders = FORMATS.flatMap((format) =>
  readdirSync(join(HERE, format)).map((name) => `${format}/${name}`),
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
  const loaded = await readSae(referenceBackend(), join(HERE, folder));
  expect(loaded.format).toBe(folder.split("/")[0]);
  const { codes, reconstructions } = await run(loaded.sae, values("x"), rows);
  expect(codes.some((v) => v > 0)).toBe(true);
  expectAllclose(codes, values(`${folder}.codes`), { rtol: 1e-5, atol: 1e-5 });
  expectAllclose(reconstructions, values(`${folder}.reconstructions`), { rtol: 1e-5, atol: 1e-5 });
});

test.each(folders)("%s as SAELens reads it gives the same codes", async (folder) => {
  const { tensors } = await readSafetensors(join(HERE, "results.safetensors"));
  const values = (name: string) => tensors.get(name)!.data as Float32Array;
  const [rows] = tensors.get("x")!.shape as [number];
  const out = join(temporaryFolder(), "sae");
  await convertSae(referenceBackend(), join(HERE, folder), out);
  const { sae, format } = await readSae(referenceBackend(), out);
  expect(format).toBe("saelens");
  const { codes, reconstructions } = await run(sae, values("x"), rows);
  expectAllclose(codes, values(`${folder}.codes`), { rtol: 1e-5, atol: 1e-5 });
  expectAllclose(reconstructions, values(`${folder}.reconstructions`), { rtol: 1e-5, atol: 1e-5 });
});

test("the program of every format gave the codes of SAEs that were written for it", async () => {
  const text = await readFile(join(HERE, "written.json"), "utf8");
  const { differences } = JSON.parse(text) as {
    differences: Record<string, { codes: number; reconstructions: number }>;
  };
  // The form `concord` is ours: no other program reads it.
  for (const { name } of SAE_FORMATS.filter((format) => format.name !== "concord"))
    expect(Object.keys(differences).some((key) => key.startsWith(`${name}/`))).toBe(true);
  for (const both of Object.values(differences))
    expect(Math.max(both.codes, both.reconstructions)).toBeLessThan(1e-5);
});

test("weights that are not those of the probe are noticed", async () => {
  const out = join(temporaryFolder(), "sae");
  const backend = referenceBackend();
  await convertSae(backend, join(HERE, "sparsify/topk"), out);
  const { sae } = await readSae(backend, out);
  expect(await checkProbe(backend, out, sae)).toBeLessThan(1e-6);
  await saveSae(out, { ...sae, encoderBias: sae.encoderBias.map((b) => b + 0.1) });
  const { sae: changedSae } = await readSae(backend, out);
  await expect(checkProbe(backend, out, changedSae)).rejects.toThrow(/gives other codes than when/);
});

test("what the files say of the SAE is kept", async () => {
  const folder = join(HERE, "dictionary_learning/BatchTopKSAE");
  expect(await readSae(referenceBackend(), folder)).toMatchObject({
    foreignArchitecture: "BatchTopKSAE",
    modelName: "gpt2",
    seed: 3,
  });
});

test("a folder of SAELens is one of the formats", async () => {
  const folder = join(HERE, "../saelens/theirs/topk");
  expect(await readSae(referenceBackend(), folder)).toMatchObject({ format: "saelens" });
});

/** A copy of a folder whose config is changed. */
async function changed(
  folder: string,
  config: string,
  change: (json: Record<string, unknown>) => void,
) {
  const copy = join(temporaryFolder(), "sae");
  await cp(join(HERE, folder), copy, { recursive: true });
  const json = JSON.parse(await readFile(join(copy, config), "utf8"));
  change(json);
  await writeFile(join(copy, config), JSON.stringify(json));
  return copy;
}

describe("a conversion is refused before anything is written", () => {
  const backend = referenceBackend();
  const topk = join(HERE, "sparsify/topk");

  test("to a format that cannot keep what the SAE computes, with those that can", async () => {
    const out = join(temporaryFolder(), "sae");
    await expect(convertSae(backend, topk, out, "openai")).rejects.toMatchObject({
      message: `${topk} cannot be kept as openai, which normalises rows (layer_norm) before its k largest, and this SAE does not.`,
      hint: "Choose sparsify or saelens or dictionary_learning.",
    });
    await expect(convertSae(backend, topk, out, "gemma_scope")).rejects.toThrow(
      /which selects all above a threshold, and this SAE selects "3 largest"\.$/,
    );
    expect(existsSync(out)).toBe(false);
  });

  test("to a format without a place for the SAEs whose residual it encodes", async () => {
    const source = join(temporaryFolder(), "sae");
    const { sae } = await readSae(backend, topk);
    const residual_of = [{ path: "first", digest: "0a" }];
    await saveSae(source, sae, { residual_of });
    const out = join(temporaryFolder(), "out");
    await expect(convertSae(backend, source, out, "sparsify")).rejects.toMatchObject({
      message: `${source} cannot be kept as sparsify, which has no place for the SAEs whose residual this one encodes.`,
      hint: "Choose saelens.",
    });
    await convertSae(backend, source, out);
    expect((await readSae(backend, out)).residualOf).toEqual(residual_of);
  });

  test("to a format that is not known", async () => {
    const converted = convertSae(backend, topk, temporaryFolder(), "onnx" as "openai");
    await expect(converted).rejects.toThrow(
      /Expected saelens, dictionary_learning, .* for to but received onnx/,
    );
  });

  test("into a folder that would then be of another format", async () => {
    const out = join(temporaryFolder(), "sae");
    await convertSae(backend, topk, out, "sparsify");
    await expect(convertSae(backend, topk, out, "saelens")).rejects.toMatchObject({
      message: expect.stringMatching(/holds other files already, beside which cfg\.json and/),
      hint: "Give --out a new folder.",
    });
    expect((await readSae(backend, out)).format).toBe("sparsify");
  });

  test("over the SAE itself, also by the name of its file", async () => {
    const copy = join(temporaryFolder(), "sae");
    await cp(join(HERE, "openai/TopK"), copy, { recursive: true });
    const [file] = readdirSync(copy);
    for (const path of [copy, join(copy, file!)])
      await expect(convertSae(backend, path, copy, "openai")).rejects.toThrow(
        /is one of the SAEs that are read/,
      );
  });
});

test("a .pt file among others is an SAE by its own name only", async () => {
  const folder = temporaryFolder();
  for (const name of ["0.pt", "1.pt"]) await cp(join(HERE, "openai/TopK/4.pt"), join(folder, name));
  await expect(readSae(referenceBackend(), folder)).rejects.toThrow(/is not the folder of an SAE/);
  const { sae, format } = await readSae(referenceBackend(), join(folder, "1.pt"));
  expect(format).toBe("openai");
  expect(sae).toMatchObject({ selection: { kind: "topk", k: 3, relu: true }, dSae: 10 });
  expect(sae.rowNormalization).toBe("layer_norm");
});

describe("refused by name", () => {
  test.each([
    ["transcode", true],
    ["skip_connection", true],
    ["activation", "groupmax"],
    ["gain", 2],
    ["k", 11],
    ["d_in", 7],
  ])("sparsify with %s %j", async (key, value) => {
    const copy = await changed("sparsify/topk", "cfg.json", (json) => {
      json[key] = value;
    });
    await expect(readSae(referenceBackend(), copy)).rejects.toThrow(key);
  });

  test("a transcoder of Gemma Scope 2, which has the tensors of an SAE; places are kept", async () => {
    const source = join(temporaryFolder(), "sae");
    await cp(join(HERE, "gemma_scope_2/second"), source, { recursive: true });
    const config = { architecture: "jump_relu", model_name: "gemma-v3-1b", hf_hook_point_in: "a" };
    const put = (more: object) =>
      writeFile(join(source, "config.json"), JSON.stringify({ ...config, ...more }));
    await put({ hf_hook_point_out: "b" });
    await expect(readSae(referenceBackend(), source)).rejects.toThrow(
      /hf_hook_point_out "b" is not supported \(only SAEs of one place are: "a"\)/,
    );
    await put({ architecture: "clt" });
    await expect(readSae(referenceBackend(), source)).rejects.toThrow(/architecture "clt" is not/);
    await put({ hf_hook_point_out: "a" });
    const out = join(temporaryFolder(), "out");
    await convertSae(referenceBackend(), source, out, "gemma_scope_2");
    expect(await readSae(referenceBackend(), out)).toMatchObject({
      modelName: "gemma-v3-1b",
      hookName: "a",
    });
  });

  test("a class of dictionary_learning that is not known", async () => {
    const copy = await changed("dictionary_learning/AutoEncoder", "config.json", (json) => {
      json["trainer"] = { dict_class: "CrossCoder" };
    });
    await expect(readSae(referenceBackend(), copy)).rejects.toThrow(
      /trainer\.dict_class "CrossCoder" is not supported \(AutoEncoder, /,
    );
  });

  test("the weights of another class", async () => {
    const copy = await changed("dictionary_learning/BatchTopKSAE", "config.json", (json) => {
      json["trainer"] = { dict_class: "AutoEncoder" };
    });
    await expect(readSae(referenceBackend(), copy)).rejects.toThrow(/has no tensor bias/);
  });

  test("an archive that is cut short, and one that is none", async () => {
    const copy = join(temporaryFolder(), "sae");
    await cp(join(HERE, "gemma_scope/first"), copy, { recursive: true });
    const file = join(copy, "params.npz");
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length / 2));
    await expect(readSae(referenceBackend(), copy)).rejects.toThrow(/params\.npz: /);
    await writeFile(file, "not an archive");
    await expect(readSae(referenceBackend(), copy)).rejects.toThrow(/not a zip archive/);
  });

  test("a folder of anything else, with the formats that are known", async () => {
    const error = await readSae(referenceBackend(), HERE).catch((e: unknown) => e);
    expect(error).toMatchObject({ message: `${HERE} is not the folder of an SAE.` });
    for (const { name } of SAE_FORMATS)
      expect(error).toMatchObject({ hint: expect.stringContaining(name) });
  });
});
