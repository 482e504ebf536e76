/**
 * @file One latent against other SAEs: its nearest atoms in each, and how few of them rebuild it,
 *   next to what a random direction would get.
 */

import type { Backend } from "../../backend/backend.ts";
import { randomStream } from "../../base/philox.ts";
import { largestRandomCosine } from "../../base/statistics/largest-random-cosine.ts";
import { type RebuiltStep, rebuildFrom } from "../../consistency/lab/rebuild-atom.ts";
import { type Dictionary, dictionaryOf } from "../../consistency/matching/dictionary.ts";
import { ConcordError } from "../../errors.ts";
import type { CatalogueOptions } from "../../fetch/catalogue-options.ts";
import { type LeftOut, openSaes } from "./open-saes.ts";

/** From this cosine a latent counts as rebuilt. */
export const REBUILT_FROM = 0.95;
/** Atoms that the rebuilding may use. */
const MOST_ATOMS = 16;
/** Nearest atoms that are listed. */
const NEAREST = 5;
/** Random directions that the null is a mean over. */
const RANDOM_DIRECTIONS = 16;

/** An atom of another SAE with its cosine. */
export interface NearAtom {
  readonly latent: number;
  readonly cosine: number;
}

/** A latent in one other SAE. */
export interface LatentElsewhere {
  readonly name: string;
  readonly dSae: number;
  /** The nearest first. */
  readonly nearest: readonly NearAtom[];
  /** Expected largest cosine with as many random directions; undefined for d_in 1. */
  readonly nearestNull: number | undefined;
  /** The atoms of the pursuit, up to the one that reaches `REBUILT_FROM`, or all it may use. */
  readonly rebuilt: readonly RebuiltStep[];
  readonly isRebuilt: boolean;
  /** Mean cosine of random directions with their rebuilding from as many atoms, by step. */
  readonly rebuiltNull: readonly number[];
}

/** A latent and where else it is found. */
export interface ComparedLatent {
  readonly name: string;
  readonly latent: number;
  readonly others: readonly LatentElsewhere[];
  /** Names of SAEs of another d_in, whose atoms have no cosine with it. */
  readonly skipped: readonly string[];
  /** SAEs and runs that were named and could not be read. */
  readonly leftOut: readonly LeftOut[];
}

/** Which latent, and where to look for it. */
export interface LatentOptions {
  /** As `compareFolders` takes them. */
  readonly names: readonly string[];
  readonly root?: string;
  readonly hub?: CatalogueOptions | undefined;
  /** An index, of the first SAE; or the name of an SAE, a colon and an index. */
  readonly latent: string;
  /** Called and awaited after each SAE; what it throws ends the comparison. */
  readonly pause?: () => Promise<void>;
}

/** The SAE of that name, or the only one of the run of that name; −1 without one. */
function placeOf(named: string, names: readonly string[]): number {
  const exact = names.indexOf(named);
  if (exact >= 0) return exact;
  const inside = names.filter((name) => name.startsWith(`${named}/`));
  return inside.length === 1 ? names.indexOf(inside[0]!) : -1;
}

/** The SAE and the index that a text like `a:17` or `17` stands for. */
function parsed(text: string, names: readonly string[]): { sae: number; index: number } {
  const [, named, digits] = /^(?:(.*):)?(\d+)$/.exec(text.trim()) ?? [];
  if (digits === undefined)
    throw new ConcordError(
      "argument/invalid",
      `Expected a latent as 17 or SAE:17 for --latent but received ${text}.`,
      { hint: `The SAEs are ${names.join(", ")}.` },
    );
  const sae = named === undefined ? 0 : placeOf(named, names);
  if (sae < 0)
    throw new ConcordError(
      "argument/invalid",
      `--latent names ${named}, which is not one of the SAEs.`,
      {
        hint: `The SAEs are ${names.join(", ")}.`,
      },
    );
  return { sae, index: Number(digits) };
}

/** Unit rows of random direction. */
async function randomRows(backend: Backend, count: number, d: number): Promise<Float32Array> {
  const unit = backend.float32(count * d);
  const [k0, k1] = randomStream(0, "lab/latent/null").key;
  await backend.fillRandom({ k0, k1, start: 0, out: unit, normal: true });
  await backend.normalizeRows({ rows: unit, unit, count, columns: d });
  return unit;
}

async function elsewhere(
  backend: Backend,
  name: string,
  atom: Float32Array,
  other: Dictionary,
): Promise<LatentElsewhere> {
  const { count: n, d } = other;
  const cosines = backend.float32(n);
  await backend.gemm({ a: atom, b: other.unit, c: cosines, m: 1, n, k: d, transposeB: true });
  const order = Array.from(cosines.keys()).sort((i, j) => cosines[j]! - cosines[i]!);
  const [steps] = await rebuildFrom(backend, { unit: atom, count: 1 }, other, MOST_ATOMS);
  const reached = steps!.findIndex(({ cosine }) => cosine >= REBUILT_FROM);
  const rebuilt = reached < 0 ? steps! : steps!.slice(0, reached + 1);
  const random = {
    unit: await randomRows(backend, RANDOM_DIRECTIONS, d),
    count: RANDOM_DIRECTIONS,
  };
  const none = await rebuildFrom(backend, random, other, rebuilt.length);
  return {
    name,
    dSae: n,
    nearest: order.slice(0, NEAREST).map((latent) => ({ latent, cosine: cosines[latent]! })),
    nearestNull: d < 2 ? undefined : largestRandomCosine(d, n),
    rebuilt,
    isRebuilt: reached >= 0,
    rebuiltNull: rebuilt.map(
      (_, i) => none.reduce((sum, found) => sum + found[i]!.cosine, 0) / RANDOM_DIRECTIONS,
    ),
  };
}

/**
 * Looks for one latent in all other SAEs.
 *
 * @throws {ConcordError} `argument/invalid` for a latent or an SAE that is not there, a latent
 *   whose atom is zero, or fewer than two SAEs; the errors of reading SAEs.
 */
export async function compareLatent(
  backend: Backend,
  { names, hub, root = "runs", latent, pause = async () => {} }: LatentOptions,
): Promise<ComparedLatent> {
  const { saes, leftOut } = await openSaes(backend, root, names, hub);
  const saeNames = saes.map(({ name }) => name);
  const { sae: at, index } = parsed(latent, saeNames);
  const { sae } = saes[at]!;
  if (index >= sae.dSae)
    throw new ConcordError(
      "argument/invalid",
      `${saeNames[at]} has the latents 0 to ${sae.dSae - 1}, not ${index}.`,
    );
  const row = sae.decoder.slice(index * sae.dIn, (index + 1) * sae.dIn);
  const { unit } = await dictionaryOf(backend, row, 1, sae.dIn);
  if (unit.every((v) => v === 0))
    throw new ConcordError(
      "argument/invalid",
      `The decoder row of latent ${index} of ${saeNames[at]} is zero, so it has no direction.`,
    );
  const others: LatentElsewhere[] = [];
  const skipped: string[] = [];
  for (const [i, { sae: other, name }] of saes.entries()) {
    if (i === at) continue;
    if (other.dIn !== sae.dIn) skipped.push(name);
    else {
      const atoms = await dictionaryOf(backend, other.decoder, other.dSae, other.dIn);
      others.push(await elsewhere(backend, name, unit, atoms));
    }
    await pause();
  }
  return { name: saeNames[at]!, latent: index, others, skipped, leftOut };
}

/** The object that `concord compare --latent --json` prints; keys are stable. */
export function latentJson({ name, latent, others, skipped, leftOut }: ComparedLatent) {
  return {
    sae: name,
    latent,
    rebuilt_from: REBUILT_FROM,
    others: others.map((other) => ({
      name: other.name,
      d_sae: other.dSae,
      nearest: other.nearest,
      nearest_null: other.nearestNull ?? null,
      rebuilt: other.rebuilt.map(({ atom, cosine }) => ({ latent: atom, cosine })),
      rebuilt_null: other.rebuiltNull,
      is_rebuilt: other.isRebuilt,
    })),
    skipped,
    left_out: leftOut,
  };
}
