/** @file GET /api/live: what a follower finds, as server-sent events, until nobody listens. */

import { setTimeout as sleep } from "node:timers/promises";
import type { SSEStreamingApi } from "hono/streaming";
import type { IsAlive } from "../../runs/overview.ts";
import { failureOf } from "../failure.ts";
import type { ServedFolder } from "../served-folder.ts";
import { RunFollower } from "./run-follower.ts";

/** Between two signs of life on a stream that has nothing to say. */
const SILENCE_MS = 15_000;

/** What a stream needs. */
export interface LiveOptions {
  readonly served: ServedFolder;
  readonly isAlive: IsAlive;
  /** Milliseconds between two looks at the folder. */
  readonly pollMs: number;
  /** Milliseconds since any fixed moment. */
  readonly clock: () => number;
  /** Aborted when the server ends. */
  readonly signal: AbortSignal;
}

/**
 * Tells a listener what a run does. Ends when the run has finished, when its folder can no longer
 * be read, when the listener is gone, and when the server ends.
 *
 * @param after Tell lines of later steps only.
 */
export async function tellLive(
  listener: SSEStreamingApi,
  name: string,
  after: number | undefined,
  { served, isAlive, pollMs, clock, signal }: LiveOptions,
): Promise<void> {
  const tell = (event: string, data: unknown, id?: number) =>
    listener.writeSSE({
      event,
      data: JSON.stringify(data),
      ...(id === undefined ? {} : { id: String(id) }),
    });
  const isOver = () => signal.aborted || listener.aborted || listener.closed;
  const gone = new AbortController();
  listener.onAbort(() => gone.abort());
  const ended = AbortSignal.any([signal, gone.signal]);
  try {
    const follower = new RunFollower(await served.find(name), isAlive, clock, after);
    for (let silence = 0; !isOver(); ) {
      // Looked up again: it may have been removed, or replaced by a link.
      await served.find(name);
      const { status, metrics, warnings, hasMore } = await follower.look();
      for (const line of metrics) await tell("metrics", line, line.step);
      for (const line of warnings) await tell("warning", line);
      if (status) await tell("status", status);
      if (hasMore) {
        silence = 0;
        continue;
      }
      if (follower.state === "finished") return await tell("end", { status: follower.state });
      silence += pollMs;
      if (silence >= SILENCE_MS) {
        silence = 0;
        await listener.write(": still here\n\n");
      }
      await sleep(pollMs, undefined, { signal: ended }).catch(() => undefined);
    }
  } catch (error) {
    // That the run is gone says more than which of its files was looked for.
    const cause = await served.find(name).then(
      () => error,
      (gone: unknown) => gone,
    );
    const { error: problem, hint } = failureOf(cause).body;
    if (!isOver()) await tell("gone", { error: problem, hint });
  }
}
