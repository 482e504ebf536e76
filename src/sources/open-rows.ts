/** @file Stored rows in their order: an activation store, or arrays in files. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { ConcordError } from "../errors.ts";
import type { CheckedFile } from "../formats/checked-file.ts";
import { type ArrayFile, openArrayParts } from "./arrays/array-rows.ts";
import { joinedRows, type NamedRows } from "./rows/joined-rows.ts";
import { type RowKernels, TYPESCRIPT_KERNELS } from "./rows/row-kernels.ts";
import type { StoredRows } from "./rows/stored-rows.ts";
import { readShardIndex } from "./shards/read-index.ts";
import { INDEX_FILE, rowsOfIndex } from "./shards/shard-index.ts";
import { openShardRows } from "./shards/shard-rows.ts";

/** Open rows, and the files or the store that they come from. */
export interface OpenRows {
  readonly rows: StoredRows;
  readonly parts: readonly NamedRows[];
  /** The file that says which tokens the rows are of, in a store that has it. */
  readonly tokens?: CheckedFile | undefined;
}

/**
 * Opens the rows of `input`: a folder that `concord collect` wrote, or array files.
 *
 * @throws {ConcordError} `argument/invalid` for a store without rows, and as `openArrayParts`;
 *   `run/conflict` for a store that is not finished.
 */
export async function openRows(
  input: ArrayFile,
  kernels: RowKernels = TYPESCRIPT_KERNELS,
): Promise<OpenRows> {
  const store = storeFolder(input);
  if (store === undefined) {
    const parts = await openArrayParts(input);
    try {
      return { rows: joinedRows(parts), parts };
    } catch (error) {
      for (const { rows } of parts) await rows.close();
      throw error;
    }
  }
  const unusable = (["tensor", "dtype", "dIn"] as const).find((key) => input[key] !== undefined);
  if (unusable !== undefined)
    throw new ConcordError(
      "argument/invalid",
      `${unusable === "dIn" ? "d_in" : unusable} is for arrays; ${store} is an activation store and says it itself.`,
      { hint: "Leave it out." },
    );
  const index = await readShardIndex(store);
  if (!index.complete)
    throw new ConcordError(
      "run/conflict",
      `${store} is not finished: ${rowsOfIndex(index)} rows so far.`,
      { hint: "Run the concord collect that began it again: it continues where it stopped." },
    );
  if (rowsOfIndex(index) === 0)
    throw new ConcordError("argument/invalid", `${store} holds 0 rows.`, {
      hint: "At least one row is needed: check the program that wrote it.",
    });
  const rows = await openShardRows(store, index, kernels);
  return { rows, parts: [{ name: store, rows }], tokens: index.tokens };
}

/** The folder, if the input is a single folder with an index. */
function storeFolder({ path }: ArrayFile): string | undefined {
  const [only, ...others] = [path].flat();
  if (only === undefined || others.length > 0) return undefined;
  return existsSync(join(only, INDEX_FILE)) ? only : undefined;
}
