/** @file Descriptions of routes, from which the OpenAPI document and the types of handlers come. */

import { createRoute } from "@hono/zod-openapi";
import type { z } from "zod";
import { errorSchema } from "../api/common.ts";

const failed = {
  description: "Why there is no answer",
  content: { "application/json": { schema: errorSchema } },
};

/** A route that reads: its query and its answer. */
export function reading<Q extends z.ZodObject, A extends z.ZodType>(
  path: string,
  summary: string,
  query: Q,
  answer: A,
) {
  return createRoute({
    method: "get",
    path,
    summary,
    request: { query },
    responses: {
      200: { description: summary, content: { "application/json": { schema: answer } } },
      default: failed,
    },
  });
}

/** A route that is given a body of JSON. */
export function posting<B extends z.ZodObject, A extends z.ZodType>(
  path: string,
  summary: string,
  body: B,
  answer: A,
) {
  return createRoute({
    method: "post",
    path,
    summary,
    request: { body: { required: true, content: { "application/json": { schema: body } } } },
    responses: {
      200: { description: summary, content: { "application/json": { schema: answer } } },
      default: failed,
    },
  });
}

/** A route that tells events until it ends. */
export function telling<Q extends z.ZodObject, E extends z.ZodType>(
  path: string,
  summary: string,
  query: Q,
  event: E,
) {
  return createRoute({
    method: "get",
    path,
    summary,
    request: { query },
    responses: {
      200: { description: summary, content: { "text/event-stream": { schema: event } } },
      default: failed,
    },
  });
}
