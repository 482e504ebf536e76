/**
 * @file What the command line takes from its surroundings: environment variables, folders, clocks,
 *   versions. Read here only.
 */

import { homedir, hostname } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type OpenedBackend, openBackend } from "../backend/open-backend.ts";
import { ConfigError } from "../errors.ts";
import type { CatalogueOptions } from "../fetch/catalogue-options.ts";
import type { Timing } from "../fetch/options.ts";
import { isRunning } from "../formats/processes.ts";
import { packageVersion } from "./package-version.ts";
import { say, warn } from "./print.ts";
import {
  collectGarbage,
  forgetPeak,
  memoryLimits,
  peakMemory,
  residentMemory,
} from "./process-memory.ts";
import { variable } from "./variables.ts";

/** Versions that a run records. */
function versions(): Record<string, string> {
  return { concord: packageVersion(), node: process.versions.node };
}

/** CONCORD_CACHE, or XDG_CACHE_HOME/concord, or ~/.cache/concord. */
export function cacheDir(): string {
  const own = variable("CONCORD_CACHE");
  if (own) return resolve(own);
  return join(variable("XDG_CACHE_HOME") ?? join(homedir(), ".cache"), "concord");
}

/** CONCORD_THREADS; undefined without it. @throws {ConfigError} when it is not such a number. */
export function threadsFromEnvironment(): number | undefined {
  const text = variable("CONCORD_THREADS");
  if (!text) return undefined;
  const threads = Number(text);
  if (!Number.isInteger(threads) || threads < 1)
    throw new ConfigError(
      `Expected a positive integer for CONCORD_THREADS but received "${text}".`,
    );
  return threads;
}

export interface BackendChoice {
  readonly kind?: "auto" | "native" | "reference";
  readonly isa?: string | undefined;
  readonly threads?: number | undefined;
}

/**
 * Opens the backend; CONCORD_BACKEND, CONCORD_ISA and CONCORD_THREADS win over what a config says.
 */
export function backendFor(choice: BackendChoice = {}): OpenedBackend {
  const kind = variable("CONCORD_BACKEND") ?? choice.kind ?? "auto";
  if (kind !== "auto" && kind !== "native" && kind !== "reference")
    throw new ConfigError(
      `Expected auto, native or reference for CONCORD_BACKEND but received "${kind}".`,
    );
  const opened = openBackend({
    kind,
    isa: variable("CONCORD_ISA") ?? choice.isa,
    threads: threadsFromEnvironment() ?? choice.threads,
  });
  for (const notice of opened.notices) warn(`${notice}.`);
  return opened;
}

const noticed = new Set<string>();

/** Says once which of two things a name means. */
function notice(text: string): void {
  if (noticed.has(text)) return;
  noticed.add(text);
  say(`note: ${text}\n`);
}

/** Downloads: offline with CONCORD_OFFLINE=1 or HF_HUB_OFFLINE=1. */
export function catalogueOptions(
  offline = false,
  onProgress?: CatalogueOptions["onProgress"],
  signal?: AbortSignal,
): CatalogueOptions {
  const hubFolder = variable("HF_HOME") ?? join(homedir(), ".cache", "huggingface");
  const [accessToken, hubUrl] = [variable("HF_TOKEN"), variable("HF_ENDPOINT")];
  const isOff = variable("CONCORD_OFFLINE") === "1" || variable("HF_HUB_OFFLINE") === "1";
  return {
    cacheDir: cacheDir(),
    offline: offline || isOff,
    onNotice: notice,
    hubCacheDir: variable("HF_HUB_CACHE") ?? join(hubFolder, "hub"),
    ...(accessToken ? { accessToken } : {}),
    ...(hubUrl ? { hubUrl } : {}),
    ...(onProgress ? { onProgress } : {}),
    ...(signal ? { signal } : {}),
  };
}

/** Whether CONCORD_OFFLINE forbids the network. */
export function isOffline(): boolean {
  return variable("CONCORD_OFFLINE") === "1";
}

/** Time and chance for downloads. */
export function timing(): Timing {
  return {
    clock: () => performance.now(),
    now: () => new Date(),
    sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}),
    random: Math.random,
  };
}

/** What identifies this process in a run's record. */
export function processFacts() {
  return {
    host: hostname(),
    pid: process.pid,
    versions: versions(),
    clock: () => performance.now(),
    now: () => new Date(),
    residentMemory,
    peakMemory,
    forgetPeak,
    collectGarbage,
    availableMemory: () => process.availableMemory(),
    memoryLimits,
  };
}

/** Whether a process lives; undefined for one of another machine. */
export function isProcessAlive(host: string, pid: number): boolean | undefined {
  return host === hostname() ? isRunning(pid) : undefined;
}

/**
 * Aborts on the first Ctrl-C or SIGTERM; a second one ends the process at once.
 *
 * @param isJob Whether a second one means the same as the first: a scheduler tells the process and
 *   the script that started it, which passes it on.
 */
export function interruptSignal(isJob = false): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted && !isJob) process.exit(130);
    controller.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return controller.signal;
}
