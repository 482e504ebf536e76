/** @file GET /api/latents: the numbers of every latent of a member that the evaluation kept. */

import { existsSync } from "node:fs";
import { isObject } from "../../base/json.ts";
import { largestRandomCosine } from "../../base/statistics/largest-random-cosine.ts";
import { sum } from "../../base/statistics/mean.ts";
import { asFloat32 } from "../../base/tensor.ts";
import { openSafetensors, type SafetensorsFile } from "../../formats/safetensors-file.ts";
import { showName, showNames } from "../../formats/show-name.ts";
import { LATENTS } from "../../runs/latents.ts";
import { readConsistency, readEvaluation } from "../../runs/results.ts";
import type { LatentsAnswer } from "../api/run.ts";
import { HttpFailure } from "../failure.ts";
import type { ServedFolder, ServedRun } from "../served-folder.ts";
import { missingResults } from "./missing-results.ts";
import { finite, rounded } from "./numbers.ts";

/**
 * What is known of the latents of a member.
 *
 * @throws {HttpFailure} 404 for a member that is not there, and a run that has no results yet.
 */
export async function latentsAnswer(
  served: ServedFolder,
  run: ServedRun,
  member: string,
): Promise<LatentsAnswer> {
  const { name, folder } = run;
  const path = folder.file("results", `${LATENTS}.safetensors`);
  const evaluation = await readEvaluation(folder);
  if (!evaluation || !existsSync(path)) throw await missingResults(served, run);
  const names = evaluation.members.map((m) => m.name);
  if (!names.includes(member))
    throw new HttpFailure(
      404,
      "results/missing",
      `${name} has no member "${showName(member)}".`,
      `It has ${showNames(names)}.`,
    );
  const coupled = evaluation.members.filter((m) => m.coupled).map((m) => m.name);
  const consistency = await readConsistency(folder);
  const truth = consistency?.ground_truth?.find((one) => one.member === member);
  const file = await openSafetensors(path);
  try {
    const vector = async (what: string) =>
      file.names.includes(`${member}.${what}`)
        ? rounded(asFloat32(await file.read(`${member}.${what}`)))
        : null;
    const others = sum(coupled.filter((one) => one !== member).map((one) => countOf(file, one)));
    const best = await vector("best_in_others");
    return {
      name,
      member,
      density: await vector("density"),
      best_in_others: best,
      best_in_others_null: best && (await randomBest(run, member, others)),
      best_in_truth: await vector("best_in_truth"),
      best_in_truth_null: finite(truth?.mean_max_null[0]),
    };
  } finally {
    await file.close();
  }
}

/** Latents of a member. */
function countOf(file: SafetensorsFile, member: string): number {
  const name = `${member}.density`;
  return file.names.includes(name) ? (file.entry(name).shape[0] ?? 0) : 0;
}

/** The largest cosine with any of `others` random directions; null where the width is not known. */
async function randomBest(
  { folder }: ServedRun,
  member: string,
  others: number,
): Promise<number | null> {
  const file = `saes/${member}/cfg.json`;
  if (!existsSync(folder.file(file)) || others < 1) return null;
  const config = await folder.readJson(file);
  const width = isObject(config) ? Number(config["d_in"]) : Number.NaN;
  return Number.isSafeInteger(width) && width > 1 ? largestRandomCosine(width, others) : null;
}
