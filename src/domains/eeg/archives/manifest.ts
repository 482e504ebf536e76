/**
 * @file `concord-dataset.jsonl`, in the folder that a dataset was fetched into: first what it is
 *   and where it came from. Then there is one line per file, written when the file is whole. Later
 *   lines for the same file win. Nothing in it tells who fetched it.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { ConcordError, FormatError } from "../../../errors.ts";
import { MANIFEST_NAME } from "../../../fetch/listing/entry-name.ts";
import { type JsonlAppender, openJsonlAppender, readJsonl } from "../../../formats/jsonl.ts";
import type { Dataset } from "./registry.ts";

/** What a folder holds. */
export interface ManifestHead {
  readonly dataset: string;
  readonly version: string;
  readonly url: string;
  readonly licence: string;
  readonly page: string;
  readonly note: string;
}

/** A file that is whole. */
export interface ManifestFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /**
   * Against what the content was checked: the archive's own checksum, a size, or nothing that the
   * archive says.
   */
  readonly checked: "sha256" | "size" | "none";
  readonly etag?: string;
  readonly last_modified?: string;
  /** ISO 8601; of a file that was found here, when it was found. */
  readonly at: string;
}

/** What a dataset's folder says of itself. */
export interface Manifest {
  readonly head: ManifestHead;
  readonly files: ReadonlyMap<string, ManifestFile>;
}

function isFile(value: unknown): value is ManifestFile {
  const { path, bytes, sha256 } = value as Partial<ManifestFile>;
  return (
    typeof path === "string" && Number.isSafeInteger(bytes) && /^[0-9a-f]{64}$/.test(sha256 ?? "")
  );
}

function isHead(value: unknown): value is ManifestHead {
  const { dataset, url } = (value ?? {}) as Partial<ManifestHead>;
  return typeof dataset === "string" && typeof url === "string";
}

/**
 * What a folder says of itself.
 *
 * @returns Undefined when no dataset was fetched into it.
 * @throws {FormatError} for a damaged manifest, naming the line.
 */
export async function readDatasetManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, MANIFEST_NAME);
  if (!existsSync(path)) return undefined;
  let head: ManifestHead | undefined;
  const files = new Map<string, ManifestFile>();
  let line = 0;
  for await (const value of readJsonl(path)) {
    line++;
    if (line === 1 && isHead(value)) head = value;
    else if (line > 1 && typeof value === "object" && value !== null && isFile(value))
      files.set(value.path, value);
    else
      throw new FormatError(`${path}:${line}`, "the line does not describe a dataset or a file.", {
        hint: "Remove the line; files that are not listed are checked and listed again.",
      });
  }
  return head && { head, files };
}

/** The head of a dataset's manifest. @param url Where files really come from. */
export function manifestHead(dataset: Dataset, url: URL): ManifestHead {
  const { name, version, licence, page, note } = dataset;
  return { dataset: name, version, url: url.href, licence, page, note };
}

/**
 * Opens the manifest of a folder for more files, with `head` as its first line when it is new.
 *
 * @throws {ConcordError} `run/conflict` when the folder holds another dataset.
 */
export async function openManifest(
  folder: string,
  head: ManifestHead,
): Promise<{ readonly appender: JsonlAppender; readonly files: Map<string, ManifestFile> }> {
  const found = await readDatasetManifest(folder);
  requireSame(folder, head, found);
  const appender = await openJsonlAppender(join(folder, MANIFEST_NAME));
  if (found === undefined) await appender.append(head);
  return { appender, files: new Map(found?.files) };
}

/**
 * @throws {ConcordError} `run/conflict` when a folder's manifest is of another dataset or version.
 */
export function requireSame(folder: string, head: ManifestHead, found: Manifest | undefined): void {
  const of = ({ dataset, version }: ManifestHead) => `${dataset} ${version}`;
  if (found !== undefined && of(found.head) !== of(head))
    throw new ConcordError("run/conflict", `${folder} holds ${of(found.head)}, not ${of(head)}.`, {
      hint: "Choose another folder.",
    });
}
