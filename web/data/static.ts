/**
 * @file The scripts of a static page as a source of data. A page that was opened as a file may not
 *   fetch, so each file is a script that calls `concordData`.
 */

import type { LatentColumns, ListedLatent } from "../../src/evidence/card.ts";
import type {
  SearchedLatent,
  SearchFile,
  StaticIndex,
} from "../../src/report/static-page/layout.ts";
import type { PackedCards } from "../../src/report/static-page/packed-cards.ts";
import type { RowFile } from "../../src/report/static-page/row-table.ts";
import { loadScript } from "../app/load-script.ts";
import { DataError, type DataSource, requestText } from "./source.ts";
import { packedCardsOf, unpackCard } from "./unpack-cards.ts";
import { Rows } from "./unpack-rows.ts";

declare global {
  /** Set by data/index.js of a static page. */
  var concordIndex: StaticIndex | undefined;
  /** Called by every other file of data/. */
  var concordData: ((file: string, packed: string) => void) | undefined;
}

const AGAIN = "Write the page again: concord report <run> --static";
/** Latents that a search finds at most. */
const MOST_FOUND = 50;

/** Files that have run and were not read yet. */
const arrived = new Map<string, string>();

async function unpack(packed: string): Promise<unknown> {
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text()) as unknown;
}

async function load(file: string): Promise<unknown> {
  globalThis.concordData ??= (name, packed) => arrived.set(name, packed);
  try {
    await loadScript(`data/${file}`);
    const packed = arrived.get(file);
    arrived.delete(file);
    if (packed === undefined) throw new Error("it holds something else");
    return await unpack(packed);
  } catch {
    throw new DataError("file/missing", `data/${file} cannot be read.`, AGAIN);
  }
}

/** Makes what `make` gives for a key once; a failure is not kept. */
function once<T>(make: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return (key) => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    known.catch(() => made.delete(key));
    return known;
  };
}

const readOnce = once(load);

/** The parsed JSON of a data file, kept. */
function read<T>(file: string): Promise<T> {
  return readOnce(file) as Promise<T>;
}

function missing(what: string): DataError {
  return new DataError("file/missing", `This page has no ${what}.`, AGAIN);
}

/** How well a latent answers, as `concord features --find` ranks it; undefined: not at all. */
function rankOf(
  wanted: string,
  latent: number,
  label: string,
  { rules, logits }: SearchedLatent,
): number | undefined {
  if (wanted === String(latent)) return 0;
  if (label.toLowerCase().includes(wanted)) return 1;
  if (rules.includes(wanted)) return 2;
  return logits.includes(wanted) ? 3 : undefined;
}

/** The files that `index` lists as a source of data. */
export function staticSource(index: StaticIndex): DataSource {
  const get = <T>(route: string, query?: Parameters<DataSource["get"]>[1]): Promise<T> => {
    const request = requestText(route, query);
    const file = index.answers[request];
    if (file !== undefined) return read<T>(file);
    const failure = index.failures[request];
    if (!failure) return Promise.reject(missing(`answer to ${request}`));
    const { error, hint, code } = failure;
    return Promise.reject(new DataError(code, error, hint ?? undefined));
  };

  const find: DataSource["find"] = async (run, query, member) => {
    const file = index.search[run];
    if (file === undefined) throw missing("texts to search");
    const search = await read<SearchFile>(file);
    const wanted = query.toLowerCase();
    const found: { readonly rank: number; readonly listed: ListedLatent }[] = [];
    for (const [name, latents] of Object.entries(search)) {
      if (member !== undefined && name !== member) continue;
      const columns = await get<LatentColumns>("columns", { name: run, member: name });
      for (const [latent, searched] of latents.entries()) {
        const label = columns.label[latent] ?? "";
        const rank = rankOf(wanted, latent, label, searched);
        if (rank === undefined) continue;
        const listed = {
          member: name,
          latent,
          label,
          density: columns.density[latent] ?? 0,
          found_in: columns.found_in[latent] ?? 0,
          mean_cosine: columns.mean_cosine[latent] ?? null,
          best_rule: searched.rule,
        };
        found.push({ rank, listed });
      }
    }
    return found
      .sort(
        (a, b) =>
          a.rank - b.rank ||
          b.listed.found_in - a.listed.found_in ||
          b.listed.density - a.listed.density,
      )
      .slice(0, MOST_FOUND)
      .map(({ listed }) => listed);
  };

  const rowsOf = once(async (run: string) => {
    const { files, perFile } = index.rows[run] ?? { files: [], perFile: 1 };
    return new Rows(await Promise.all(files.map((file) => read<RowFile>(file))), perFile);
  });
  const cardsOf = once(async (file: string) => {
    const packed = await read<PackedCards>(file);
    return { cards: packedCardsOf(packed), whole: packed.whole };
  });

  return {
    isLive: false,
    get,
    find,
    card: async (run, member, latent) => {
      const cards = index.cards[run]?.[member];
      const file = cards?.files[Math.floor(latent / cards.perFile)];
      if (!cards || file === undefined || latent >= cards.latents)
        throw missing(`latent ${latent} of ${member}`);
      const [packed, rows] = await Promise.all([cardsOf(file), rowsOf(run)]);
      const place = latent % cards.perFile;
      const card = unpackCard(packed.cards[place]!, rows);
      const examples = packed.whole[place];
      return examples ? { ...card, examples } : card;
    },
    post: () =>
      Promise.reject(
        new DataError("page/static", "A page without a server cannot do this.", "concord serve"),
      ),
    watch: () => () => {},
  };
}
