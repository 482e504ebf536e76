/** @file concord datasets: which archives of EEG recordings there are, and fetching from them. */

import { join } from "node:path";
import {
  type DownloadedDataset,
  downloadDataset,
} from "../../../../domains/eeg/archives/download-dataset.ts";
import {
  type DatasetPlan,
  type FileState,
  planDatasetDownload,
} from "../../../../domains/eeg/archives/plan-download.ts";
import { DATASETS } from "../../../../domains/eeg/archives/registry.ts";
import { ConcordError, ConfigError } from "../../../../errors.ts";
import type { Problem } from "../../../../fetch/listing/walk.ts";
import type { DatasetEvent, DatasetOptions } from "../../../../fetch/options.ts";
import { cacheDir, interruptSignal, isOffline, timing } from "../../../environment.ts";
import { bytes, duration, ProgressLine, TimeLeft, table } from "../../../output.ts";
import { packageVersion } from "../../../package-version.ts";
import { print, say } from "../../../print.ts";
import { datasetCredentials } from "../credentials.ts";

interface GetOptions {
  readonly path?: string[];
  readonly only?: string[];
  readonly out?: string;
  readonly from?: string;
  readonly limitRate?: number;
  readonly requestsPerSecond?: number;
  readonly maxSize?: number;
  readonly attempts?: number;
  readonly verify?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Problems on the terminal; the JSON has all of them. */
const MOST_PROBLEMS = 20;

export function list(options: { json?: boolean }): void {
  if (options.json) {
    const all = DATASETS.map((d) => ({
      name: d.name,
      version: d.version,
      url: d.url,
      page: d.page,
      licence: d.licence,
      needs_account: d.needsAccount,
      default_path: d.defaultPath,
      bytes: d.totalBytes,
      published_checksums: d.checksums !== undefined,
      description: d.description,
      note: d.note,
    }));
    return void print(`${JSON.stringify(all)}\n`);
  }
  const rows = DATASETS.map((d) => [
    d.name,
    d.version,
    d.needsAccount ? "needed" : "none",
    bytes(d.totalBytes),
    d.defaultPath || "everything",
    d.licence,
  ]);
  const notes = DATASETS.flatMap((d) => [
    "",
    `${d.name}: ${d.description}`,
    `  ${d.note}`,
    `  ${d.page}`,
  ]);
  const header = ["dataset", "version", "account", "size", "default path", "licence"];
  print(`${[table(header, rows), ...notes].join("\n")}\n`);
}

/** Shows a download on the terminal, with its rate and what is left. */
class DownloadLine {
  readonly #line = new ProgressLine(process.stderr, () => performance.now());
  readonly #left = new TimeLeft(() => performance.now());
  #start: { readonly at: number; readonly bytes: number } | undefined;

  readonly show = (event: DatasetEvent): void => {
    if (event.kind === "listed")
      this.#line.update(() => `listing: ${event.files} files in ${event.folders} folders`);
    else if (event.kind === "progress") this.#progress(event);
    else if (event.kind === "waiting") {
      this.#line.clear();
      const seconds = duration(event.ms / 1000);
      this.#line.update(() => `waiting ${seconds} for another try: ${event.reason}`);
    } else {
      this.#line.clear();
      say(`${event.path} starts over: ${event.reason}\n`);
    }
  };

  #progress(event: Extract<DatasetEvent, { kind: "progress" }>): void {
    const { path, doneFiles, totalFiles, receivedBytes, expectedBytes } = event;
    this.#start ??= { at: performance.now(), bytes: receivedBytes };
    const { at, bytes: before } = this.#start;
    const left = this.#left.update(receivedBytes, Math.max(receivedBytes, expectedBytes));
    this.#line.update(() => {
      const rate = (receivedBytes - before) / ((performance.now() - at) / 1000);
      return (
        `${doneFiles} of ${totalFiles} files  ${bytes(receivedBytes)} of ${bytes(expectedBytes)}  ` +
        `${Number.isFinite(rate) ? bytes(rate) : "?"}/s${left}  ${path}`
      );
    });
  }

  clear(): void {
    this.#line.clear();
  }
}

function downloadOptions(dataset: string, options: GetOptions, line: DownloadLine): DatasetOptions {
  const credentials = datasetCredentials();
  return {
    dataset,
    folder: options.out ?? join(cacheDir(), "datasets", dataset),
    timing: timing(),
    userAgent: `concord/${packageVersion()}`,
    signal: interruptSignal(),
    onEvent: line.show,
    ...(options.path && { paths: options.path }),
    ...(options.only && { suffixes: options.only }),
    ...(options.from !== undefined && { baseUrl: options.from }),
    ...(options.limitRate !== undefined && { bytesPerSecond: options.limitRate }),
    ...(options.requestsPerSecond !== undefined && {
      requestsPerSecond: options.requestsPerSecond,
    }),
    ...(options.maxSize !== undefined && { maxBytes: options.maxSize }),
    ...(options.attempts !== undefined && { attempts: options.attempts }),
    ...(options.verify && { verify: true }),
    ...(credentials && { credentials }),
  };
}

export async function get(dataset: string, options: GetOptions): Promise<void> {
  if (isOffline())
    throw new ConfigError("datasets get needs the network, and CONCORD_OFFLINE is 1.");
  const line = new DownloadLine();
  const download = downloadOptions(dataset, options, line);
  if (options.dryRun) {
    const plan = await planDatasetDownload(download).finally(() => line.clear());
    print(`${options.json ? planJson(plan) : planText(plan, download.folder)}\n`);
    return warnOf(plan.problems);
  }
  const result = await downloadDataset(download).finally(() => line.clear());
  print(`${options.json ? resultJson(result) : resultText(result)}\n`);
  warnOf(result.problems);
  const missing = result.problems.length;
  if (missing > 0)
    throw new ConcordError(
      "network/failed",
      `${missing} file${missing === 1 ? " or folder is" : "s or folders are"} missing.`,
      { hint: "Run the same command again to fetch the rest; complete files stay." },
    );
}

const STATES: Readonly<Record<FileState, string>> = {
  keep: "here",
  check: "here, not checked",
  resume: "go on",
  fetch: "fetch",
};

function planText(plan: DatasetPlan, folder: string): string {
  const rows = plan.files.map(({ path, size, state, bytesHere }) => [
    path,
    size === undefined ? "?" : `${size.isExact ? "" : "~"}${bytes(size.bytes)}`,
    state === "resume" ? `go on after ${bytes(bytesHere)}` : STATES[state],
  ]);
  const count = plan.files.filter(({ state }) => state === "fetch" || state === "resume").length;
  const unknown = plan.unknownSizes > 0 ? ` and ${plan.unknownSizes} files of unknown size` : "";
  const sums = plan.hasChecksums ? ", SHA-256 published" : "";
  return (
    `${table(["file", "size", "would"], rows)}\n` +
    `${plan.dataset.name}: ${count} of ${plan.files.length} files to fetch into ${folder}, ` +
    `${bytes(plan.expectedBytes)}${unknown}${sums}`
  );
}

function planJson(plan: DatasetPlan): string {
  return JSON.stringify({
    dataset: plan.dataset.name,
    url: plan.url,
    expected_bytes: plan.expectedBytes,
    unknown_sizes: plan.unknownSizes,
    published_checksums: plan.hasChecksums,
    files: plan.files.map(({ path, size, state, bytesHere }) => ({
      path,
      bytes: size?.bytes ?? null,
      exact: size?.isExact ?? null,
      state,
      bytes_here: bytesHere,
    })),
    problems: plan.problems,
  });
}

function resultText(result: DownloadedDataset): string {
  const { dataset, files, folder, fetched, checked } = result;
  const sums =
    checked === files
      ? "SHA-256 as published"
      : `SHA-256 recorded${checked > 0 ? `, ${checked} as published` : ""}`;
  return (
    `${folder}: ${files} files of ${dataset}, ${bytes(result.bytes)}; ` +
    `${fetched} fetched (${bytes(result.receivedBytes)} received); ${sums}`
  );
}

function resultJson(result: DownloadedDataset): string {
  const { dataset, url, folder, manifest, files, fetched, checked, problems } = result;
  return JSON.stringify({
    dataset,
    url,
    folder,
    manifest,
    files,
    bytes: result.bytes,
    fetched,
    received_bytes: result.receivedBytes,
    checked,
    problems,
  });
}

function warnOf(problems: readonly Problem[]): void {
  const lines = problems
    .slice(0, MOST_PROBLEMS)
    .map(({ path, reason }) => `warning: ${path}: ${reason}`);
  if (problems.length > MOST_PROBLEMS)
    lines.push(`warning: and ${problems.length - MOST_PROBLEMS} more (--json has all)`);
  if (lines.length > 0) say(`${lines.join("\n")}\n`);
}
