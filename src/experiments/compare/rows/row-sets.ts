/**
 * @file Which rows each SAE encodes: those given for it by name, or those given for all. SAEs of
 *   different places need rows of their own, of the same things in the same order.
 */

import { existsSync } from "node:fs";
import type { Backend } from "../../../backend/backend.ts";
import { ConcordError } from "../../../errors.ts";
import type { CheckedFile } from "../../../formats/checked-file.ts";
import type { ArrayFile } from "../../../sources/arrays/array-rows.ts";
import { openRows } from "../../../sources/open-rows.ts";
import type { NamedRows } from "../../../sources/rows/joined-rows.ts";
import type { StoredRows } from "../../../sources/rows/stored-rows.ts";
import type { OpenedSae } from "../open-saes.ts";

/** Open rows that some SAEs encode. */
export interface RowSet {
  /** The files or the store, as they were named. */
  readonly name: string;
  readonly rows: StoredRows;
  readonly parts: readonly NamedRows[];
  /** The file that says which tokens the rows are of; undefined where nothing says so. */
  readonly tokens: CheckedFile | undefined;
  /** Indices of the SAEs, ascending. */
  readonly saes: readonly number[];
}

/** What SAEs are called. */
type Named = Pick<OpenedSae, "name" | "folder">;

/** Whether a person means this very SAE by `name`. */
function isNamed(sae: Named, name: string): boolean {
  return sae.name === name || sae.folder === name;
}

/** Whether a person means the run or the folder that it is of. */
function isWithin({ name: own, folder }: Named, name: string): boolean {
  return own.startsWith(`${name}/`) || `/${folder}/`.includes(`/${name}/`);
}

/** `a=x.npy` as the name a and x.npy; undefined for a path alone. Names may have = in them. */
function namedPath(given: string, saes: readonly Named[]) {
  const cuts = [...given.matchAll(/=/g)].map(({ index }) => index).filter((at) => at > 0);
  if (cuts.length === 0) return undefined;
  const known = cuts.findLast((at) => {
    const name = given.slice(0, at);
    return saes.some((sae) => isNamed(sae, name) || isWithin(sae, name));
  });
  const at = known ?? cuts[0]!;
  const [name, path] = [given.slice(0, at), given.slice(at + 1)];
  if (known !== undefined) {
    if (path !== "") return { name, path };
    throw new ConcordError("argument/invalid", `${given} names no rows: expected ${name}=path.`);
  }
  if (existsSync(given)) return undefined;
  throw new ConcordError("argument/invalid", `${given}: no SAE or run here is called "${name}".`, {
    hint: `The SAEs are ${saes.map((sae) => sae.name).join(", ")}.`,
  });
}

/**
 * The paths of each SAE's rows, by SAE; empty where none are given. `name=path` is for the SAE of
 * that name. Where there are none, it is for the SAEs of that run or folder. A path alone is
 * for all SAEs that have no rows by name.
 *
 * @throws {ConcordError} `argument/invalid` for a name that none of them has.
 */
export function pathsBySae(
  given: readonly string[],
  saes: readonly Named[],
): readonly (readonly string[])[] {
  const named: { readonly name: string; readonly path: string }[] = [];
  const forAll: string[] = [];
  for (const one of given) {
    const found = namedPath(one, saes);
    if (found) named.push(found);
    else forAll.push(one);
  }
  return saes.map((sae) => {
    const paths = (of: typeof isNamed) =>
      named.filter(({ name }) => of(sae, name)).map(({ path }) => path);
    return [paths(isNamed), paths(isWithin)].find(({ length }) => length > 0) ?? forAll;
  });
}

/**
 * Opens every set of rows once. To be closed by `closeRowSets`.
 *
 * @param paths By SAE; those without any have no set.
 * @param how   What is known of raw numbers.
 * @throws {ConcordError} as `openRows`.
 */
export async function openRowSets(
  backend: Backend,
  paths: readonly (readonly string[])[],
  how: Omit<ArrayFile, "path">,
): Promise<RowSet[]> {
  const saesOf = new Map<string, number[]>();
  for (const [i, some] of paths.entries()) {
    if (some.length === 0) continue;
    const key = JSON.stringify(some);
    saesOf.set(key, [...(saesOf.get(key) ?? []), i]);
  }
  const sets: RowSet[] = [];
  try {
    for (const saes of saesOf.values()) {
      const some = paths[saes[0]!]!;
      const path = some.length === 1 ? some[0]! : some;
      const { rows, parts, tokens } = await openRows({ path, ...how }, backend);
      sets.push({ name: some.join(", "), rows, parts, tokens, saes });
    }
    return sets;
  } catch (error) {
    await closeRowSets(sets);
    throw error;
  }
}

export async function closeRowSets(sets: readonly RowSet[]): Promise<void> {
  for (const { rows } of sets) await rows.close();
}

/**
 * Why row r of one set is not of the same thing as row r of another; undefined where it is. Sets
 * can tell by the number of rows, and by the tokens if both know theirs.
 */
export function whyNotPaired(a: RowSet, b: RowSet): string | undefined {
  if (a === b) return undefined;
  const { tokens: ofA } = a;
  const { tokens: ofB } = b;
  if (ofA && ofB && JSON.stringify(ofA.checksums) !== JSON.stringify(ofB.checksums))
    return `${a.name} and ${b.name} are of other tokens`;
  if (a.rows.rows !== b.rows.rows)
    return `${a.name} has ${a.rows.rows} rows and ${b.name} has ${b.rows.rows}`;
  return undefined;
}
