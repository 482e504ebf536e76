/** @file The HTTP API of `concord serve` as a source of data. */

import type { LatentCard } from "../../src/evidence/card.ts";
import type { ApiError } from "../../src/server/api/common.ts";
import type { FindAnswer } from "../../src/server/api/features.ts";
import type { LiveEnd, LiveGone } from "../../src/server/api/live.ts";
import { DataError, type DataSource, type LiveListener, requestText } from "./source.ts";

async function ask<T>(request: string, options?: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`api/${request}`, options);
  } catch {
    throw new DataError(
      "page/offline",
      "The server does not answer.",
      "Is concord serve still running?",
    );
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok && answer !== undefined) return answer as T;
  const { error, hint, code } = (answer ?? {}) as Partial<ApiError>;
  throw new DataError(
    code ?? `http/${response.status}`,
    error ?? `The server answered ${response.status} to ${request}.`,
    hint ?? undefined,
  );
}

function watch(run: string, after: number, listener: LiveListener): () => void {
  const events = new EventSource(`api/${requestText("live", { name: run, after })}`);
  const on = <T>(name: string, handle: (data: T) => void) =>
    events.addEventListener(name, (event) => {
      handle(JSON.parse((event as MessageEvent<string>).data) as T);
    });
  on("status", listener.status);
  on("metrics", listener.metrics);
  on<LiveEnd>("end", () => {
    events.close();
    listener.end(undefined);
  });
  on<LiveGone>("gone", ({ error, hint }) => {
    events.close();
    listener.end(hint === null ? error : `${error} ${hint}`);
  });
  events.addEventListener("error", () => {
    listener.broken();
  });
  return () => events.close();
}

/** Answers of the server that the page came from. */
export const httpSource: DataSource = {
  isLive: true,
  get: (route, query) => ask(requestText(route, query)),
  card: (name, member, latent) => ask<LatentCard>(requestText("card", { name, member, latent })),
  find: async (name, query, member) =>
    (await ask<FindAnswer>(requestText("find", { name, query, member }))).latents,
  post: (route, body) =>
    ask(route, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  watch,
};
