/** @file The rows of an activation store with the tokens that they are of, for evidence. */

import type { Backend } from "../../../backend/backend.ts";
import type { EvidenceRows } from "../../../evidence/evidence-rows.ts";
import { rowReader } from "../../../sources/rows/row-reader.ts";
import { readShardIndex } from "../../../sources/shards/read-index.ts";
import { openShardRows } from "../../../sources/shards/shard-rows.ts";
import type { ModelBehind } from "../analyses/model-behind.ts";
import { openStoreTokens, type RowTokens } from "../source/store-tokens.ts";

/** Rows whose tokens are read at a time. */
const AT_A_TIME = 2 ** 16;

/** Rows, and what each is of, [rows] each. */
export interface TokenRows extends RowTokens {
  readonly rows: EvidenceRows & { readonly groups: Int32Array };
}

/** Which of the store's rows are looked at: the last ones that train, and those held out. */
function range(all: number, trainRows: number, most: number): { start: number; count: number } {
  if (all <= most) return { start: 0, count: all };
  // Examples come from both sides, so that rules can be judged on rows that they did not see.
  const heldOut = Math.min(all - trainRows, Math.max(Math.ceil(most / 2), most - trainRows));
  return { start: trainRows + heldOut - most, count: most };
}

/** Rows belong together when they are of one document in one window: 0, 1, 2, … */
function groupsOf({ windows, documents }: RowTokens): Int32Array {
  const groups = new Int32Array(windows.length);
  for (let i = 1; i < groups.length; i++) {
    const isSame = windows[i] === windows[i - 1] && documents[i] === documents[i - 1];
    groups[i] = groups[i - 1]! + (isSame ? 0 : 1);
  }
  return groups;
}

/**
 * Opens up to `most` rows around the place where the held-out ones begin.
 *
 * @throws {ConcordError} as `openStoreTokens` and `openShardRows`.
 */
export async function openTokenRows(
  { folder, trainRows }: Pick<ModelBehind, "folder" | "trainRows">,
  backend: Backend,
  most: number,
): Promise<TokenRows> {
  const index = await readShardIndex(folder);
  const tokens = await openStoreTokens(folder, { kernels: backend });
  const { start, count } = range(tokens.rows, trainRows, most);
  const of = {
    tokens: new Int32Array(count),
    documents: new Int32Array(count),
    windows: new Int32Array(count),
    positions: new Int32Array(count),
  };
  try {
    for (let at = 0; at < count; at += AT_A_TIME) {
      const some = await tokens.readRows(start + at, Math.min(AT_A_TIME, count - at));
      of.tokens.set(some.tokens, at);
      of.documents.set(some.documents, at);
      of.windows.set(some.windows, at);
      of.positions.set(some.positions, at);
    }
  } finally {
    await tokens.close();
  }
  const stored = await openShardRows(folder, index, backend);
  const reader = rowReader(stored, start, count, stored.scratchBytes, backend);
  return {
    ...of,
    rows: {
      dIn: index.dIn,
      rows: count,
      heldOutFrom: Math.max(0, trainRows - start),
      groups: groupsOf(of),
      read: (from, out) => reader.read(from, out),
      close: () => stored.close(),
    },
  };
}
