/**
 * @file GET /api/features, /api/columns, /api/card and /api/find: the evidence of latents, as
 *   src/evidence/card.ts defines it.
 */

import { z } from "zod";
import {
  featuresSummarySchema,
  latentCardSchema,
  latentColumnsSchema,
} from "../../evidence/card.ts";
import { memberQuery, runName } from "./common.ts";

/** Answer of GET /api/features. */
export const featuresSchema = featuresSummarySchema;

/** Answer of GET /api/columns. */
export const columnsSchema = latentColumnsSchema;

/** The query of GET /api/card. */
export const cardQuery = memberQuery.extend({
  latent: z.coerce.number().int().min(0).describe("Number of the latent in its member, from 0"),
});

/** Answer of GET /api/card. */
export const cardSchema = latentCardSchema;

/** The query of GET /api/find. */
export const findQuery = z.object({
  name: runName,
  query: z.string().min(1).max(200).describe("A number, a token, a rule, or a piece of text"),
  member: z.string().min(1).max(256).optional().describe("Only latents of this member"),
  limit: z.coerce.number().int().min(1).max(1000).optional().describe("Default 50"),
});

/** Answer of GET /api/find. */
export const findSchema = z.object({
  query: z.string(),
  latents: featuresSummarySchema.shape.most_recurrent.describe("Best first"),
});

/** Answer of GET /api/find. */
export type FindAnswer = z.output<typeof findSchema>;
