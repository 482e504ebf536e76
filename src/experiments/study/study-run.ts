/** @file A finished run of an arm, read from its folder for the measures of a study. */

import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { FormatError } from "../../errors.ts";
import { ioError } from "../../formats/io-error.ts";
import { readLatents } from "../../runs/latents.ts";
import {
  type ConsistencyResult,
  type EvaluationResult,
  type MemberEvaluation,
  readConsistency,
  readEvaluation,
} from "../../runs/results.ts";
import type { RunFolder, RunRecord } from "../../runs/run-folder.ts";
import { type LogLine, type LogName, logLines } from "../../runs/run-log.ts";

/** Similarities of one member's latents: the largest cosine of each, shape [d_sae]. */
export interface LatentSimilarities {
  /** To the latents of the other members. */
  readonly others: Float32Array;
  /** To the known features. */
  readonly truth: Float32Array;
}

/** One finished run of a study. */
export interface StudyRun {
  readonly arm: string;
  readonly seed: number;
  readonly folder: RunFolder;
  readonly record: RunRecord;
  /** config.yaml as values. */
  readonly config: unknown;
  readonly evaluation: EvaluationResult;
  readonly consistency: ConsistencyResult | undefined;
  /** The members that couplings include; all but the independent ones. */
  readonly members: readonly MemberEvaluation[];
  /** Where the members are the seeds: the next member, the first for the last one. */
  readonly partner?: StudyRun;
  /** All lines of a log. */
  log(name: LogName): Promise<LogLine[]>;
  /** Undefined where the data has no known features, or the member no others. */
  latents(member: string): Promise<LatentSimilarities | undefined>;
  /** Fraction of the held-out rows in which each latent is active, shape [d_sae]. */
  density(member: string): Promise<Float32Array | undefined>;
}

async function readConfig(folder: RunFolder): Promise<unknown> {
  const path = folder.file("config.yaml");
  try {
    return parse(await readFile(path, "utf8")) as unknown;
  } catch (error) {
    throw ioError(error, "read", path);
  }
}

async function latentsOf(
  folder: RunFolder,
  member: string,
): Promise<LatentSimilarities | undefined> {
  const all = await readLatents(folder);
  const [others, truth] = [`${member}.best_in_others`, `${member}.best_in_truth`].map((name) =>
    all.get(name),
  );
  return others && truth && { others, truth };
}

async function readLog(folder: RunFolder, name: LogName): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of logLines(folder, name)) lines.push(line);
  return lines;
}

/**
 * Reads a finished run.
 *
 * @throws {FormatError} when it says that it finished and has no results.
 */
export async function readStudyRun(
  folder: RunFolder,
  arm: string,
  seed: number,
): Promise<StudyRun> {
  const evaluation = await readEvaluation(folder);
  if (!evaluation)
    throw new FormatError(folder.file("results"), "the run has finished and has no results.", {
      hint: "Remove the run's folder, and it is trained again.",
    });
  return {
    arm,
    seed,
    folder,
    record: await folder.readRecord(),
    config: await readConfig(folder),
    evaluation,
    consistency: await readConsistency(folder),
    members: evaluation.members.filter((member) => member.coupled),
    log: (name) => readLog(folder, name),
    latents: (member) => latentsOf(folder, member),
    density: async (member) => (await readLatents(folder)).get(`${member}.density`),
  };
}

/**
 * A run for each coupled member of `run`, with that member alone and its seed. Its partner is the
 * next member; of three members, each pair so occurs once.
 */
export function membersOf(run: StudyRun): StudyRun[] {
  const { members } = run;
  const alone = (i: number): StudyRun => {
    const member = members[i % members.length]!;
    const evaluation = { ...run.evaluation, members: [member] };
    // The agreement of a population is that of all its members.
    return { ...run, seed: member.seed, members: [member], evaluation, consistency: undefined };
  };
  return members.map((_, i) =>
    members.length < 2 ? alone(i) : { ...alone(i), partner: alone(i + 1) },
  );
}
