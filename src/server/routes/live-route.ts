/** @file GET /api/live: the events of a run that is watched. */

import type { OpenAPIHono } from "@hono/zod-openapi";
import { streamSSE } from "hono/streaming";
import { liveEventSchema, liveQuery } from "../api/live.ts";
import type { ServerContext } from "../context.ts";
import { HttpFailure } from "../failure.ts";
import { tellLive } from "../live/live-stream.ts";
import { telling } from "./route.ts";

/** Listeners at a time. */
const MOST_LISTENERS = 64;

/** Adds the route. */
export function addLiveRoute(app: OpenAPIHono, context: ServerContext): void {
  let listeners = 0;
  const route = telling("/api/live", "What a run logs, as it does", liveQuery, liveEventSchema);
  app.openapi(route, async (c) => {
    const { name, after } = c.req.valid("query");
    const seen = Number(c.req.header("last-event-id") ?? Number.NaN);
    const from = Number.isSafeInteger(seen) ? seen : after;
    // An error that is known at once is answered like any other.
    await context.served.find(name);
    if (listeners >= MOST_LISTENERS)
      throw new HttpFailure(
        503,
        "server/busy",
        `${listeners} listeners follow runs already.`,
        "Close some pages that show running runs.",
      );
    listeners++;
    return streamSSE(c, async (stream) => {
      try {
        await tellLive(stream, name, from, context);
      } finally {
        listeners--;
      }
    });
  });
}
