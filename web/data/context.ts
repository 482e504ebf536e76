/** @file The page's source of data, and answers as views use them: kept, and with their state. */

import { createContext } from "preact";
import { useCallback, useContext, useEffect, useRef, useState } from "preact/hooks";
import { DataError, type DataSource } from "./source.ts";

const Source = createContext<DataSource | undefined>(undefined);

/** Gives views their source. */
export const SourceProvider = Source.Provider;

/** The source of data. */
export function useSource(): DataSource {
  return useContext(Source)!;
}

/** An answer, or what became of it. `value` is the last one while another is on its way. */
export interface Answer<T> {
  readonly value: T | undefined;
  readonly error: DataError | undefined;
  readonly isLoading: boolean;
  readonly retry: () => void;
}

/** Answers that are kept, the one that was asked for first at the beginning. */
const MOST_KEPT = 300;
/** Milliseconds for which an answer is true enough; views that are open keep theirs. */
const FRESH = 10_000;
const kept = new Map<string, { readonly answer: Promise<unknown>; readonly at: number }>();
const forgetting = new Set<() => void>();

/** Forgets kept answers; views that are open ask again. */
export function forgetAnswers(): void {
  kept.clear();
  for (const ask of forgetting) ask();
}

/** The kept answer of `key`, or a new one. Failures are not kept. */
export function keep<T>(key: string, ask: () => Promise<T>): Promise<T> {
  const known = kept.get(key);
  if (known && performance.now() - known.at < FRESH) return known.answer as Promise<T>;
  const answer = ask();
  kept.delete(key);
  kept.set(key, { answer, at: performance.now() });
  answer.catch(() => kept.delete(key));
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  return answer;
}

function asDataError(error: unknown): DataError {
  if (error instanceof DataError) return error;
  return new DataError("page/failed", error instanceof Error ? error.message : String(error));
}

/**
 * What `ask` answers; asked again whenever `key` changes. Without a key nothing is asked.
 */
export function useAnswer<T>(key: string | undefined, ask: () => Promise<T>): Answer<T> {
  const [state, setState] = useState<{
    readonly key: string | undefined;
    readonly value: T | undefined;
    readonly error: DataError | undefined;
  }>({ key: undefined, value: undefined, error: undefined });
  const [attempt, setAttempt] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    if (key === undefined) return undefined;
    let isCurrent = true;
    keep(key, latest.current).then(
      (value) => isCurrent && setState({ key, value, error: undefined }),
      (error: unknown) =>
        isCurrent && setState({ key, value: undefined, error: asDataError(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [key, attempt]);
  useEffect(() => {
    const askAgain = () => setAttempt((n) => n + 1);
    forgetting.add(askAgain);
    return () => void forgetting.delete(askAgain);
  }, []);
  const retry = useCallback(() => {
    setState((s) => ({ ...s, key: undefined, error: undefined }));
    setAttempt((n) => n + 1);
  }, []);
  return {
    value: state.value,
    error: state.key === key ? state.error : undefined,
    isLoading: key !== undefined && state.key !== key,
    retry,
  };
}
