/**
 * @file A GGUF file as a Hugging Face checkpoint folder in the cache: dequantised once, to float32,
 *   one tensor in memory at a time.
 */

import { join } from "node:path";
import type { Tensor } from "../../../base/tensor.ts";
import { FormatError } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { sha256Of } from "../../../fetch/checksums.ts";
import { isInstalled, readManifest, writeManifest } from "../../../fetch/hub/manifest.ts";
import { writeFileAtomically } from "../../../formats/atomic-file.ts";
import { type OpenFile, readExactly, withFile } from "../../../formats/file-bytes.ts";
import { dequantised } from "../../../formats/gguf/block-types.ts";
import { readGgufHeader } from "../../../formats/gguf/gguf-header.ts";
import { serializeHeader } from "../../../formats/safetensors-header.ts";
import { installFolder } from "../catalogue/install-folder.ts";
import { GgufKeys, ggufConfig } from "./gguf-config.ts";
import { ggufTokenizer } from "./gguf-tokenizer.ts";
import { deinterleaved, type GgufWeight, ggufWeights } from "./gguf-weights.ts";

/** Counts up whenever the same file would give another checkpoint. */
const CONVERSION = 2;

const FILES = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"];

async function weightOf(
  file: OpenFile,
  { tensor, interleavedHeads }: GgufWeight,
): Promise<Float32Array> {
  const bytes = new Uint8Array(tensor.byteLength);
  await readExactly(file, bytes, tensor.offset);
  const values = dequantised(tensor.type, bytes);
  if (!values.every(Number.isFinite))
    throw new FormatError(file.path, `${tensor.name} holds a number that is not finite.`);
  return interleavedHeads === undefined
    ? values
    : deinterleaved(values, interleavedHeads, tensor.shape[1]!);
}

/** `model.safetensors`, tensor by tensor. */
async function* safetensorsOf(file: OpenFile, weights: ReadonlyMap<string, GgufWeight>) {
  const entries = [...weights].map(([name, { tensor }]): [string, Omit<Tensor, "data">] => [
    name,
    { dtype: "float32", shape: tensor.shape },
  ]);
  const { bytes, order } = serializeHeader(new Map(entries), { format: "pt" });
  yield bytes;
  for (const name of order) {
    const { buffer } = await weightOf(file, weights.get(name)!);
    yield new Uint8Array(buffer);
  }
}

/** Where a GGUF file came from, for the manifest of its folder. */
export interface GgufOrigin {
  /** Default: what the file calls itself. */
  readonly name?: string;
  readonly source: string;
  readonly sha256: string;
}

/**
 * Writes the checkpoint of a GGUF file into an empty folder.
 *
 * @throws {FormatError}, {ConcordError} `model/unsupported` naming what in the file is not known;
 *   `file/io`.
 */
export async function writeGgufFolder(
  folder: string,
  path: string,
  origin: GgufOrigin,
): Promise<void> {
  await withFile(path, async (file) => {
    const header = await readGgufHeader(file);
    const { metadata, tensors } = header;
    const keys = new GgufKeys(header, path);
    const tokenizer = ggufTokenizer(header, path);
    const rows = tensors.get("token_embd.weight")?.shape[0];
    if (rows !== tokenizer.size)
      throw new FormatError(
        path,
        rows === undefined
          ? "has no embedding (token_embd.weight)."
          : `its vocabulary has ${tokenizer.size} tokens, but its embedding ${rows} rows.`,
      );
    const tied = !tensors.has("output.weight");
    const { config, sizes } = ggufConfig(keys, { vocabularySize: rows, tied });
    const weights = ggufWeights(header, sizes, path);
    const write = (name: string, value: unknown) =>
      writeFileAtomically(join(folder, name), `${JSON.stringify(value, null, 1)}\n`);
    await write("config.json", config);
    await write("tokenizer.json", tokenizer.tokenizer);
    await write("tokenizer_config.json", tokenizer.config);
    await writeFileAtomically(join(folder, "model.safetensors"), safetensorsOf(file, weights));
    const said = (key: string) => {
      const value = metadata.get(`general.${key}`);
      return value === undefined ? undefined : String(value);
    };
    const manifest = {
      name: origin.name ?? said("name") ?? "unnamed",
      source: origin.source,
      licence: said("license"),
      sha256: origin.sha256,
      conversion: CONVERSION,
      quantised: [...new Set([...tensors.values()].map(({ type }) => type.name))].sort(),
    };
    await writeManifest(folder, manifest, FILES);
  });
}

/** Whether a folder has the whole checkpoint of a GGUF file, as this version makes it. */
export async function isGgufInstalled(folder: string): Promise<boolean> {
  const manifest = await readManifest(folder);
  return manifest?.["conversion"] === CONVERSION && (await isInstalled(folder));
}

/**
 * Makes sure that the checkpoint of a GGUF file is in the cache, below `models/gguf-<sha256>`, and
 * returns its folder.
 *
 * @throws {FormatError}, {ConcordError} as `writeGgufFolder`.
 */
export async function installGguf(path: string, options: CatalogueOptions): Promise<string> {
  const sha256 = await sha256Of(path);
  const target = join(options.cacheDir, "models", `gguf-${sha256.slice(0, 16)}`);
  await installFolder(
    target,
    () => isGgufInstalled(target),
    (folder) => writeGgufFolder(folder, path, { source: `gguf:${sha256}`, sha256 }),
  );
  return target;
}
