/** @file GET /api/definitions: the meaning of every number that the other routes name. */

import { z } from "zod";

/** Answer of GET /api/definitions. */
export const definitionsSchema = z.object({
  concord: z.string().describe("Version of the server"),
  metrics: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      formula: z.string(),
      unit: z.string(),
      better: z.enum(["lower", "higher", "neither"]),
      range: z.string(),
      summary: z.string(),
    }),
  ),
});

/** Answer of GET /api/definitions. */
export type DefinitionsAnswer = z.output<typeof definitionsSchema>;
