/**
 * @file The network for tests without one: answers are given in order, and requests written down.
 */

export interface FakeFetch {
  readonly fetch: typeof fetch;
  /** Of every request: method, address and headers, whose names are in small letters. */
  readonly requests: { method: string; url: string; headers: Record<string, string> }[];
}

/** Answers with each of `answers` once, a function being called first; then fails. */
export function fakeFetch(...answers: (Response | (() => Response))[]): FakeFetch {
  const requests: FakeFetch["requests"] = [];
  const waiting = [...answers];
  return {
    requests,
    async fetch(url, init) {
      const headers = Object.fromEntries(new Headers(init?.headers));
      requests.push({ method: init?.method ?? "GET", url: String(url), headers });
      init?.signal?.throwIfAborted();
      const next = waiting.shift();
      if (next === undefined) throw new Error("no further answer");
      return typeof next === "function" ? next() : next;
    },
  };
}
