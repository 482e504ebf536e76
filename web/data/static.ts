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
import { loadScript } from "../app/load-script.ts";
import { DataError, type DataSource, requestText } from "./source.ts";
import { unpackCard } from "./unpack-cards.ts";

declare global {
  /** Set by data/index.js of a static page. */
  var concordIndex: StaticIndex | undefined;
  /** Called by every other file of data/. */
  var concordData: ((file: string, packed: string) => void) | undefined;
}

const AGAIN = "Write the page again: concord report <run> --static";
/** Latents that a search finds at most. */
const MOST_FOUND = 50;

/** Files that were asked for. A file's JSON is parsed once and kept. */
const files = new Map<string, Promise<unknown>>();
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
    files.delete(file);
    throw new DataError("file/missing", `data/${file} cannot be read.`, AGAIN);
  }
}

function read<T>(file: string): Promise<T> {
  const known = files.get(file) ?? load(file);
  files.set(file, known);
  return known as Promise<T>;
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

  return {
    isLive: false,
    get,
    find,
    card: async (run, member, latent) => {
      const cards = index.cards[run]?.[member];
      const file = cards?.files[Math.floor(latent / cards.perFile)];
      if (!cards || file === undefined || latent >= cards.latents)
        throw missing(`latent ${latent} of ${member}`);
      return unpackCard(await read<PackedCards>(file), latent % cards.perFile);
    },
    post: () =>
      Promise.reject(
        new DataError("page/static", "A page without a server cannot do this.", "concord serve"),
      ),
    watch: () => () => {},
  };
}
