/** @file Routes about latents, which rest on the evidence that `concord features` kept. */

import type { OpenAPIHono } from "@hono/zod-openapi";
import { given } from "../../base/given.ts";
import { ConcordError } from "../../errors.ts";
import type { Evidence } from "../../evidence/evidence.ts";
import { intruderSets, intruderVerdict } from "../answers/intruder-answer.ts";
import { missingFeatures } from "../answers/missing-results.ts";
import { effectsAnswer, steerAnswer } from "../answers/steer-answer.ts";
import { memberQuery, runQuery } from "../api/common.ts";
import {
  cardQuery,
  cardSchema,
  columnsSchema,
  featuresSchema,
  findQuery,
  findSchema,
} from "../api/features.ts";
import {
  intruderAnswerSchema,
  intruderBody,
  intruderQuery,
  intruderSchema,
} from "../api/intruder.ts";
import { effectsBody, effectsSchema, steerBody, steerSchema } from "../api/steer.ts";
import type { ServerContext } from "../context.ts";
import { hasFeatures } from "../evidences.ts";
import { HttpFailure } from "../failure.ts";
import type { ServedRun } from "../served-folder.ts";
import { posting, reading } from "./route.ts";

/** Latents that a search gives unless it is told how many. */
const FOUND = 50;

/** Adds the routes. */
export function addFeatureRoutes(app: OpenAPIHono, context: ServerContext): void {
  const { served, evidences, steerings, backend, isAlive, now } = context;

  /** For one request. */
  const toolsFor = (request: AbortSignal) => {
    const signal = AbortSignal.any([context.signal, request]);
    return { steerings, backend, signal };
  };

  /** What `work` makes of the evidence of a run. */
  const withEvidence = async <T>(
    name: string,
    work: (evidence: Evidence, run: ServedRun) => Promise<T>,
  ): Promise<T> => {
    const run = await served.find(name);
    if (!hasFeatures(run.folder)) throw await missingFeatures(served, run, isAlive);
    try {
      return await evidences.use(run.folder, (evidence) => work(evidence, run));
    } catch (error) {
      // A member or a latent that there is not.
      if (!(error instanceof ConcordError) || error.code !== "argument/invalid") throw error;
      throw new HttpFailure(404, "features/missing", error.message, error.hint);
    }
  };

  app.openapi(
    reading("/api/features", "What was looked at, and the first latents", runQuery, featuresSchema),
    async (c) => {
      const { name } = c.req.valid("query");
      return c.json(await withEvidence(name, async ({ summary }) => summary), 200);
    },
  );
  app.openapi(
    reading("/api/columns", "Columns of all latents of a member", memberQuery, columnsSchema),
    async (c) => {
      const { name, member } = c.req.valid("query");
      return c.json(await withEvidence(name, (evidence) => evidence.columns(member)), 200);
    },
  );
  app.openapi(
    reading("/api/card", "Everything known of one latent", cardQuery, cardSchema),
    async (c) => {
      const { name, member, latent } = c.req.valid("query");
      return c.json(await withEvidence(name, (evidence) => evidence.card(member, latent)), 200);
    },
  );
  app.openapi(
    reading("/api/find", "Latents by number, token, rule or text", findQuery, findSchema),
    async (c) => {
      const { name, query, member, limit = FOUND } = c.req.valid("query");
      const find = (evidence: Evidence) => evidence.find(query, given({ member, limit }));
      return c.json({ query, latents: await withEvidence(name, find) }, 200);
    },
  );
  app.openapi(
    posting("/api/steer", "A prompt continued with a latent changed", steerBody, steerSchema),
    async (c) => {
      const request = c.req.valid("json");
      const run = await served.find(request.name);
      return c.json(await steerAnswer(run, request, toolsFor(c.req.raw.signal)), 200);
    },
  );
  app.openapi(
    posting(
      "/api/effects",
      "What changes of a latent do to predictions, by strength",
      effectsBody,
      effectsSchema,
    ),
    async (c) => {
      const request = c.req.valid("json");
      const run = await served.find(request.name);
      return c.json(await effectsAnswer(run, request, toolsFor(c.req.raw.signal)), 200);
    },
  );
  app.openapi(
    reading("/api/intruder", "Sets of the intruder game", intruderQuery, intruderSchema),
    async (c) => {
      const { name, ...query } = c.req.valid("query");
      const sets = (evidence: Evidence, { folder }: ServedRun) =>
        intruderSets(evidence, folder, query);
      return c.json(await withEvidence(name, sets), 200);
    },
  );
  app.openapi(
    posting(
      "/api/intruder",
      "A person's answer, which is kept",
      intruderBody,
      intruderAnswerSchema,
    ),
    async (c) => {
      const { name, ...answer } = c.req.valid("json");
      const verdict = (evidence: Evidence, { folder }: ServedRun) =>
        intruderVerdict(evidence, folder, answer, now());
      return c.json(await withEvidence(name, verdict), 200);
    },
  );
}
