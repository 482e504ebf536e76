/**
 * @file Rows of several stores that are of the same places of one text. Models may cut it into
 *   other tokens; what they share are the places at which a token of every model ends.
 */

import { ConcordError } from "../../../errors.ts";
import { readShardIndex } from "../../../sources/shards/read-index.ts";
import type { AlignContext, AlignedRows } from "../../../sources/source-kind.ts";
import { resolveModel } from "../catalogue/catalogue.ts";
import { findModelFiles } from "../models/model-files.ts";
import { openTokenizer } from "../text/tokenizer.ts";
import { openStoreTokens } from "./store-tokens.ts";
import { TokenCounter, type TokenEnds, tokenEnds } from "./token-ends.ts";

/** Of the documents that all stores have, at least so many must be of one length. */
const LEAST_SAME = 0.5;

/** Documents that all stores have, and those of which they hold the same characters. */
function sharedDocuments(stores: readonly TokenEnds[]) {
  const [first, ...others] = stores as [TokenEnds, ...TokenEnds[]];
  const all = [...first.lengths.keys()].filter((document) =>
    others.every(({ lengths }) => lengths.has(document)),
  );
  const same = all.filter((document) =>
    others.every(({ lengths }) => lengths.get(document) === first.lengths.get(document)),
  );
  return { all: all.length, same: new Set(same) };
}

type Place = readonly [document: number, end: number];

const isBefore = (a: Place, b: Place) => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);

/**
 * The rows of each store at whose end a token of every other store ends, ascending; as many for
 * all.
 */
export function alignedEnds(stores: readonly TokenEnds[], documents: ReadonlySet<number>) {
  const at = stores.map(() => 0);
  const rows = stores.map((): number[] => []);
  /** Goes on to the store's next row that counts; false at the end. */
  const settle = (s: number): boolean => {
    const { ends, documents: of } = stores[s]!;
    while (at[s]! < ends.length && (ends[at[s]!]! < 0 || !documents.has(of[at[s]!]!))) at[s]!++;
    return at[s]! < ends.length;
  };
  while (stores.every((_, s) => settle(s))) {
    const places = stores.map(
      ({ documents: of, ends }, s) => [of[at[s]!]!, ends[at[s]!]!] as const,
    );
    const last = places.reduce((a, b) => (isBefore(a, b) ? b : a));
    const behind = places.map((place) => isBefore(place, last));
    const isShared = !behind.includes(true);
    for (const s of at.keys()) {
      if (isShared) rows[s]!.push(at[s]!);
      if (isShared || behind[s]) at[s]!++;
    }
  }
  return rows.map((own) => Int32Array.from(own));
}

/**
 * Aligns stores of one text.
 *
 * @throws {ConcordError} `argument/invalid` when a store is not of a text, or they are not of one
 *   text; as `openStoreTokens` and `openTokenizer`.
 */
export async function alignStores(
  folders: readonly string[],
  context: AlignContext,
): Promise<AlignedRows> {
  const stores: TokenEnds[] = [];
  const counters = new Map<string, TokenCounter>();
  for (const folder of folders) {
    const tokens = await openStoreTokens(folder, { kernels: context.backend });
    try {
      const { model } = (await readShardIndex(folder)).provenance;
      if (typeof model !== "string")
        throw new ConcordError("argument/invalid", `${folder} does not say which model it is of.`);
      const counter = counters.get(model) ?? (await counterOf(model, context));
      counters.set(model, counter);
      stores.push(await tokenEnds(tokens, counter));
    } finally {
      await tokens.close();
    }
  }
  const { all, same } = sharedDocuments(stores);
  const names = folders.join(", ");
  if (same.size < LEAST_SAME * all || same.size === 0)
    throw new ConcordError(
      "argument/invalid",
      `Only ${same.size} of ${all} documents have the same characters in ${names}.`,
      { hint: "Collect the activations of one text with every model, as far in all of them." },
    );
  const rows = alignedEnds(stores, same);
  const left = all - same.size;
  const notice = `${rows[0]!.length} rows are at the end of a token of all models`;
  const without = left > 0 ? `; ${left} of ${all} documents differ between stores` : "";
  return { rows, notices: [`${notice}${without}.`] };
}

async function counterOf(model: string, { catalogue }: AlignContext) {
  const { tokenizerFolder } = await findModelFiles(await resolveModel(model, catalogue));
  return new TokenCounter(await openTokenizer(tokenizerFolder));
}
