/**
 * @file From what a person gave to open rows for every SAE: array files, stores, or a text whose
 *   activations are collected. What does not fit an SAE costs its codes only, and is said.
 */

import type { Backend } from "../../../backend/backend.ts";
import { ConcordError } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import type { ArrayFile } from "../../../sources/arrays/array-rows.ts";
import { requireFinite } from "../../../sources/rows/require-finite.ts";
import { readShardIndex } from "../../../sources/shards/read-index.ts";
import type { OpenedSae } from "../open-saes.ts";
import { alignSets } from "./align-sets.ts";
import { type CollectForSaes, collectForSaes } from "./collected-rows.ts";
import { closeRowSets, openRowSets, pathsBySae, type RowSet } from "./row-sets.ts";

/** Where rows come from. */
export interface RowsOptions {
  /**
   * Array files, or the folder of a store, that SAEs encode. A path `name=path` is for the SAE, run
   * or folder of that name; a path alone is for all others.
   */
  readonly rows?: ArrayFile | undefined;
  /** The same for folders that must be stores. */
  readonly stores?: readonly string[] | undefined;
  /** For SAEs without rows: a text whose activations are collected into the cache. */
  readonly collect?: CollectForSaes | undefined;
  /**
   * Where models cut one text into other tokens: keep of every store the rows at which a token of
   * all models ends. What cuts it is in the catalogue. Default: such stores are left out.
   */
  readonly align?: CatalogueOptions | undefined;
}

/** Open rows, and which SAEs have none. */
export interface SaeRows {
  /** To be closed by `closeRowSets`. */
  readonly sets: readonly RowSet[];
  /** A sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Opens the rows of every SAE and reads them once.
 *
 * @returns undefined where no rows are asked for.
 * @throws {ConcordError} `argument/invalid` when not one SAE can encode any rows;
 *   `numeric/not-finite` naming file, row and column; as `openRows` and `collectForSaes`.
 */
export async function openSaeRows(
  backend: Backend,
  saes: readonly OpenedSae[],
  { rows, stores = [], collect, align }: RowsOptions,
): Promise<SaeRows | undefined> {
  if (rows === undefined && stores.length === 0 && collect === undefined) return undefined;
  const { path = [], ...how } = rows ?? {};
  for (const store of new Set(pathsBySae(stores, saes).flat())) await readShardIndex(store);
  // Together, so that a path alone is not for an SAE that the other list names.
  const given = [...pathsBySae([[path].flat(), stores].flat(), saes)];
  const without = saes.filter((_, i) => given[i]!.length === 0);
  const collected = collect && (await collectForSaes(backend, without, collect));
  const warnings: string[] = [...(collected?.notices ?? [])];
  const missing: string[] = [];
  for (const [at, sae] of without.entries()) {
    const store = collected?.stores[at];
    if (store === undefined) continue;
    if ("folder" in store) given[saes.indexOf(sae)] = [store.folder];
    else missing.push(store.why);
  }
  if (!collected && without.length > 0)
    missing.push(`no rows are given for ${without.map(({ name }) => name).join(", ")}`);
  const opened = await openRowSets(backend, given, how);
  const { fitting, other } = await byWidth(opened, saes);
  if (fitting.length === 0)
    throw new ConcordError("argument/invalid", `${[...other, ...missing].join("; ")}.`, {
      hint: "Give activations from the place that the SAEs were trained on.",
    });
  for (const why of [...other, ...missing]) warnings.push(`${why}: no codes to compare.`);
  try {
    const aligned = align && (await alignSets(backend, fitting, align));
    const sets = aligned?.sets ?? fitting;
    warnings.push(...(aligned?.notices ?? []));
    for (const { parts } of sets) await requireFinite(parts, backend);
    return { sets, warnings };
  } catch (error) {
    await closeRowSets(fitting);
    throw error;
  }
}

/** The sets with the SAEs that encode rows of their d_in; closes sets that none does. */
async function byWidth(sets: readonly RowSet[], saes: readonly OpenedSae[]) {
  const fitting: RowSet[] = [];
  const other: string[] = [];
  for (const set of sets) {
    const { dIn } = set.rows;
    const ofSet = set.saes.filter((i) => saes[i]!.sae.dIn === dIn);
    const strangers = new Map<number, string[]>();
    for (const i of set.saes) {
      const { name, sae } = saes[i]!;
      if (sae.dIn !== dIn) strangers.set(sae.dIn, [...(strangers.get(sae.dIn) ?? []), name]);
    }
    for (const [wanted, some] of strangers) {
      const encode = some.length === 1 ? "encodes" : "encode";
      const names = some.join(", ");
      other.push(`${names} ${encode} rows of d_in ${wanted}, but those of ${set.name} have ${dIn}`);
    }
    if (ofSet.length > 0) fitting.push({ ...set, saes: ofSet });
    else await set.rows.close();
  }
  return { fitting, other };
}
