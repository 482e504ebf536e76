/** @file What tables and plots need of every latent of one SAE. */

import type { TypedArray } from "../../base/dtype.ts";
import type { FeaturesSummary, LatentColumns } from "../../evidence/card.ts";
import type { MemberReader } from "../../evidence/member-reader.ts";
import { allWords } from "./words.ts";

/** Numbers of a tensor, JSON-ready: what is not a number is 0. */
async function numbers(reader: MemberReader, name: string): Promise<number[]> {
  const column = await reader.column(name);
  return Array.from({ length: reader.latents }, (_, i) => {
    const number = Number(column[i]);
    return Number.isFinite(number) ? number : 0;
  });
}

/** @throws {FormatError} for a file that is damaged. */
export async function readColumns(
  member: string,
  { rows }: FeaturesSummary,
  reader: MemberReader,
): Promise<LatentColumns> {
  const active = await reader.column("active_rows");
  const truth = await reader.column("truth");
  const map = await reader.column("map");
  const isKnown = (column: TypedArray) => !Number.isNaN(Number(column[0]));
  const every = (column: TypedArray, of: (value: number, i: number) => number = (v) => v) =>
    Array.from({ length: reader.latents }, (_, i) => of(Number(column[i]), i));
  const axis = (first: number) => every(map, (_, i) => Number(map[2 * i + first]));
  return {
    member,
    label: (await allWords(reader)).map(({ label }) => label),
    density: every(active, (count) => count / rows),
    max: await numbers(reader, "max"),
    mean: await numbers(reader, "mean"),
    alignment: await numbers(reader, "alignment"),
    found_in: await numbers(reader, "found_in"),
    mean_cosine: every(await reader.column("mean_cosine")).map((v) => (Number.isNaN(v) ? null : v)),
    truth: isKnown(truth) ? every(truth) : null,
    map: isKnown(map) ? { x: axis(0), y: axis(1) } : null,
  };
}
