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

function grown(
  lines: readonly LiveMetrics[],
  more: readonly LiveMetrics[],
): readonly LiveMetrics[] {
  const all = [...lines, ...more];
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
        // What is kept of the run was true while it was running.
        forgetAnswers();
        setLive((now) => ({ ...now, isWatching: false, isBroken: false, gone: message }));
      },
    });
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [isWanted, name]);
  return live;
}
