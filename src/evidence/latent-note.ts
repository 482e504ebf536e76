/**
 * @file What analyses say of single latents besides their evidence: scores and a sentence. The
 *   page knows it as well, so nothing here reads files.
 */

import { z } from "zod";

const score = z.object({
  name: z.string(),
  value: z.number(),
  /** What chance reaches, or a control; null where neither is known. */
  chance: z.number().nullable(),
});

/** What one analysis says of a latent. */
export const latentNoteSchema = z.object({
  /** Who says it. */
  title: z.string(),
  /** A sentence, or an explanation; empty for scores alone. */
  text: z.string(),
  scores: z.array(score),
});

/** What one analysis says of a latent. */
export type LatentNote = z.output<typeof latentNoteSchema>;

/** results/notes/<analysis>.json */
export const notesSchema = z.object({
  title: z.string(),
  /** By the member's name, and the number of the latent. */
  members: z.record(z.string(), z.record(z.string(), latentNoteSchema.omit({ title: true }))),
});

/** results/notes/<analysis>.json */
export type LatentNotes = z.output<typeof notesSchema>;
