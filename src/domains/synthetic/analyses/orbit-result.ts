/** @file results/orbit_features.json: how well members find features that a group moves. */

import { z } from "zod";
import { measured } from "../../../runs/results.ts";

/** Names the analysis and its file. */
export const FILE = "orbit_features";

/** What a member found, each number beside that of random atoms or of other rows' labels. */
const memberSchema = z.object({
  name: z.string(),
  architecture: z.string(),
  seed: z.number(),
  /** What members differ in besides their seeds. */
  setting: z.record(z.string(), z.unknown()),
  latents: z.number(),
  l0: measured,
  fvu: measured,
  fvu_modulo: measured,
  pose_change: measured,
  best: measured,
  best_null: measured,
  assigned: measured,
  assigned_null: measured,
  top1_f1: measured,
  top1_f1_null: measured,
  best_auroc: measured,
  best_auroc_null: measured,
  probe_auroc: measured,
  probe_auroc_null: measured,
  probe_f1: measured,
  probe_f1_null: measured,
});

export const resultSchema = z.object({
  /** What SAEs were told of the group: `c4`, `c4 (wrong action)`. */
  group: z.string(),
  action: z.string(),
  representative: z.string(),
  poses: z.string(),
  /** Held-out rows that were looked at, whole orbits of the action that the features follow. */
  rows: z.number(),
  /** True features, and those that both halves of the rows have. */
  features: z.number(),
  detected_features: z.number(),
  /** Rows that each member was trained on. */
  rows_seen: z.number(),
  members: z.array(memberSchema),
});

export type OrbitResult = z.output<typeof resultSchema>;
export type OrbitMember = OrbitResult["members"][number];

/** A number of a member that tables and figures show. */
export interface OrbitColumn {
  readonly name: keyof OrbitMember;
  readonly head: string;
  /** The number that chance gives. */
  readonly null?: keyof OrbitMember;
}

export const COLUMNS: readonly OrbitColumn[] = [
  { name: "l0", head: "L0" },
  { name: "fvu", head: "FVU" },
  { name: "fvu_modulo", head: "FVU mod G" },
  { name: "pose_change", head: "pose change" },
  { name: "best", head: "recovery, best atom", null: "best_null" },
  { name: "assigned", head: "recovery, assigned", null: "assigned_null" },
  { name: "top1_f1", head: "top-1 F1", null: "top1_f1_null" },
  { name: "best_auroc", head: "best AUROC", null: "best_auroc_null" },
  { name: "probe_auroc", head: "probe AUROC", null: "probe_auroc_null" },
  { name: "probe_f1", head: "probe F1", null: "probe_f1_null" },
];

/** A number of a member; NaN for one that is not a number. */
export function numberOf(member: OrbitMember, name: keyof OrbitMember): number {
  const value = member[name];
  return typeof value === "number" ? value : Number.NaN;
}
