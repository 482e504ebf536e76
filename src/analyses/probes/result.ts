/** @file What probes found, as it is kept in results/probes.json. */

import { z } from "zod";
import { measured } from "../../runs/results.ts";
import { PROBES } from "./options.ts";

const interval = z.object({ mean: measured, low: measured.nullable(), high: measured.nullable() });

/** What is measured of each task, in the order of tables. */
export const SCORES = ["accuracy", "f1", "auroc"] as const;

const scores = z.object({ accuracy: interval, f1: interval, auroc: interval });

const probed = z.object({
  /** A member's name, or `activations`. */
  input: z.string(),
  /** Null for activations. */
  member: z
    .object({
      architecture: z.string(),
      seed: z.number(),
      coupled: z.boolean(),
      setting: z.record(z.string(), z.unknown()),
    })
    .nullable(),
  /** k that it encoded with; null where none is fixed. */
  k: z.number().nullable(),
  /** Active latents per row before any are left out; null for activations. */
  l0: measured.nullable(),
  probe: z.enum(PROBES),
  /** Latents that the probe may read; null for activations, which are read whole. */
  length: z.union([z.number(), z.literal("all")]).nullable(),
  /** Columns that it learnt from. */
  features: z.number(),
  /** Logistic tasks that had not converged. */
  unconverged: z.number(),
  /** Per task that was kept. */
  tasks: z.object({
    accuracy: z.array(measured),
    f1: z.array(measured),
    auroc: z.array(measured),
  }),
  /** By class of tasks, and "all" where there are several. */
  classes: z.record(z.string(), scores),
});

/** One probe on one input. */
export type Probed = z.output<typeof probed>;

export const probesSchema = z.object({
  rows: z.number(),
  /** Orbits or pictures that these rows are of. */
  groups: z.number(),
  group_size: z.number(),
  train_rows: z.number(),
  test_rows: z.number(),
  by: z.enum(["largest", "best"]),
  xgboost: z.string().nullable(),
  tasks: z.array(
    z.object({
      name: z.string(),
      class: z.string(),
      /** Share of yes among the rows that probes are tried on. */
      share: z.number(),
    }),
  ),
  left_out: z.array(z.object({ name: z.string(), why: z.string() })),
  /** Of what answers without looking, by class. */
  blind: z.record(
    z.string(),
    z.object({ accuracy: z.number(), f1: z.number(), auroc: z.number() }),
  ),
  /** What intervals are over: tasks, or groups of rows where a class has a single task. */
  intervals: z.record(z.string(), z.enum(["tasks", "groups"])),
  probed: z.array(probed),
});

/** All that probes found. */
export type ProbesResult = z.output<typeof probesSchema>;

/** What the whole of the tasks is called. */
export const ALL = "all";

/** Classes of tasks in their first order, and the whole where there are several. */
export function classesOf(tasks: readonly { readonly class: string }[]): string[] {
  const classes = [...new Set(tasks.map((task) => task.class))];
  return classes.length > 1 ? [...classes, ALL] : classes;
}
