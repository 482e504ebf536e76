/** @file The card of one latent, from the file of its SAE. */

import type { RowDescriber } from "../../domains/evidence-maker.ts";
import { ConcordError } from "../../errors.ts";
import type { Example, FeaturesSummary, LatentCard } from "../../evidence/card.ts";
import type { MemberReader } from "../../evidence/member-reader.ts";
import type { NotesReader } from "../../evidence/notes.ts";
import { wordsOf } from "./words.ts";

/** One SAE's evidence, and what says something of its rows. */
export interface OpenMember {
  readonly name: string;
  readonly summary: FeaturesSummary;
  readonly reader: MemberReader;
  readonly rows: RowDescriber;
  /** What analyses say of its latents. */
  readonly notes: NotesReader;
}

const QUANTILES = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1];
/** Groups of the sample, by strength, and examples of each. */
const GROUPS = 10;
const SHOWN_IN_GROUP = 5;
/** Examples that are drawn at random. */
const RANDOM = 10;

const orNull = (value: number) => (Number.isFinite(value) ? value : null);

/** A row that is kept, and the activation there. */
interface KeptRow {
  readonly row: number;
  readonly value: number;
}

async function keptRows({ reader }: OpenMember, name: string, latent: number): Promise<KeptRow[]> {
  const rows = await reader.ints(`${name}_rows`, latent);
  const values = await reader.numbers(`${name}_values`, latent);
  return Array.from(rows, (row, i) => ({ row, value: values[i]! })).filter(({ row }) => row >= 0);
}

/** Others of the same SAE, where there are some. */
async function others({ reader }: OpenMember, name: string, value: string, latent: number) {
  const latents = await reader.ints(name, latent);
  const values = await reader.numbers(value, latent);
  return Array.from(latents, (other, i) => ({ latent: other, value: values[i]! })).filter(
    (other) => other.latent >= 0,
  );
}

async function partnersOf(member: OpenMember, latent: number): Promise<LatentCard["partners"]> {
  const { reader, summary, name } = member;
  const names = summary.members.find((one) => one.name === name)!.compared_with;
  const latents = await reader.ints("partners", latent);
  const cosines = await reader.numbers("partner_cosine", latent);
  const correlations = await reader.numbers("partner_correlation", latent);
  const jaccards = await reader.numbers("partner_jaccard", latent);
  return names.flatMap((other, i) =>
    latents[i]! < 0
      ? []
      : [
          {
            member: other,
            latent: latents[i]!,
            cosine: cosines[i]!,
            counts: cosines[i]! >= summary.threshold,
            code_correlation: orNull(correlations[i]!),
            jaccard: orNull(jaccards[i]!),
          },
        ],
  );
}

/** Groups of a sample by strength, the strongest first. */
function byStrength(sample: readonly KeptRow[]): KeptRow[][] {
  const sorted = [...sample].sort((a, b) => Math.abs(b.value) - Math.abs(a.value) || a.row - b.row);
  const groups = Math.min(GROUPS, sorted.length);
  const edge = (i: number) => Math.round((i * sorted.length) / groups);
  return Array.from({ length: groups }, (_, i) => sorted.slice(edge(i), edge(i + 1)));
}

/** Of a sample, some that are evenly spread over its rows. */
function spread(sample: readonly KeptRow[], count: number): KeptRow[] {
  const sorted = [...sample].sort((a, b) => a.row - b.row);
  const most = Math.min(count, sorted.length);
  return Array.from({ length: most }, (_, i) => sorted[Math.floor((i * sorted.length) / most)]!);
}

function quantilesOf(sample: readonly KeptRow[]): LatentCard["quantiles"] {
  const sorted = sample.map(({ value }) => value).sort((a, b) => a - b);
  if (sorted.length === 0) return [];
  return QUANTILES.map((at) => {
    return { at, value: sorted[Math.round(at * (sorted.length - 1))]! };
  });
}

/** Numbers of one latent that the card shows as they are. */
async function statistics({ reader }: OpenMember, latent: number) {
  const one = async (name: string) => (await reader.numbers(name, latent))[0]!;
  return {
    activeRows: await one("active_rows"),
    mean: await one("mean"),
    max: await one("max"),
    binWidth: await one("bin_width"),
    alignment: await one("alignment"),
    initialCosine: await one("initial_cosine"),
    foundIn: await one("found_in"),
    meanCosine: await one("mean_cosine"),
    spread: await one("cosine_spread"),
  };
}

async function rebuiltOf(member: OpenMember, latent: number): Promise<LatentCard["rebuilt"]> {
  const { reader, summary } = member;
  const [by] = await reader.ints("rebuilt_by", latent);
  if (by! < 0) return [];
  const latents = await reader.ints("rebuilt_latents", latent);
  const [cosine] = await reader.numbers("rebuilt_cosine", latent);
  const [random] = await reader.numbers("rebuilt_null", latent);
  return [
    {
      member: summary.members[by!]!.name,
      latents: Array.from(latents).filter((other) => other >= 0),
      cosine: cosine!,
      null_cosine: random!,
    },
  ];
}

/** @throws {ConcordError} "argument/invalid" for a latent that is not there. */
export async function readCard(member: OpenMember, latent: number): Promise<LatentCard> {
  const { name, summary, reader, rows } = member;
  if (!Number.isSafeInteger(latent) || latent < 0 || latent >= reader.latents)
    throw new ConcordError("argument/invalid", `${name} has no latent ${latent}.`, {
      hint: `Its latents are 0 to ${reader.latents - 1}.`,
    });
  const of = summary.members.find((one) => one.name === name)!;
  const numbers = await statistics(member, latent);
  const sample = await keptRows(member, "sample", latent);
  const near = await reader.around(latent);
  const words = await wordsOf(reader, latent);
  const kept = await reader.kept(latent);
  const heldOutFrom = summary.rows - summary.held_out_rows;
  const example = async ({ row, value }: KeptRow): Promise<Example> => {
    const around = Float32Array.from(
      { length: 2 * summary.around + 1 },
      (_, i) => near.get(row + i - summary.around) ?? 0,
    );
    const { where, group, pieces, peak, svg } = await rows.describe(row, around, kept);
    return {
      row,
      value,
      held_out: row >= heldOutFrom,
      where,
      group,
      pieces: [...pieces],
      peak,
      ...(svg === undefined ? {} : { svg }),
    };
  };
  const examples = async (some: readonly KeptRow[]) => {
    const made: Example[] = [];
    for (const one of some) made.push(await example(one));
    return made;
  };
  const strongest = (a: KeptRow, b: KeptRow) =>
    Math.abs(b.value) - Math.abs(a.value) || a.row - b.row;
  const quantiles: LatentCard["examples"]["quantiles"] = [];
  for (const group of byStrength(sample)) {
    const sizes = group.map(({ value }) => value);
    quantiles.push({
      from: Math.min(...sizes),
      to: Math.max(...sizes),
      share: group.length / sample.length,
      examples: await examples(group.slice(0, SHOWN_IN_GROUP)),
    });
  }
  const isDead = numbers.activeRows === 0;
  return {
    member: name,
    latent,
    latents: reader.latents,
    label: words.label,
    rows: summary.rows,
    active_rows: numbers.activeRows,
    density: numbers.activeRows / summary.rows,
    dead: isDead,
    mean: isDead ? null : numbers.mean,
    max: isDead ? null : numbers.max,
    quantiles: quantilesOf(sample),
    histogram: {
      bin_width: numbers.binWidth,
      counts: Array.from(await reader.ints("histogram", latent)),
    },
    alignment: numbers.alignment,
    initial_distance: orNull(1 - numbers.initialCosine),
    recurrence:
      of.compared_with.length === 0
        ? null
        : {
            found_in: numbers.foundIn,
            of: of.compared_with.length,
            threshold: summary.threshold,
            mean_cosine: orNull(numbers.meanCosine),
            spread: orNull(numbers.spread),
            null_cosine: of.null_cosine,
            null_found_in: of.null_found_in,
          },
    partners: await partnersOf(member, latent),
    nearest: await others(member, "nearest", "nearest_cosine", latent),
    coactive: await others(member, "coactive", "coactive_jaccard", latent),
    rebuilt: await rebuiltOf(member, latent),
    examples: {
      top: await examples((await keptRows(member, "top", latent)).sort(strongest)),
      quantiles,
      random: await examples(spread(sample, RANDOM)),
      near_misses: await examples((await keptRows(member, "near_miss", latent)).sort(strongest)),
    },
    rules: [...words.rules],
    logits: words.logits,
    ...(of.logits_absent === undefined ? {} : { logits_absent: of.logits_absent }),
    figures: (await rows.figures?.(kept)) ?? [],
    notes: await member.notes.of(name, latent),
  };
}
