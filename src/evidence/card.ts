/**
 * @file The card of one latent: everything that is known of it, as JSON. The terminal prints it,
 *   the page draws it, the HTTP API and the exports hand it out.
 */

import { z } from "zod";
import { latentNoteSchema } from "./latent-note.ts";

const share = z.number().min(0).max(1);

const piece = z.object({
  /** What stands at this place, a token with its space for example. */
  text: z.string(),
  /** Activation of the latent there; 0 where it is not active. */
  value: z.number(),
});

/** One row in which a latent is active, or nearly so. */
export const exampleSchema = z.object({
  /** Number of the row among those that were looked at. */
  row: z.number().int(),
  /** Activation of the latent there; for a near miss that of the latent next to it. */
  value: z.number(),
  /** Whether training never saw the row. */
  held_out: z.boolean(),
  /** Where the row comes from, in words: "document 12, position 34 in its window". */
  where: z.string(),
  /** Number that rows of one document share; null where rows belong to none. */
  group: z.number().int().nullable(),
  /** What stands around the row, in order; empty where there are no words. */
  pieces: z.array(piece),
  /** Which of the pieces is the row itself. */
  peak: z.number().int(),
  /** A picture of the row, where its kind of data has one: an SVG element. */
  svg: z.string().optional(),
});

const quantileGroup = z.object({
  /** Activations of the group lie in [from, to]. */
  from: z.number(),
  to: z.number(),
  /** Its share of all active rows. */
  share,
  examples: z.array(exampleSchema),
});

const otherLatent = z.object({ latent: z.number().int(), value: z.number() });

const partner = z.object({
  member: z.string(),
  latent: z.number().int(),
  /** Cosine of the decoder atoms, matched one to one. */
  cosine: z.number(),
  /** Whether the cosine counts: at least `recurrence.threshold`. */
  counts: z.boolean(),
  /** Pearson correlation of the two activations over all rows; null where one is never active. */
  code_correlation: z.number().nullable(),
  /** Rows in which both are active among those in which one is. */
  jaccard: z.number().nullable(),
});

const recurrence = z.object({
  /** Other members that have a partner with a cosine of at least `threshold`. */
  found_in: z.number().int(),
  /** Other members that it was compared with. */
  of: z.number().int(),
  threshold: z.number(),
  /** Mean and standard deviation of the cosine with all partners; null without any. */
  mean_cosine: z.number().nullable(),
  spread: z.number().nullable(),
  /** Mean cosine of matched random atoms of the same shapes. */
  null_cosine: z.number().nullable(),
  /** Other members that random atoms of the same shapes would be found in, on average. */
  null_found_in: z.number().nullable(),
});

const rule = z.object({
  kind: z.string(),
  /** As a person reads it: `" car"`, `"the" then " car"`, `/ing$/`. */
  text: z.string(),
  /** Share of the rows that satisfy the rule in which the latent is active. */
  precision: share,
  /** Share of the rows in which the latent is active that satisfy the rule. */
  recall: share,
  /** Share of all rows that satisfy it: the precision of chance is the latent's density. */
  rows: share,
});

const logit = z.object({ text: z.string(), value: z.number() });

const rebuilt = z.object({
  member: z.string(),
  /** Latents of the other member that rebuild the atom, in the order in which they joined. */
  latents: z.array(z.number().int()),
  cosine: z.number(),
  /** What as many latents reach for a random direction. */
  null_cosine: z.number(),
});

/** Everything known of one latent. */
export const latentCardSchema = z.object({
  member: z.string(),
  latent: z.number().int(),
  latents: z.number().int(),
  /** A few words: what it seems to fire on. Empty where nothing is known. */
  label: z.string(),
  /** Rows that were looked at, and rows in which the latent is active. */
  rows: z.number().int(),
  active_rows: z.number().int(),
  density: share,
  /** True when it was active in no row that was looked at. */
  dead: z.boolean(),
  /** Of the activations that are not zero; null for a dead latent. */
  mean: z.number().nullable(),
  max: z.number().nullable(),
  /** Activation at these shares of the active rows, from the sample. */
  quantiles: z.array(z.object({ at: share, value: z.number() })),
  /** Bins of equal width from 0 on, over the sizes of activations. */
  histogram: z.object({ bin_width: z.number(), counts: z.array(z.number().int()) }),
  /** ⟨e, d⟩ / (‖e‖ ‖d‖) of its encoder and decoder rows. */
  alignment: z.number(),
  /** 1 − cosine of its atom now and at the first step; null where that was not kept. */
  initial_distance: z.number().nullable(),
  recurrence: recurrence.nullable(),
  partners: z.array(partner),
  /** Most similar atoms of the same member, by cosine. */
  nearest: z.array(otherLatent),
  /** Latents of the same member that are active with it most, by Jaccard index. */
  coactive: z.array(otherLatent),
  /** For a latent found in no other member: what rebuilds it there. */
  rebuilt: z.array(rebuilt),
  examples: z.object({
    top: z.array(exampleSchema),
    /** From the strongest to the weakest tenth of the activations. */
    quantiles: z.array(quantileGroup),
    /** Drawn at random from all active rows. */
    random: z.array(exampleSchema),
    /** Rows in which the nearest latent is active and this one is not. */
    near_misses: z.array(exampleSchema),
  }),
  /** What predicts it, best first by F1 on rows that training never saw. */
  rules: z.array(rule),
  /** What its atom adds to the logits; null where the hook does not reach them, with the reason. */
  logits: z.object({ top: z.array(logit), bottom: z.array(logit) }).nullable(),
  logits_absent: z.string().optional(),
  /** What analyses say of it besides. */
  notes: z.array(latentNoteSchema),
  /** Pictures of the atom, where its kind of data has some: SVG elements. */
  figures: z.array(z.object({ title: z.string(), svg: z.string() })),
});

/** What predicts where a latent is active. */
export type LatentRule = z.output<typeof rule>;

/** One row in which a latent is active. */
export type Example = z.output<typeof exampleSchema>;

/** Everything known of one latent. */
export type LatentCard = z.output<typeof latentCardSchema>;

/** What tables and plots need of every latent of one member, one element per latent. */
export const latentColumnsSchema = z.object({
  member: z.string(),
  label: z.array(z.string()),
  density: z.array(z.number()),
  max: z.array(z.number()),
  mean: z.array(z.number()),
  alignment: z.array(z.number()),
  found_in: z.array(z.number()),
  /** With the partners in other members; null for a latent without any. */
  mean_cosine: z.array(z.number().nullable()),
  /** Largest cosine with a true feature, where the data has some. */
  truth: z.array(z.number()).nullable(),
  /** Where the atom lies on the map of all members; null where no map was made. */
  map: z.object({ x: z.array(z.number()), y: z.array(z.number()) }).nullable(),
});

/** What tables and plots need of every latent of one member. */
export type LatentColumns = z.output<typeof latentColumnsSchema>;

/** Some rows side by side as one picture, for lists. */
export const rowStripSchema = z.object({
  /** PNG, in Base64. */
  png: z.base64(),
  /** Pixels. */
  width: z.number().int().positive(),
  height: z.number().int().positive(),
});

const listedLatent = z.object({
  member: z.string(),
  latent: z.number().int(),
  label: z.string(),
  density: z.number(),
  found_in: z.number().int(),
  mean_cosine: z.number().nullable(),
  best_rule: rule.nullable(),
  /** Its strongest rows, where their kind of data has pictures. */
  strip: rowStripSchema.optional(),
});

/** results/features/summary.json: what was looked at, and the latents that are shown first. */
export const featuresSummarySchema = z.object({
  version: z.literal(1),
  /** The kind of the rows: `source.kind` of the config. */
  kind: z.string(),
  /** What one row is: "tokens", "windows", "rows". */
  unit: z.string(),
  rows: z.number().int(),
  held_out_rows: z.number().int(),
  /** Rows shown on each side of an example. */
  around: z.number().int(),
  threshold: z.number(),
  members: z.array(
    z.object({
      name: z.string(),
      latents: z.number().int(),
      dead: z.number().int(),
      /** How many members each was compared with, and which. */
      compared_with: z.array(z.string()),
      null_cosine: z.number().nullable(),
      null_found_in: z.number(),
      /** Why its cards have no logits, where they have none. */
      logits_absent: z.string().optional(),
      /** Latents by the number of other members that have them, from 0 on. */
      recurring: z.array(z.number().int()),
    }),
  ),
  most_recurrent: z.array(listedLatent),
  most_idiosyncratic: z.array(listedLatent),
  /** What was left out, and why. */
  left_out: z.array(z.string()),
});

/** results/features/summary.json */
export type FeaturesSummary = z.output<typeof featuresSummarySchema>;

/** Some rows side by side as one picture. */
export type RowStrip = z.output<typeof rowStripSchema>;

/** A latent as lists show it. */
export type ListedLatent = z.output<typeof listedLatent>;
