/**
 * @file `population.init_from`: the saved SAEs that members start from, checked before anything
 *   expensive and read when needed.
 */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import type { Backend } from "../backend/backend.ts";
import type { RowNormalization } from "../base/row-normalization.ts";
import { type PlannedMember, plannedMembers } from "../config/members.ts";
import type { Config } from "../config/schema.ts";
import { ConcordError } from "../errors.ts";
import { ioError } from "../formats/io-error.ts";
import { loadSae, saeFiles } from "../interchange/saelens.ts";
import type { Population } from "../population/population.ts";
import { giveStartRows } from "../population/start-rows.ts";
import type { Sae } from "../sae/sae.ts";
import type { ActivationStream } from "../sources/source.ts";

/** The saved SAEs of a config that were found to fit its members. */
export interface CheckedStarts {
  /**
   * Of both files of each folder, by the name that the config has for it; undefined when no member
   * starts from one.
   */
  readonly sha256: Readonly<Record<string, string>> | undefined;
  /** @throws {ConcordError} when activations are not as wide as the SAEs. */
  requireWidth(dIn: number): void;
}

async function sha256Of(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const file of saeFiles(folder))
    try {
      for await (const piece of createReadStream(file, { highWaterMark: 2 ** 20 }))
        hash.update(piece);
    } catch (error) {
      throw ioError(error, "read", file);
    }
  return hash.digest("hex");
}

type Starter = Pick<PlannedMember, "name" | "architecture" | "options" | "dSae">;

/** Reads saved SAEs for members; the last one is kept for the next member. */
function startReader(
  backend: Backend,
  baseFolder: string,
  normalization: RowNormalization | undefined,
) {
  let last: { readonly folder: string; readonly sae: Sae } | undefined;
  return async (starter: Starter, folder: string): Promise<Sae> => {
    const { name: member, architecture, options, dSae } = starter;
    if (last?.folder !== folder)
      last = { folder, sae: await loadSae(backend, resolve(baseFolder, folder)) };
    const request = { member, options, dSae, normalization };
    return architecture.startingWeights(folder, last.sae, request);
  };
}

/**
 * Reads every SAE that members of a config start from, one at a time, and compares architecture and
 * shape with the member's.
 *
 * @param baseFolder Relative paths start from here.
 * @throws {ConcordError} naming the folder and what does not fit; errors of `loadSae`.
 */
export async function checkStarts(
  backend: Backend,
  config: Config,
  baseFolder: string,
): Promise<CheckedStarts> {
  const { population, seed, source } = config;
  const named = [population.init_from, ...population.overrides.map((o) => o.init_from)].flat();
  if (!named.some((folder) => typeof folder === "string"))
    return { sha256: undefined, requireWidth: () => {} };
  const sha256: Record<string, string> = {};
  const widths = new Map<string, number>();
  // Of members, only names, specs and widths are looked at, which neither the length nor the width
  // of rows decides.
  const members = plannedMembers(population, { dIn: 1, seed, totalSteps: 1 });
  // The factor of expected_norm is not known yet, and it changes nothing of what fits.
  const { normalize } = source;
  const normalization =
    normalize === "layer_norm" ? normalize : normalize === "none" ? undefined : { factor: 1 };
  const read = startReader(backend, baseFolder, normalization);
  for (const member of members) {
    const folder = member.initFrom;
    if (folder === undefined) continue;
    widths.set(folder, (await read(member, folder)).dIn);
    sha256[folder] ??= await sha256Of(resolve(baseFolder, folder));
  }
  const requireWidth = (dIn: number) => {
    for (const [folder, width] of widths)
      if (width !== dIn)
        throw new ConcordError(
          "argument/invalid",
          `population.init_from: ${folder} has d_in ${width}, but the source gives activations of d_in ${dIn}.`,
          { hint: "Start from an SAE that was trained on activations from the same hook." },
        );
  };
  for (const width of widths.values()) requireWidth(width);
  return { sha256, requireWidth };
}

/**
 * Gives every member its starting weights: those of a saved SAE, or fresh ones, which may be made
 * from rows of training.
 *
 * @param members As planned, in the population's order.
 * @param where   Relative paths start from `baseFolder`; `normalization` is what is done to the
 *   rows of training, and `train` serves these from the first.
 */
export async function startMembers(
  backend: Backend,
  population: Population,
  members: readonly PlannedMember[],
  where: {
    readonly baseFolder: string;
    readonly normalization?: RowNormalization;
    readonly train: ActivationStream;
  },
): Promise<void> {
  const read = startReader(backend, where.baseFolder, where.normalization);
  for (const [i, member] of population.members.entries()) {
    const planned = members[i]!;
    const folder = planned.initFrom;
    if (folder === undefined) await member.sae.initialise({ seed: member.seed, restart: 0 });
    else await member.sae.startFrom(await read(planned, folder));
  }
  await giveStartRows(population, where.train);
}

/**
 * Matrices of weights in memory while a saved SAE is read: as stored, turned, in our form, and as
 * the member has them.
 */
const MATRICES_OF_A_START = 7;

/** Bytes that reading the SAE that a member starts from takes for a moment. */
export function startFromBytes(shape: { readonly dIn: number; readonly dSae: number }): number {
  return MATRICES_OF_A_START * 4 * shape.dSae * shape.dIn;
}
