/** @file From a file to the dataset that it was fetched with. */

import { realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { ioError } from "../../../formats/io-error.ts";
import { type ManifestHead, readDatasetManifest } from "./manifest.ts";
import { DATASETS } from "./registry.ts";

/**
 * The datasets that files were fetched with, told by the manifest in the nearest folder above each;
 * links are followed first.
 *
 * @returns The heads of the manifests found, each once, in the order of `files`; files from
 *   elsewhere have none.
 * @throws {ConcordError} `file/missing` for a file that is not there; {FormatError} for a damaged
 *   manifest.
 */
export async function fetchedFrom(files: readonly string[]): Promise<ManifestHead[]> {
  const known = new Map<string, ManifestHead | undefined>();
  const headOf = async (folder: string): Promise<ManifestHead | undefined> => {
    if (known.has(folder)) return known.get(folder);
    const parent = dirname(folder);
    const own = (await readDatasetManifest(folder))?.head;
    const head = own ?? (parent === folder ? undefined : await headOf(parent));
    known.set(folder, head);
    return head;
  };
  const found = new Set<ManifestHead>();
  for (const file of files) {
    let real: string;
    try {
      real = await realpath(file);
    } catch (error) {
      throw ioError(error, "read", file);
    }
    const head = await headOf(dirname(real));
    if (head) found.add(head);
  }
  return [...found];
}

/**
 * What reports say of files from datasets that stand in for others; undefined when none of these
 * does.
 */
export function substituteOf(heads: readonly ManifestHead[]): string | undefined {
  const texts = heads.flatMap((head) => {
    const { substitute } = DATASETS.find(({ name }) => name === head.dataset) ?? {};
    return substitute === undefined ? [] : [substitute];
  });
  return texts.length === 0 ? undefined : [...new Set(texts)].join("; ");
}
