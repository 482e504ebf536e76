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
import type {
  CardFiles,
  SearchedLatent,
  SearchFile,
  StaticFailure,
  StaticIndex,
} from "./layout.ts";
import { CARDS_PER_FILE, compactJson, packCards } from "./packed-cards.ts";
import { ROWS_PER_FILE, RowTable } from "./row-table.ts";

/** A run that a static page shows. */
export interface StaticRun {
  /** Its name in requests. */
  readonly name: string;
  /** Its members that were evaluated. */
  readonly members: readonly string[];
  /** Undefined where no features were looked for. */
  readonly evidence: Evidence | undefined;
}

/** An answer as plain JSON, or why there is none. */
export type StaticAnswer = { readonly value: unknown } | { readonly failure: StaticFailure };

/** What a static page is made from. */
export interface StaticPageOptions {
  /** The folder to write; one that is there is replaced. */
  readonly folder: string;
  /** The built page: `dist/web`. */
  readonly web: string;
  readonly runs: readonly StaticRun[];
  /** What the HTTP API says to a request without `/api/`. */
  readonly answer: (request: string) => Promise<StaticAnswer>;
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

function searched({ rules, logits }: LatentCard): SearchedLatent {
  const lower = (texts: readonly { readonly text: string }[]) =>
    texts.map(({ text }) => text.toLowerCase()).join("\n");
  return { rules: lower(rules), logits: lower(logits?.top ?? []), rule: rules[0] ?? null };
}

/** Writes the cards of a member, a file's worth in memory at a time, and collects their rows. */
async function writeCards(
  data: DataFolder,
  prefix: string,
  evidence: Evidence,
  member: string,
  latents: number,
  rows: RowTable,
): Promise<{ readonly cards: CardFiles; readonly search: readonly SearchedLatent[] }> {
  const files: string[] = [];
  const search: SearchedLatent[] = [];
  for (let first = 0; first < latents; first += CARDS_PER_FILE) {
    const numbers = Array.from({ length: Math.min(CARDS_PER_FILE, latents - first) });
    const cards = await Promise.all(numbers.map((_, i) => evidence.card(member, first + i)));
    files.push(await data.write(`${prefix}-${files.length}`, packCards(cards, rows)));
    search.push(...cards.map(searched));
    data.cards += cards.length;
  }
  return { cards: { latents, perFile: CARDS_PER_FILE, files }, search };
}

/** Requests of the page about a run, without those that its evidence answers. */
function requestsOf({ name, members, evidence }: StaticRun): string[] {
  const ask = (route: string, query: Readonly<Record<string, string>> = {}) =>
    `${route}?${new URLSearchParams({ name, ...query }).toString()}`;
  return [
    ask("run"),
    ask("metrics"),
    ask("agreement"),
    ...members.map((member) => ask("latents", { member })),
    // Without evidence, the answer is why.
    ...(evidence ? [] : [ask("features")]),
  ];
}

/** Writes the evidence of a run into the index. */
async function writeEvidence(
  data: DataFolder,
  index: WrittenIndex,
  { name, evidence }: StaticRun,
  number: number,
): Promise<void> {
  if (!evidence) return;
  const keep = async (request: string, file: string, value: unknown) => {
    index.answers[request] = await data.write(file, value);
  };
  const query = (more: Readonly<Record<string, string>> = {}) =>
    new URLSearchParams({ name, ...more }).toString();
  await keep(`features?${query()}`, `features-${number}`, evidence.summary);
  const search: Record<string, readonly SearchedLatent[]> = {};
  const cards: Record<string, CardFiles> = {};
  const rows = new RowTable();
  for (const [m, { name: member, latents }] of evidence.summary.members.entries()) {
    const columns = await evidence.columns(member);
    await keep(`columns?${query({ member })}`, `columns-${number}-${m}`, columns);
    const prefix = `cards-${number}-${m}`;
    const written = await writeCards(data, prefix, evidence, member, latents, rows);
    cards[member] = written.cards;
    search[member] = written.search;
  }
  index.cards[name] = cards;
  const files: string[] = [];
  for (const file of rows.files())
    files.push(await data.write(`rows-${number}-${files.length}`, file));
  index.rows[name] = { perFile: ROWS_PER_FILE, files };
  index.search[name] = await data.write(`search-${number}`, search satisfies SearchFile);
}

/** An index that grows. */
type WrittenIndex = { -readonly [K in keyof StaticIndex]: Writable<StaticIndex[K]> };
type Writable<T> = T extends object ? { -readonly [K in keyof T]: T[K] } : T;

async function writeData(
  folder: string,
  { runs, answer, version }: StaticPageOptions,
): Promise<DataFolder> {
  const data = new DataFolder(folder);
  const index: WrittenIndex = {
    version: 1,
    concord: version,
    answers: {},
    failures: {},
    cards: {},
    rows: {},
    search: {},
  };
  const keep = async (request: string, file: string) => {
    const answered = await answer(request);
    if ("failure" in answered) index.failures[request] = answered.failure;
    else index.answers[request] = await data.write(file, answered.value);
  };
  await keep("runs", "runs");
  await keep("definitions", "definitions");
  for (const [number, run] of runs.entries()) {
    for (const [i, request] of requestsOf(run).entries()) await keep(request, `run-${number}-${i}`);
    await writeEvidence(data, index, run, number);
  }
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
  if (!existsSync(join(web, "index.html")))
    throw new ConcordError("file/missing", `The page was not built: ${web} has no index.html.`, {
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
