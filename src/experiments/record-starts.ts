/** @file Writes down how alike the members of a population are before the first step. */

import type { Backend } from "../backend/backend.ts";
import { largestRandomCosine } from "../base/statistics/largest-random-cosine.ts";
import { mean } from "../base/statistics/mean.ts";
import { pairsAmong } from "../consistency/compared-pairs.ts";
import { bestMatches } from "../consistency/matching/best-matches.ts";
import type { Population } from "../population/population.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { STARTS_FILE, type StartOfPair, type Starts } from "../runs/starts.ts";
import type { Atoms } from "../sae/trainable.ts";

/**
 * Atoms of a member that are compared with all of another: evenly spaced, so few that this takes
 * next to nothing. They tell equal starts from different ones, also where the order differs.
 */
const ATOMS = 32;

async function startOf(
  backend: Backend,
  a: Atoms,
  b: Atoms,
  random: number | null,
): Promise<Omit<StartOfPair, "a" | "b">> {
  const { d } = a;
  const count = Math.min(ATOMS, a.count);
  const index = Int32Array.from({ length: count }, (_, i) => Math.floor((i * a.count) / count));
  const unit = backend.float32(count * d);
  await backend.gatherRows({ matrix: a.unit, index, count, columns: d, out: unit });
  const { bestOfA } = await bestMatches(backend, { unit, count, d }, b);
  let sameIndex: number | null = null;
  if (a.count === b.count) {
    const out = backend.float32(a.count);
    await backend.pairedDots({ a: a.unit, b: b.unit, count: a.count, d, out });
    sameIndex = mean(out);
  }
  return { same_index: sameIndex, mean_max: mean(bestOfA), mean_max_null: random };
}

/**
 * Writes results/starts.json: for the pairs of members that the agreement compares, how alike their
 * decoders are at this moment. Nothing is written for one member.
 *
 * @param seed Of the run; decides which pairs where there are very many.
 */
export async function recordStarts(
  backend: Backend,
  folder: RunFolder,
  { members }: Pick<Population, "members">,
  seed: number,
): Promise<void> {
  if (members.length < 2) return;
  const atoms = members.map(({ sae }) => sae.dictionary());
  const nulls = new Map<number, number | null>();
  const random = ({ count, d }: Atoms) => {
    const value = nulls.get(count) ?? (d < 2 ? null : largestRandomCosine(d, count));
    nulls.set(count, value);
    return value;
  };
  const pairs: StartOfPair[] = [];
  for (const [i, j] of pairsAmong(members.length, seed).pairs) {
    const [a, b] = [atoms[i]!, atoms[j]!];
    const found = await startOf(backend, a, b, random(b));
    pairs.push({ a: members[i]!.name, b: members[j]!.name, ...found });
  }
  const starts: Starts = { atoms: ATOMS, pairs };
  await folder.makeFolder("results");
  await folder.writeText(STARTS_FILE, `${JSON.stringify(starts)}\n`);
}
