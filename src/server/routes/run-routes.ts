/** @file Routes about runs and their members, which need no evidence. */

import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { METRICS } from "../../domains/all-metrics.ts";
import { agreementAnswer } from "../answers/agreement-answer.ts";
import { latentsAnswer } from "../answers/latents-answer.ts";
import { metricsAnswer } from "../answers/metrics-answer.ts";
import { runAnswer } from "../answers/run-answer.ts";
import { agreementSchema } from "../api/agreement.ts";
import { runQuery } from "../api/common.ts";
import { definitionsSchema } from "../api/definitions.ts";
import { latentsQuery, latentsSchema, metricsQuery, metricsSchema, runSchema } from "../api/run.ts";
import { runsSchema } from "../api/runs.ts";
import type { ServerContext } from "../context.ts";
import { reading } from "./route.ts";

/** Adds the routes. */
export function addRunRoutes(app: OpenAPIHono, context: ServerContext): void {
  const { served, lines, isAlive, version } = context;
  const nothing = z.object({});
  app.openapi(
    reading("/api/runs", "All runs of the served folder", nothing, runsSchema),
    async (c) => c.json(await lines.answer(), 200),
  );
  app.openapi(
    reading("/api/run", "What the folder of a run says", runQuery, runSchema),
    async (c) =>
      c.json(await runAnswer(await served.find(c.req.valid("query").name), isAlive), 200),
  );
  app.openapi(
    reading("/api/metrics", "What members logged while training", metricsQuery, metricsSchema),
    async (c) => {
      const { name, keys } = c.req.valid("query");
      return c.json(await metricsAnswer(await served.find(name), keys), 200);
    },
  );
  app.openapi(
    reading("/api/latents", "Numbers of all latents of a member", latentsQuery, latentsSchema),
    async (c) => {
      const { name, member } = c.req.valid("query");
      return c.json(await latentsAnswer(served, await served.find(name), member), 200);
    },
  );
  app.openapi(
    reading("/api/agreement", "How alike the members of a run are", runQuery, agreementSchema),
    async (c) =>
      c.json(await agreementAnswer(served, await served.find(c.req.valid("query").name)), 200),
  );
  app.openapi(
    reading("/api/definitions", "The meaning of every number", nothing, definitionsSchema),
    (c) => {
      const metrics = [...METRICS.values()].map(
        ({ name, label, formula, unit, better, range, summary }) => ({
          name,
          label,
          formula,
          unit,
          better,
          range,
          summary,
        }),
      );
      return c.json({ concord: version, metrics }, 200);
    },
  );
}
