/**
 * @file When to retry, and how long to wait: exponential back-off with jitter, or as long as the
 *   server asks for.
 */

import { ConcordError } from "../../errors.ts";
import type { DatasetEvent, Timing } from "../options.ts";

/** A failure that may not recur: a broken connection, silence, 429, 5xx. */
export class TransientError extends Error {
  override readonly name = "TransientError";
  /** The wait that the server requested with `Retry-After`. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    details: { cause?: unknown; retryAfterMs?: number | undefined } = {},
  ) {
    super(message, { cause: details.cause });
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** An answer of the server that a retry would not change. */
export class HttpStatusError extends Error {
  override readonly name = "HttpStatusError";
  readonly status: number;
  readonly headers: Headers;
  /** The beginning of what the server said, where the request was to hear it; else empty. */
  readonly said: string;

  constructor(status: number, headers: Headers = new Headers(), said = "") {
    super(`HTTP ${status}`);
    this.status = status;
    this.headers = headers;
    this.said = said;
  }
}

/** Too many failed attempts at one thing; others may succeed. */
export class PatienceError extends ConcordError {}

export interface RetryPolicy {
  /** Attempts in a row without progress. */
  readonly attempts: number;
  readonly delayMs: number;
  readonly timing: Timing;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: ((event: DatasetEvent) => void) | undefined;
}

/** The longest wait that Concord chooses itself. */
const MAX_DELAY_MS = 60_000;
/** The longest wait that a server may request; for longer waits the person decides. */
const MAX_RETRY_AFTER_MS = 15 * 60_000;

/** Statuses that deserve a retry: too early, too many requests, and the server's own failures. */
export function isTransientStatus(status: number): boolean {
  return [408, 425, 429, 500, 502, 503, 504].includes(status);
}

/**
 * What `Retry-After` asks for in milliseconds: seconds, or a date. A date is taken relative to the
 * server's own `Date`, so that a wrong clock on either side does no harm. Undefined when it says
 * nothing that can be read.
 */
export function retryAfterMs(headers: Headers, now: Date): number | undefined {
  const text = headers.get("retry-after")?.trim();
  if (!text) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const until = Date.parse(text);
  const from = Date.parse(headers.get("date") ?? "");
  const ms = until - (Number.isNaN(from) ? now.getTime() : from);
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/**
 * The wait after the n-th failure in a row (n ≥ 1): half of min(delayMs · 2ⁿ⁻¹, one minute) and a
 * random share of the other half. It is what the server asked for when that is longer.
 */
export function delayAfter(
  failures: number,
  { delayMs, timing }: Pick<RetryPolicy, "delayMs" | "timing">,
  askedMs = 0,
): number {
  const full = Math.min(delayMs * 2 ** (failures - 1), MAX_DELAY_MS);
  return Math.max(askedMs, full * (0.5 + 0.5 * timing.random()));
}

/** The error after a person has stopped the download. */
export function interrupted(): ConcordError {
  return new ConcordError("interrupted", "The download was interrupted.", {
    hint: "Run the same command again: it continues where it stopped.",
  });
}

/** Sleeps. @throws {ConcordError} `interrupted` when the signal aborts meanwhile. */
export async function sleepUnlessAborted(
  ms: number,
  { sleep }: Pick<Timing, "sleep">,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await sleep(ms, signal);
  } catch (error) {
    throw signal?.aborted ? interrupted() : error;
  }
}

/**
 * Runs `attempt` until it succeeds, throws something that is not a {@link TransientError}, or fails
 * `attempts` times in a row.
 *
 * @param what     What is being done, as in "Cannot `what`".
 * @param advanced Whether the attempt that just failed brought something new; the count then starts
 *   over.
 * @throws {PatienceError} when patience is at its end; {ConcordError} `interrupted`.
 */
export async function persistently<T>(
  what: string,
  attempt: () => Promise<T>,
  policy: RetryPolicy,
  advanced: () => boolean = () => false,
): Promise<T> {
  const { timing, signal, onEvent } = policy;
  for (let failures = 0; ; ) {
    if (signal?.aborted) throw interrupted();
    try {
      return await attempt();
    } catch (error) {
      if (signal?.aborted) throw interrupted();
      if (!(error instanceof TransientError)) throw error;
      failures = advanced() ? 1 : failures + 1;
      const asked = error.retryAfterMs ?? 0;
      if (failures >= policy.attempts || asked > MAX_RETRY_AFTER_MS) {
        const later =
          asked > 0 ? `the server asks to wait ${Math.ceil(asked / 1000)} s` : undefined;
        throw new PatienceError("network/failed", `Cannot ${what}: ${error.message}.`, {
          cause: error,
          hint: `${later ?? "Check the network"}, then run the same command again; received data is kept.`,
        });
      }
      const ms = delayAfter(failures, policy, asked);
      onEvent?.({ kind: "waiting", ms, reason: error.message });
      await sleepUnlessAborted(ms, timing, signal);
    }
  }
}
