import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { madeSae } from "../../test/support/made-sae.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import type { Sae } from "../sae/sae.ts";
import { SAE_FORMAT_NAMES } from "./format-names.ts";
import { findSae, formatOfNames, knownFormats, readSae, SAE_FORMATS } from "./formats.ts";
import { requireOtherFolder } from "./other-folder.ts";

const found = (names: readonly string[], file?: string) => {
  const place = formatOfNames(names, file);
  return place && [place.format.name, ...place.files];
};

test("the command line's list of formats is that of the formats", () => {
  expect(SAE_FORMATS.map(({ name }) => name).sort()).toEqual([...SAE_FORMAT_NAMES].sort());
  for (const name of SAE_FORMAT_NAMES) expect(knownFormats()).toContain(`${name} (`);
});

describe("a folder is recognised by the names in it", () => {
  const SPARSIFY = ["sae.safetensors", "cfg.json"];
  const SAELENS = ["cfg.json", "sae_weights.safetensors"];
  test.each<[readonly string[], readonly string[] | undefined]>([
    [
      ["cfg.json", "sae.safetensors"],
      ["sparsify", ...SPARSIFY],
    ],
    [
      ["cfg.json", "sae_weights.safetensors", "sparsity.safetensors"],
      ["saelens", ...SAELENS],
    ],
    // One of the two is enough, so that reading can say what is missing.
    [["sae_weights.safetensors"], ["saelens", ...SAELENS]],
    [["cfg.json"], ["saelens", ...SAELENS]],
    [
      ["config.json", "ae.pt"],
      ["dictionary_learning", "ae.pt", "config.json"],
    ],
    [["ae.pt"], ["openai", "ae.pt"]],
    [
      ["params.npz", "README.md"],
      ["gemma_scope", "params.npz"],
    ],
    [["params.safetensors"], ["gemma_scope_2", "params.safetensors"]],
    [
      ["config.json", "params.safetensors"],
      ["gemma_scope_2", "params.safetensors", "config.json"],
    ],
    [["0.pt"], ["openai", "0.pt"]],
    [["0.pt", "1.pt"], undefined],
    [["0.pt", "config.json"], undefined],
    [["config.json"], undefined],
    [["sae.safetensors"], undefined],
    [["model.safetensors", "tokenizer.json"], undefined],
    [[], undefined],
  ])("%j", (names, wanted) => {
    expect(found(names)).toEqual(wanted);
  });
});

describe("a file is of its folder's format when that reads it", () => {
  test.each<[string, readonly string[], readonly string[] | undefined]>([
    ["cfg.json", ["cfg.json", "sae.safetensors"], ["sparsify", "sae.safetensors", "cfg.json"]],
    ["ae.pt", ["config.json", "ae.pt"], ["dictionary_learning", "ae.pt", "config.json"]],
    ["1.pt", ["0.pt", "1.pt", "config.json"], ["openai", "1.pt"]],
    ["README.md", ["README.md", "params.npz"], undefined],
    ["other.safetensors", ["cfg.json", "other.safetensors"], undefined],
  ])("%s among %j", (file, names, wanted) => {
    expect(found(names, file)).toEqual(wanted);
  });
});

test("what is not an SAE is refused with every format that is known", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "notes.txt"), "");
  expect(await findSae(folder)).toBeUndefined();
  expect(await findSae(join(folder, "notes.txt"))).toBeUndefined();
  await expect(readSae(reference, folder)).rejects.toMatchObject({
    code: "format/invalid",
    message: `${folder} is not the folder of an SAE.`,
    hint: knownFormats(),
  });
});

test("a path that does not exist is missing, not of an unknown format", async () => {
  const path = join(temporaryFolder(), "nowhere");
  await expect(findSae(path)).rejects.toMatchObject({ code: "file/missing" });
});

test("an SAE is not written over one that is read, however its folder is spelt", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "a"));
  const other = () => requireOtherFolder(join(folder, "b"), [join(folder, "a")]);
  expect(other).not.toThrow();
  expect(() => requireOtherFolder(join(folder, "a"), [])).not.toThrow();
  for (const out of [`${folder}/a`, `${folder}/a/`, `${folder}/b/../a`, `${folder}/./a`])
    expect(() => requireOtherFolder(out, [join(folder, "c"), join(folder, "a")])).toThrow(
      expect.objectContaining({ code: "argument/invalid", hint: expect.stringContaining("--out") }),
    );
});

describe("what a format cannot keep is said in words that follow its name", () => {
  const made = madeSae("any");
  const relu: Sae = { ...made, architecture: "relu", selection: { kind: "relu" } };
  const jumprelu: Sae = {
    ...made,
    selection: { kind: "jumprelu", thresholds: new Float32Array(made.dSae) },
  };
  const signed: Sae = { ...made, selection: { kind: "topk", k: 2, relu: false } };
  const layerNorm = (sae: Sae): Sae => ({ ...sae, rowNormalization: "layer_norm" });
  const factor: Sae = { ...made, rowNormalization: { factor: 2 } };
  const keeps = (sae: Sae) =>
    SAE_FORMATS.filter((format) => format.refusal(sae) === undefined)
      .map(({ name }) => name)
      .sort();

  test.each<[string, Sae, readonly string[]]>([
    ["relu", relu, ["dictionary_learning", "openai", "saelens"]],
    ["topk", made, ["dictionary_learning", "saelens", "sparsify"]],
    ["jumprelu", jumprelu, ["dictionary_learning", "gemma_scope", "gemma_scope_2", "saelens"]],
    ["topk of layer-normalised rows", layerNorm(made), ["openai", "saelens"]],
    ["topk with negative scores", signed, ["saelens"]],
    ["relu of layer-normalised rows", layerNorm(relu), ["saelens"]],
    ["topk with a factor of its rows", factor, ["saelens"]],
  ])("%s is kept by %3$j alone", (_, sae, wanted) => {
    expect(keeps(sae)).toEqual(wanted);
  });

  const refusal = (name: string, sae: Sae) =>
    SAE_FORMATS.find((format) => format.name === name)!.refusal(sae);

  test.each<[string, Sae, string]>([
    ["sparsify", relu, 'selects the k largest above zero, and this SAE selects "above zero"'],
    ["sparsify", signed, '"2 largest, negative ones too"'],
    ["gemma_scope", made, 'selects all above a threshold, and this SAE selects "2 largest"'],
    [
      "sparsify",
      layerNorm(made),
      "takes rows as they are, and this SAE normalises them (layer_norm)",
    ],
    ["sparsify", factor, "normalises them (a factor)"],
    ["openai", jumprelu, "has no thresholds, and this SAE selects by them"],
    ["openai", made, "normalises rows (layer_norm) before its k largest, and this SAE does not"],
    [
      "dictionary_learning",
      signed,
      "selects all above zero, or the k largest above zero, or all above a threshold",
    ],
  ])("%s says why", (name, sae, words) => {
    expect(refusal(name, sae)).toContain(words);
  });
});
