/** @file GET and POST /api/intruder: sets of the game, and what a person said of one. */

import type { Evidence } from "../../evidence/evidence.ts";
import type { RunFolder } from "../../runs/run-folder.ts";
import type { IntruderSets, IntruderVerdict } from "../api/intruder.ts";
import { HttpFailure } from "../failure.ts";
import { appendAnswer, readScores } from "../intruder/answers-file.ts";
import { drawSet, idOf, numberOf, shownSet } from "../intruder/draw-set.ts";

/** Which sets are asked for. */
export interface SetsQuery {
  readonly member?: string | undefined;
  readonly seed?: number | undefined;
  readonly from?: number | undefined;
  readonly count?: number | undefined;
}

/** Sets without their solutions, and the scores so far. */
export async function intruderSets(
  evidence: Evidence,
  folder: RunFolder,
  { member, seed = 0, from = 0, count = 10 }: SetsQuery,
): Promise<IntruderSets> {
  const sets = [];
  for (let index = from; index < from + count; index++) {
    const set = await drawSet(evidence, { seed, index, member });
    if (set) sets.push(shownSet(idOf({ seed, index, member }, set), set));
  }
  return { seed, sets, scores: await readScores(folder) };
}

/**
 * Says whether the choice was right, and keeps it.
 *
 * @throws {HttpFailure} 404 for a set that there is not, or not any more; {ConcordError} `file/io`
 *   where it cannot be kept.
 */
export async function intruderVerdict(
  evidence: Evidence,
  folder: RunFolder,
  { id, choice }: { readonly id: string; readonly choice: number },
  at: Date,
): Promise<IntruderVerdict> {
  const number = numberOf(id);
  const set = number && (await drawSet(evidence, number));
  if (!set || idOf(number, set) !== id)
    throw new HttpFailure(
      404,
      "intruder/unknown",
      "There is no such set, or the features were made again since it was shown.",
      "Load new sets.",
    );
  const { member, latent, other, decile, intruder } = set;
  const right = choice === intruder;
  const when = at.toISOString();
  await appendAnswer(folder, {
    at: when,
    id,
    member,
    latent,
    other,
    decile,
    intruder,
    choice,
    right,
  });
  return { right, intruder, member, latent, other, scores: await readScores(folder) };
}
