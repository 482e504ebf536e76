/** @file A run that is watched: its events as they come. */

import { useEffect, useState } from "preact/hooks";
import type { LiveMetrics, LiveStatus } from "../../../src/server/api/live.ts";
import type { RunAnswer } from "../../../src/server/api/run.ts";
import { forgetAnswers, useSource } from "../../data/context.ts";

/** What has come so far. */
export interface Live {
  readonly isWatching: boolean;
  /** Whether the connection broke and is being tried again. */
  readonly isBroken: boolean;
  readonly status: LiveStatus | undefined;
  readonly lines: readonly LiveMetrics[];
  /** Why the run can no longer be watched. */
  readonly gone: string | undefined;
}

const NOTHING: Live = {
  isWatching: false,
  isBroken: false,
  status: undefined,
  lines: [],
  gone: undefined,
};

/** Lines kept; of more, every second one stays. */
const MOST_LINES = 2000;

/** Milliseconds between two drawings, so that a fast log does not keep the page busy. */
const PACE = 400;

/**
 * Lines with those that came. A run that goes on from a checkpoint cuts its log back, and takes
 * steps again.
 */
function grown(
  lines: readonly LiveMetrics[],
  more: readonly LiveMetrics[],
): readonly LiveMetrics[] {
  let all = [...lines];
  for (const line of more) {
    if (line.step <= (all.at(-1)?.step ?? -1)) all = all.filter(({ step }) => step < line.step);
    all.push(line);
  }
  return all.length <= MOST_LINES ? all : all.filter((_, i) => i % 2 === 1);
}

/** Watches a run that has not ended, from the last step that is known on. */
export function useLive({ name, status }: RunAnswer, after: number | undefined): Live {
  const source = useSource();
  const [live, setLive] = useState<Live>(NOTHING);
  const isWanted = source.isLive && status === "running" && after !== undefined;
  useEffect(() => {
    if (!isWanted) return undefined;
    let arrived: LiveMetrics[] = [];
    const flush = () => {
      if (arrived.length === 0) return;
      const more = arrived;
      arrived = [];
      setLive((now) => ({ ...now, lines: grown(now.lines, more) }));
    };
    const timer = setInterval(flush, PACE);
    setLive({ ...NOTHING, isWatching: true });
    const stop = source.watch(name, after, {
      status: (told) => setLive((now) => ({ ...now, status: told, isBroken: false })),
      metrics: (line) => arrived.push(line),
      broken: () => setLive((now) => ({ ...now, isBroken: true })),
      end: (message) => {
        flush();
        // What is kept of the run was true while it ran. Of one that is gone it is all there is.
        if (message === undefined) forgetAnswers();
        setLive(({ lines, status: told }) => ({
          ...NOTHING,
          lines,
          status: message === undefined ? undefined : told,
          gone: message,
        }));
      },
    });
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [isWanted, name]);
  return live;
}
