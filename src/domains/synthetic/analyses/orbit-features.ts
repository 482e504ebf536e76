/**
 * @file How well members find features that a group moves: recovery of the features by atoms,
 *   detection by latents, and errors that forgive the pose.
 */

import { z } from "zod";
import { dictionaryOf } from "../../../consistency/matching/dictionary.ts";
import { orbitNumbers } from "../../../evaluate/orbit-sums.ts";
import { readResult } from "../../../runs/parse-result.ts";
import { positiveInteger } from "../../../sources/schema-parts.ts";
import type { Source } from "../../../sources/source.ts";
import type { AnalysedMember, Analysis, AnalysisContext } from "../../analysis.ts";
import type { SyntheticSource } from "../synthetic-source.ts";
import { detect, type LabelledCodes, withOtherLabels } from "./detection.ts";
import { orbitCodes } from "./orbit-codes.ts";
import { orbitSections, orbitSweepSections, orbitTable } from "./orbit-pages.ts";
import { FILE, type OrbitMember, type OrbitResult, resultSchema } from "./orbit-result.ts";
import { FeatureRecovery } from "./recovery.ts";

const options = z.object({
  rows: positiveInteger.default(4096).describe("held-out rows that are looked at, at most"),
});

type OrbitSource = SyntheticSource &
  Required<Pick<SyntheticSource, "orbits" | "symmetry" | "trueFeatures" | "featuresOfHeldOut">>;

/** Whether rows come in orbits of known features. */
function isOrbitSource(source: Source): source is OrbitSource {
  const { orbits, featuresOfHeldOut, symmetry, trueFeatures } = source as SyntheticSource;
  return [orbits, featuresOfHeldOut, symmetry, trueFeatures].every((part) => part !== undefined);
}

/** Which features the first rows have, [rows, features]. */
async function presenceOf(source: OrbitSource, rows: number): Promise<Uint8Array> {
  const { count } = source.trueFeatures;
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  const { start, features } = await source.featuresOfHeldOut(all);
  const present = new Uint8Array(rows * count);
  for (let row = 0; row < rows; row++)
    for (let e = start[row]!; e < start[row + 1]!; e++) present[row * count + features[e]!] = 1;
  return present;
}

type Judge = (member: AnalysedMember) => Promise<OrbitMember & { readonly detected: number }>;

function judgeOf(
  { backend, pause }: AnalysisContext,
  source: OrbitSource,
  recovery: FeatureRecovery,
  labels: Pick<LabelledCodes, "rows" | "features" | "present">,
): Judge {
  const { size } = source.orbits;
  return async ({ name, architecture, seed, setting, sae, dictionary }) => {
    const { heldOut } = source.orbits;
    const looked = {
      rows: labels.rows,
      read: (start: number, x: Float32Array) => heldOut.read(start, x),
    };
    const found = await orbitCodes(backend, sae, looked, size, pause);
    const [errors] = await orbitNumbers(backend, [sae], looked, source.symmetry, pause);
    const atoms = await recovery.of(dictionary);
    const chance = await recovery.null(dictionary.count);
    const labelled = { ...labels, latents: sae.dSae, codes: found.codes };
    const told = detect(labelled);
    await pause();
    const untold = detect(withOtherLabels(labelled, size));
    await pause();
    return {
      name,
      architecture,
      seed,
      setting: { ...setting },
      latents: sae.dSae,
      l0: found.l0,
      fvu: errors!.fvu,
      fvu_modulo: errors!.fvuBestPose,
      pose_change: found.poseChange,
      best: atoms.best,
      best_null: chance.best,
      assigned: atoms.assigned,
      assigned_null: chance.assigned,
      top1_f1: told.top1F1,
      top1_f1_null: untold.top1F1,
      best_auroc: told.bestAuroc,
      best_auroc_null: untold.bestAuroc,
      probe_auroc: told.probeAuroc,
      probe_auroc_null: untold.probeAuroc,
      probe_f1: told.probeF1,
      probe_f1_null: untold.probeF1,
      detected: told.features,
    };
  };
}

async function analyse(
  context: AnalysisContext,
  { rows: most }: { readonly rows: number },
): Promise<OrbitResult> {
  const { backend, members, source, steps, batch, onLooked } = context;
  if (!isOrbitSource(source)) throw new Error("orbit_features applies to a source of orbits");
  const { orbits, trueFeatures, dIn, symmetry } = source;
  // Two halves of whole orbits.
  const unit = 2 * orbits.size;
  const rows = unit * Math.floor(Math.min(most, orbits.heldOut.rows) / unit);
  const features = trueFeatures.count;
  const truth = await dictionaryOf(backend, trueFeatures.matrix, features, dIn);
  const recovery = new FeatureRecovery(backend, truth, orbits);
  const present = await presenceOf(source, rows);
  const judge = judgeOf(context, source, recovery, { rows, features, present });
  const found: OrbitMember[] = [];
  let detected = 0;
  for (const [i, member] of members.entries()) {
    const { detected: own, ...numbers } = await judge(member);
    detected = own;
    found.push(numbers);
    onLooked((i + 1) * rows, members.length * rows);
  }
  const { action, representative, poses } = source.provenance;
  return {
    group: symmetry.group,
    action: String(action),
    representative: String(representative),
    poses: String(poses),
    rows,
    features,
    detected_features: detected,
    rows_seen: steps * batch,
    members: found,
  };
}

export const orbitFeatures = {
  name: FILE,
  summary: "How well members find features that a group moves, and detect them in any pose",
  options,
  applies: isOrbitSource,
  analyse,
  results: (found) => ({ json: { [FILE]: found } }),
  read: (folder) => readResult(folder, FILE, resultSchema),
  sections: orbitSections,
  sweepSections: orbitSweepSections,
  table: orbitTable,
} as const satisfies Analysis<OrbitResult, { readonly rows: number }>;
