/**
 * @file The page of runs as a folder that opens without a server. It has the page itself, the
 *   answers of the HTTP API that it asks for, and the cards of all latents.
 */

import { existsSync } from "node:fs";
import { cp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { ConcordError } from "../../errors.ts";
import type { LatentCard } from "../../evidence/card.ts";
import type { Evidence } from "../../evidence/evidence.ts";
import { ioError, systemCode } from "../../formats/io-error.ts";
import { makeFolder } from "../../formats/make-folder.ts";
import type { CardFiles, SearchedLatent, SearchFile, StaticIndex } from "./layout.ts";
import { CARDS_PER_FILE, compactJson, packCards } from "./packed-cards.ts";

/** A run that a static page shows. */
export interface StaticRun {
  /** Its name in requests. */
  readonly name: string;
  /** Its members that were evaluated. */
  readonly members: readonly string[];
  /** Undefined where no features were looked for. */
  readonly evidence: Evidence | undefined;
}

/** What a static page is made from. */
export interface StaticPageOptions {
  /** The folder to write; one that is there is replaced. */
  readonly folder: string;
  /** The built page: `dist/web`. */
  readonly web: string;
  readonly runs: readonly StaticRun[];
  /**
   * The answer of the HTTP API to a request without `/api/`, as plain JSON; undefined where it has
   * none.
   */
  readonly answer: (request: string) => Promise<unknown>;
  /** Version of this program. */
  readonly version: string;
}

/** What was written. */
export interface StaticPage {
  /** Path of index.html. */
  readonly path: string;
  readonly bytes: number;
  /** Latents with a card. */
  readonly cards: number;
}

const compress = promisify(gzip);

/** Writes data files and counts what they hold. */
class DataFolder {
  bytes = 0;
  cards = 0;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns The file's name. */
  async write(name: string, value: unknown): Promise<string> {
    const packed = await compress(compactJson(value), { level: 9 });
    const file = `${name}.js`;
    await this.script(file, `concordData("${file}","${packed.toString("base64")}");\n`);
    return file;
  }

  async script(file: string, text: string): Promise<void> {
    await writeFile(join(this.#folder, file), text);
    this.bytes += Buffer.byteLength(text);
  }
}

function searched(card: LatentCard): SearchedLatent {
  const { latent, label, rules, logits, examples } = card;
  const words = [
    String(latent),
    label,
    ...rules.map(({ text }) => text),
    ...[...(logits?.top ?? []), ...(logits?.bottom ?? [])].map(({ text }) => text),
    (examples.top[0]?.pieces ?? []).map(({ text }) => text).join(""),
  ];
  return { text: words.join("\n").toLowerCase(), rule: rules[0] ?? null };
}

/** Writes the cards of a member, a file's worth in memory at a time. */
async function writeCards(
  data: DataFolder,
  prefix: string,
  evidence: Evidence,
  member: string,
  latents: number,
): Promise<{ readonly cards: CardFiles; readonly search: readonly SearchedLatent[] }> {
  const files: string[] = [];
  const search: SearchedLatent[] = [];
  for (let first = 0; first < latents; first += CARDS_PER_FILE) {
    const cards: LatentCard[] = [];
    for (let i = first; i < Math.min(latents, first + CARDS_PER_FILE); i++)
      cards.push(await evidence.card(member, i));
    files.push(await data.write(`${prefix}-${files.length}`, packCards(cards)));
    search.push(...cards.map(searched));
    data.cards += cards.length;
  }
  return { cards: { latents, perFile: CARDS_PER_FILE, files }, search };
}

/** Requests of the page about a run, without those about its evidence. */
function requestsOf({ name, members }: StaticRun): string[] {
  const ask = (route: string, query: Readonly<Record<string, string>> = {}) =>
    `${route}?${new URLSearchParams({ name, ...query }).toString()}`;
  return [
    ask("run"),
    ask("metrics"),
    ask("agreement"),
    ...members.map((member) => ask("latents", { member })),
  ];
}

async function writeRun(
  data: DataFolder,
  run: StaticRun,
  number: number,
  answer: StaticPageOptions["answer"],
): Promise<{
  readonly answers: Readonly<Record<string, string>>;
  readonly cards: Readonly<Record<string, CardFiles>>;
  readonly search: string | undefined;
}> {
  const answers: Record<string, string> = {};
  const keep = async (request: string, value: unknown) => {
    const file = `run-${number}-${Object.keys(answers).length}`;
    if (value !== undefined) answers[request] = await data.write(file, value);
  };
  for (const request of requestsOf(run)) await keep(request, await answer(request));
  const { name, evidence } = run;
  if (!evidence) return { answers, cards: {}, search: undefined };
  await keep(`features?${new URLSearchParams({ name }).toString()}`, evidence.summary);
  const cards: Record<string, CardFiles> = {};
  const search: Record<string, readonly SearchedLatent[]> = {};
  for (const [m, { name: member, latents }] of evidence.summary.members.entries()) {
    const query = new URLSearchParams({ name, member }).toString();
    await keep(`columns?${query}`, await evidence.columns(member));
    const written = await writeCards(data, `cards-${number}-${m}`, evidence, member, latents);
    cards[member] = written.cards;
    search[member] = written.search;
  }
  const file = await data.write(`search-${number}`, search satisfies SearchFile);
  return { answers, cards, search: file };
}

async function writeData(
  folder: string,
  { runs, answer, version }: StaticPageOptions,
): Promise<DataFolder> {
  const data = new DataFolder(folder);
  const answers: Record<string, string> = {};
  const cards: Record<string, Readonly<Record<string, CardFiles>>> = {};
  const search: Record<string, string> = {};
  for (const request of ["runs", "definitions"]) {
    const value = await answer(request);
    if (value !== undefined) answers[request] = await data.write(request, value);
  }
  for (const [i, run] of runs.entries()) {
    const written = await writeRun(data, run, i, answer);
    Object.assign(answers, written.answers);
    cards[run.name] = written.cards;
    if (written.search !== undefined) search[run.name] = written.search;
  }
  const index: StaticIndex = { version: 1, concord: version, answers, cards, search };
  await data.script("index.js", `globalThis.concordIndex=${JSON.stringify(index)};\n`);
  return data;
}

/** The page's document, told to load its data from scripts. */
async function documentOf(web: string): Promise<string> {
  const text = await readFile(join(web, "index.html"), "utf8");
  return text.replace("<!-- data -->", '<script defer src="data/index.js"></script>');
}

/**
 * Writes the page of runs as a folder. A folder that was there is replaced once the new one is
 * whole; when writing fails it stays.
 *
 * @throws {ConcordError} `file/missing` when the page was not built; `file/io`.
 */
export async function writeStaticPage(options: StaticPageOptions): Promise<StaticPage> {
  const { folder, web } = options;
  if (!existsSync(join(web, "page.js")))
    throw new ConcordError("file/missing", `The page was not built: there is no ${web}/page.js.`, {
      hint: "Build it in a clone: npm ci && npm run build",
    });
  const part = `${folder}.part`;
  try {
    await rm(part, { recursive: true, force: true });
    await makeFolder(join(part, "data"));
    await cp(web, part, { recursive: true });
    await writeFile(join(part, "index.html"), await documentOf(web));
    const { bytes, cards } = await writeData(join(part, "data"), options);
    await rm(folder, { recursive: true, force: true });
    await rename(part, folder);
    return { path: join(folder, "index.html"), bytes, cards };
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    throw systemCode(error) === undefined ? error : ioError(error, "write the page to", folder);
  }
}
