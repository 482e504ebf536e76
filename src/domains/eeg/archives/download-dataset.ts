/**
 * @file Fetches a dataset, or a part of it, into a folder. Whatever stops it, the next call goes on
 *   from there.
 */

import { join } from "node:path";
import { ConcordError } from "../../../errors.ts";
import { sha256Of } from "../../../fetch/checksums.ts";
import { downloadFile, type FetchContext, FileProblem } from "../../../fetch/download-file.ts";
import {
  HttpStatusError,
  interrupted,
  PatienceError,
  persistently,
} from "../../../fetch/http/retry.ts";
import { MANIFEST_NAME } from "../../../fetch/listing/entry-name.ts";
import type { Problem } from "../../../fetch/listing/walk.ts";
import type { DatasetOptions } from "../../../fetch/options.ts";
import { removeStaleTemporariesBelow } from "../../../formats/atomic-file.ts";
import { requireFreeBytes, showBytes } from "../../../formats/free-bytes.ts";
import type { JsonlAppender } from "../../../formats/jsonl.ts";
import { makeFolder } from "../../../formats/make-folder.ts";
import { takeWriterLock } from "../../../formats/writer-lock.ts";
import { type ManifestFile, manifestHead, openManifest } from "./manifest.ts";
import {
  type DatasetPlan,
  type PlannedDownload,
  type PlannedFile,
  planDownload,
} from "./plan-download.ts";

/** What a finished download left on the disk. */
export interface DownloadedDataset {
  readonly dataset: string;
  readonly url: string;
  readonly folder: string;
  /** Path of the manifest. */
  readonly manifest: string;
  /** Files that are whole now. */
  readonly files: number;
  /** Their bytes. */
  readonly bytes: number;
  /** Of these, files that came in this call. */
  readonly fetched: number;
  /** Bytes that came over the network. */
  readonly receivedBytes: number;
  /** Of the whole files, those that agree with the archive's own checksums. */
  readonly checked: number;
  /** What is missing, and why. Empty when all is well. */
  readonly problems: readonly Problem[];
}

const DEFAULT_MAX_BYTES = 64 * 2 ** 30;
/** Files in a row that no patience brings; then it is not the files. */
const MAX_FAILURES_IN_A_ROW = 3;

/**
 * Fetches files below some paths of a dataset, one after the other, into `folder`, where each keeps
 * its path within the dataset.
 *
 * Files that are there and whole stay as they are; files that are there and differ are reported and
 * left alone. An unfinished file is `<file>.part`, taken up again by the next call when the server
 * still has the same version of it. Every whole file has a line in `concord-dataset.jsonl` with its
 * SHA-256, which was compared with the archive's own where it publishes them.
 *
 * @throws {ConcordError} as `planDatasetDownload`; `file/io` when the disk is full or would be;
 *   `format/too-large` beyond `maxBytes`; `run/conflict` when another process fetches into the
 *   folder. What is wrong with single files is in `problems` instead.
 *
 * @example
 * const { folder, problems } = await downloadDataset({
 *   dataset: "eegmmidb", paths: ["S001/"], suffixes: [".edf"], folder: "data/eegmmidb", timing,
 * });
 */
export async function downloadDataset(options: DatasetOptions): Promise<DownloadedDataset> {
  const planned = await planDownload(options);
  const { folder } = options;
  requireRoom(planned.plan, options.maxBytes ?? DEFAULT_MAX_BYTES);
  await makeFolder(folder);
  const { dataset, expectedBytes } = planned.plan;
  await requireFreeBytes(dataset.name, folder, expectedBytes, options.freeBytes);
  const lock = await takeWriterLock(folder);
  try {
    await removeStaleTemporariesBelow(folder);
    const manifest = await openManifest(folder, manifestHead(planned.plan.dataset, planned.root));
    try {
      return await fetchAll(planned, options, manifest.appender);
    } finally {
      await manifest.appender.sync().catch(() => undefined);
      await manifest.appender.close();
    }
  } finally {
    await lock.release();
  }
}

function requireRoom({ dataset, expectedBytes }: DatasetPlan, maxBytes: number): void {
  if (expectedBytes > maxBytes)
    throw new ConcordError(
      "format/too-large",
      `${showBytes(expectedBytes)} of ${dataset.name} are to be fetched, above the limit of ${showBytes(maxBytes)}.`,
      { hint: "Raise the limit (--max-size), or name fewer folders." },
    );
}

async function fetchAll(
  { plan, client, policy }: PlannedDownload,
  options: DatasetOptions,
  manifest: JsonlAppender,
): Promise<DownloadedDataset> {
  const { timing, maxBytes = DEFAULT_MAX_BYTES, onEvent, signal } = options;
  const problems: Problem[] = [...plan.problems];
  const totals = { files: 0, bytes: 0, fetched: 0, receivedBytes: 0, checked: 0 };
  let failuresInARow = 0;
  for (const [i, file] of plan.files.entries()) {
    if (signal?.aborted) throw interrupted();
    const { path } = file;
    const progress = (doneFiles: number) =>
      onEvent?.({
        kind: "progress",
        path,
        doneFiles,
        totalFiles: plan.files.length,
        receivedBytes: totals.receivedBytes,
        expectedBytes: plan.expectedBytes,
      });
    const context: FetchContext = {
      client,
      policy,
      openFile: options.openFile,
      remainingBytes: () => maxBytes - totals.receivedBytes,
      onBytes: (bytes) => {
        totals.receivedBytes += bytes;
        progress(i);
      },
      onRestart: (reason) => onEvent?.({ kind: "restarted", path, reason }),
    };
    try {
      const entry = await complete(file, context, timing.now);
      failuresInARow = 0;
      if (entry !== file.recorded) await manifest.append(entry);
      totals.files++;
      totals.bytes += entry.bytes;
      if (file.state === "fetch" || file.state === "resume") totals.fetched++;
      if (entry.checked === "sha256") totals.checked++;
    } catch (error) {
      if (error instanceof PatienceError && ++failuresInARow >= MAX_FAILURES_IN_A_ROW) throw error;
      problems.push({ path, reason: reasonOf(error) });
    }
    progress(i + 1);
  }
  return {
    dataset: plan.dataset.name,
    url: plan.url,
    folder: options.folder,
    manifest: join(options.folder, MANIFEST_NAME),
    ...totals,
    problems,
  };
}

/** What is wrong with one file; errors that concern all of them are thrown on. */
function reasonOf(error: unknown): string {
  if (error instanceof FileProblem || error instanceof PatienceError) return error.message;
  if (error instanceof HttpStatusError) return `the server does not send it (HTTP ${error.status})`;
  throw error;
}

/**
 * Brings one file to the state of being whole. @returns Its line of the manifest; the recorded one
 * when nothing new is known.
 */
async function complete(
  file: PlannedFile,
  context: FetchContext,
  now: () => Date,
): Promise<ManifestFile> {
  const { path, state, recorded, size } = file;
  if (state === "keep") return recorded!;
  if (state === "check") return check(file, context, now);
  const { bytes, sha256, version } = await downloadFile(file, context);
  return {
    path,
    bytes,
    sha256,
    checked: file.sha256 !== undefined ? "sha256" : size?.isExact ? "size" : "none",
    ...(version.etag !== undefined && { etag: version.etag }),
    ...(version.lastModified !== undefined && { last_modified: version.lastModified }),
    at: now().toISOString(),
  };
}

/**
 * Compares a file that lies here with what the archive says, or with what was written down when it
 * came. It is never changed.
 */
async function check(
  file: PlannedFile,
  context: FetchContext,
  now: () => Date,
): Promise<ManifestFile> {
  const { path, target, recorded, bytesHere: bytes } = file;
  const sha256 = await sha256Of(target);
  const differs = (what: string) =>
    new FileProblem(`the file here ${what} and was left alone; remove it to fetch it again`);
  const expected = file.sha256 ?? recorded?.sha256;
  if (expected !== undefined && expected !== sha256)
    throw differs(file.sha256 ? "has not the published SHA-256" : "is not what was fetched");
  if (recorded?.sha256 === sha256 && (file.sha256 === undefined || recorded.checked === "sha256"))
    return recorded;
  const found = { path, bytes, sha256, at: now().toISOString() };
  if (file.sha256 !== undefined) return { ...found, checked: "sha256" };
  const remote = file.size?.isExact ? file.size.bytes : await remoteBytes(file, context);
  if (remote !== undefined && remote !== bytes)
    throw differs(`has ${bytes} bytes where the archive has ${remote}`);
  return { ...found, checked: remote === undefined ? "none" : "size" };
}

/** The size of a file that no page gives exactly. */
async function remoteBytes(
  { url }: PlannedFile,
  { client, policy }: FetchContext,
): Promise<number | undefined> {
  const ask = async () => {
    const answer = await client.open(url, { method: "HEAD", mayLeave: true });
    answer.discard();
    return answer.headers.get("content-length");
  };
  const length = await persistently(`ask about ${url.href}`, ask, policy);
  return length === null ? undefined : Number(length);
}
