/**
 * @file The folder of an ensemble: ensemble.json, a folder per member below members/ that SAELens
 *   loads, and sae/ where the ensemble is one SAE.
 */

import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { z } from "zod";
import type { Backend } from "../../backend/backend.ts";
import { ConcordError, FormatError, messageOf } from "../../errors.ts";
import { writeFileAtomically } from "../../formats/atomic-file.ts";
import { issueText } from "../../formats/issue-text.ts";
import { readText } from "../../formats/read-text.ts";
import { writeProbe } from "../../interchange/probe.ts";
import { loadSae, type SaeMetadata, saveSae } from "../../interchange/saelens.ts";
import { bagSae } from "../../sae/bag-sae.ts";
import { bagOf, boostOf, type Ensemble } from "../../sae/ensemble.ts";
import { saelensDifference } from "../../sae/saelens-forms.ts";
import { mostActive } from "../../sae/selection.ts";

const ENSEMBLE_FILE = "ensemble.json";

const fileSchema = z.object({
  format: z.literal(1),
  kind: z.enum(["bag", "boost"]),
  d_in: z.int().min(1),
  d_sae: z.int().min(1),
  k: z.int().min(1).nullable(),
  sae: z.string().nullable(),
  no_sae: z.string().nullable(),
  members: z
    .array(
      z.object({
        folder: z.string(),
        name: z.string(),
        of: z.string(),
        weight: z.number(),
        d_sae: z.int().min(1),
        k: z.int().min(1).nullable(),
      }),
    )
    .min(1),
});

/** What ensemble.json holds. */
export type EnsembleFile = z.infer<typeof fileSchema>;

/** Where a member comes from. */
export interface MemberOrigin {
  readonly name: string;
  /** Folder that it was read from. */
  readonly folder: string;
  /** What its new folder says of its training. */
  readonly metadata?: SaeMetadata;
}

/** What was written. */
export interface WrittenEnsemble {
  readonly file: EnsembleFile;
  /** What SAELens makes of members where that is something else, a sentence each. */
  readonly differences: readonly string[];
}

/**
 * Checks that an ensemble can be written to `out`, which replaces one that is there.
 *
 * @param folders Those of its members.
 * @throws {ConcordError} `argument/invalid` when `out` is, or holds, one of them.
 */
export function requireFreeOutput(out: string, folders: readonly string[]): void {
  const target = resolve(out);
  const inside = folders.find((f) => `${resolve(f)}${sep}`.startsWith(`${target}${sep}`));
  if (inside === undefined) return;
  throw new ConcordError(
    "argument/invalid",
    `${inside} is in ${out}, which the ensemble would replace.`,
    { hint: "Give --out another folder: that SAE would be lost." },
  );
}

/** The sum, or undefined when a number is missing. */
function sumOf(numbers: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const n of numbers) {
    if (n === undefined) return undefined;
    sum += n;
  }
  return sum;
}

/**
 * Writes an ensemble. Each member has a probe beside its weights; ensemble.json comes last. An
 * ensemble that the folder held before is removed first.
 *
 * @param origins Of the members, in their order.
 * @throws {ConcordError} as `requireFreeOutput`; `file/io`.
 */
export async function writeEnsemble(
  backend: Backend,
  out: string,
  ensemble: Ensemble,
  origins: readonly MemberOrigin[],
): Promise<WrittenEnsemble> {
  const { kind, dIn, dSae, members } = ensemble;
  requireFreeOutput(
    out,
    origins.map(({ folder }) => folder),
  );
  const path = join(out, ENSEMBLE_FILE);
  if (existsSync(path)) {
    await rm(path);
    for (const name of ["members", "sae"])
      await rm(join(out, name), { recursive: true, force: true });
  }
  const differences = new Set<string>();
  for (const [j, { sae, weight }] of members.entries()) {
    const { folder: of, metadata } = origins[j]!;
    const folder = join(out, "members", `member-${j}`);
    await saveSae(folder, sae, { ...metadata, ensemble: { kind, member: j, weight, of } });
    await writeProbe(backend, folder, sae);
    const difference = saelensDifference(sae);
    if (difference !== undefined) differences.add(difference);
  }
  const one = bagSae(backend, ensemble);
  if (one.sae) {
    const of = origins.map(({ folder }) => folder);
    const { metadata } = origins[0]!;
    await saveSae(join(out, "sae"), one.sae, { ...metadata, ensemble: { kind, of } });
    await writeProbe(backend, join(out, "sae"), one.sae);
  }
  const ks = members.map(({ sae }) => mostActive(sae.selection));
  const file: EnsembleFile = {
    format: 1,
    kind,
    d_in: dIn,
    d_sae: dSae,
    k: sumOf(ks) ?? null,
    sae: one.sae ? "sae" : null,
    no_sae: one.reason ?? null,
    members: members.map(({ sae, weight }, j) => ({
      folder: `members/member-${j}`,
      name: origins[j]!.name,
      of: origins[j]!.folder,
      weight,
      d_sae: sae.dSae,
      k: ks[j] ?? null,
    })),
  };
  await writeFileAtomically(path, `${JSON.stringify(file, null, 2)}\n`);
  return { file, differences: [...differences] };
}

/**
 * The members and the kind decide weights and d_sae; others would hold for codes alone, and
 * reconstructions would not follow.
 *
 * @throws {FormatError} naming the key whose number is another.
 */
function requireMade(path: string, file: EnsembleFile, made: Ensemble): void {
  const numbers: (readonly [key: string, found: number, expected: number])[] = [
    ["d_sae", file.d_sae, made.dSae],
    ...made.members.map(
      ({ weight }, j) => [`members.${j}.weight`, file.members[j]!.weight, weight] as const,
    ),
  ];
  const other = numbers.find(([, found, expected]) => found !== expected);
  if (!other) return;
  const [key, found, expected] = other;
  throw new FormatError(
    path,
    `${key}: expected ${expected}, as the members of a ${file.kind} make it, but found ${found}.`,
    { hint: "The file was changed after it was written: make the ensemble anew." },
  );
}

/**
 * Reads the ensemble of a folder, and what its ensemble.json says.
 *
 * @throws {ConcordError} `file/missing`; {FormatError} naming the key that is missing or something
 *   else, or the member that is not of the shape that it should be.
 */
export async function readEnsemble(
  backend: Backend,
  folder: string,
): Promise<{ readonly ensemble: Ensemble; readonly file: EnsembleFile }> {
  const path = join(folder, ENSEMBLE_FILE);
  const text = await readText(path);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new FormatError(path, `not JSON: ${messageOf(error)}`);
  }
  const parsed = fileSchema.safeParse(json, { error: issueText });
  if (!parsed.success) {
    const { path: key, message } = parsed.error.issues[0]!;
    throw new FormatError(path, `${key.map(String).join(".") || "the file"}: ${message}.`);
  }
  const file = parsed.data;
  const saes = [];
  for (const member of file.members) {
    const sae = await loadSae(backend, join(folder, member.folder));
    if (sae.dIn !== file.d_in || sae.dSae !== member.d_sae)
      throw new FormatError(
        path,
        `${member.folder} is [${sae.dSae}, ${sae.dIn}] where [${member.d_sae}, ${file.d_in}] is expected.`,
      );
    saes.push(sae);
  }
  const made = file.kind === "bag" ? bagOf(saes) : boostOf(saes);
  requireMade(path, file, made);
  return { ensemble: made, file };
}
