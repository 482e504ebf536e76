/**
 * @file What a download would do, before it does it: every file with its size as far as the archive
 *   says, and what is here already.
 */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { ConcordError } from "../../../errors.ts";
import { publishedSums } from "../../../fetch/checksums.ts";
import { HttpClient } from "../../../fetch/http/client.ts";
import type { RetryPolicy } from "../../../fetch/http/retry.ts";
import { type ListedFile, type Listing, type Problem, walk } from "../../../fetch/listing/walk.ts";
import type { DatasetOptions } from "../../../fetch/options.ts";
import { partialBytes } from "../../../fetch/partial-file.ts";
import { type ManifestFile, manifestHead, readDatasetManifest, requireSame } from "./manifest.ts";
import { type Dataset, datasetNamed } from "./registry.ts";

/**
 * What there is to do about a file. It is nothing where it was fetched before. One that lies there
 * is compared with what the archive says. One that did not come whole is taken up, and others are
 * fetched.
 */
export type FileState = "keep" | "check" | "resume" | "fetch";

export interface PlannedFile extends ListedFile {
  /** Where it goes. */
  readonly target: string;
  readonly state: FileState;
  /** Bytes on the disk, of the file or its part. */
  readonly bytesHere: number;
  /** SHA-256 that the archive publishes. */
  readonly sha256: string | undefined;
  /** What was written down when it was fetched. */
  readonly recorded: ManifestFile | undefined;
}

/** What a download would fetch. */
export interface DatasetPlan {
  readonly dataset: Dataset;
  /** Where files come from. */
  readonly url: string;
  readonly files: readonly PlannedFile[];
  /** What will not be fetched, and why. */
  readonly problems: readonly Problem[];
  /** Bytes to receive, as far as sizes are known; rounded where the archive rounds. */
  readonly expectedBytes: number;
  /** Files to fetch whose sizes the archive does not say. */
  readonly unknownSizes: number;
  /** Whether the archive's own checksums are at hand. */
  readonly hasChecksums: boolean;
}

/** A plan, and the connection that it was made with. */
export interface PlannedDownload {
  readonly plan: DatasetPlan;
  readonly root: URL;
  readonly client: HttpClient;
  readonly policy: RetryPolicy;
}

/** Lists what a download would fetch. Nothing is written. @throws as {@link planDownload}. */
export async function planDatasetDownload(options: DatasetOptions): Promise<DatasetPlan> {
  return (await planDownload(options)).plan;
}

/** What HTTP 401 means to a person. */
function accountRefused({ host }: URL, wasSent: boolean): ConcordError {
  const [problem, hint] = wasSent
    ? ["refused the user name or the password", "Check both (EEG_USERNAME, EEG_PASSWORD)."]
    : ["asks for an account", "It should not need one; a proxy may be in the way."];
  return new ConcordError("network/failed", `${host} ${problem} (HTTP 401).`, { hint });
}

/**
 * Plans a download.
 *
 * @throws {ConcordError} `argument/invalid` for an unknown dataset, a path outside it, an account
 *   that is missing; `file/missing` for a path that is not there; `network/failed`; `run/conflict`
 *   when the folder holds another dataset; `interrupted`.
 */
export async function planDownload(options: DatasetOptions): Promise<PlannedDownload> {
  const dataset = datasetNamed(options.dataset);
  const root = rootOf(dataset, options.baseUrl);
  requireAccount(dataset, options);
  const { credentials, ...open } = options;
  const client = new HttpClient(root, {
    ...open,
    refused: accountRefused,
    ...(dataset.needsAccount && credentials ? { credentials } : {}),
  });
  const manifest = await readDatasetManifest(options.folder);
  requireSame(options.folder, manifestHead(dataset, root), manifest);
  const { timing, signal, onEvent, attempts = 6, retryDelayMs = 1000 } = options;
  const policy = { attempts, delayMs: retryDelayMs, timing, signal, onEvent };
  const paths = options.paths?.length ? options.paths : [dataset.defaultPath];
  const { files, problems } = await walk(client, { root, paths, policy, onEvent });
  const sums =
    dataset.checksums === undefined
      ? undefined
      : await publishedSums(client, new URL(dataset.checksums, root), policy);
  const { suffixes = [] } = options;
  const wanted = files.filter(
    ({ path }) => suffixes.length === 0 || suffixes.some((suffix) => path.endsWith(suffix)),
  );
  if (wanted.length === 0) throw nothingThere(dataset, paths, { files, problems }, suffixes);
  const planned: PlannedFile[] = [];
  for (const file of wanted)
    planned.push(
      await planFile(file, sums?.get(file.path), manifest?.files.get(file.path), options),
    );
  const toFetch = planned.filter(({ state }) => state === "fetch" || state === "resume");
  const plan: DatasetPlan = {
    dataset,
    url: root.href,
    files: planned,
    problems,
    expectedBytes: toFetch.reduce(
      (sum, f) => sum + Math.max(0, (f.size?.bytes ?? 0) - f.bytesHere),
      0,
    ),
    unknownSizes: toFetch.filter(({ size }) => size === undefined).length,
    hasChecksums: sums !== undefined,
  };
  return { plan, root, client, policy };
}

function rootOf(dataset: Dataset, baseUrl = dataset.url): URL {
  const isUsable = URL.canParse(baseUrl) && /^https?:$/.test(new URL(baseUrl).protocol);
  const root = isUsable ? new URL(baseUrl) : undefined;
  if (root === undefined || root.username !== "" || root.password !== "" || root.search !== "")
    throw new ConcordError(
      "argument/invalid",
      "Expected a plain http or https address of a folder, without user name and question mark.",
    );
  root.hash = "";
  if (!root.pathname.endsWith("/")) root.pathname += "/";
  return root;
}

function requireAccount(dataset: Dataset, { credentials }: DatasetOptions): void {
  if (!dataset.needsAccount || credentials !== undefined) return;
  throw new ConcordError("argument/invalid", `${dataset.name} needs a user name and a password.`, {
    hint: `Set EEG_USERNAME and EEG_PASSWORD; ${dataset.page} says how to get them. eegmmidb needs none.`,
  });
}

function nothingThere(
  dataset: Dataset,
  paths: readonly string[],
  { files, problems }: Listing,
  suffixes: readonly string[],
): ConcordError {
  const where = `${paths.map((path) => path || "the folder").join(", ")} of ${dataset.name}`;
  const [first] = problems;
  if (files.length > 0)
    return new ConcordError(
      "file/missing",
      `None of the ${files.length} files in ${where} ends in ${suffixes.join(" or ")}.`,
      { hint: "Leave the ending out to see what exists (dry run)." },
    );
  return new ConcordError(
    "network/failed",
    first
      ? `Nothing can be fetched from ${where}: ${first.path}: ${first.reason}.`
      : `No files are listed in ${where}.`,
    { hint: "Open the address in a browser; it may not be a directory page." },
  );
}

async function planFile(
  file: ListedFile,
  sha256: string | undefined,
  recorded: ManifestFile | undefined,
  { folder, verify }: DatasetOptions,
): Promise<PlannedFile> {
  const target = join(folder, ...file.path.split("/"));
  const here = await stat(target).catch(() => undefined);
  const facts = { ...file, target, sha256, recorded };
  if (here === undefined) {
    const bytesHere = await partialBytes(target);
    return { ...facts, state: bytesHere > 0 ? "resume" : "fetch", bytesHere };
  }
  const isRecorded =
    recorded?.bytes === here.size && (sha256 === undefined || sha256 === recorded.sha256);
  return { ...facts, state: isRecorded && !verify ? "keep" : "check", bytesHere: here.size };
}
