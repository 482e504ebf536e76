/** @file A study's page and figures, from its numbers. */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../../formats/atomic-file.ts";
import { ioError } from "../../formats/io-error.ts";
import { makeFolder } from "../../formats/make-folder.ts";
import { benchmarkWords } from "./benchmark-page.ts";
import { ALL_TABLE, defaultTemplate } from "./default-page.ts";
import { experimentWords } from "./experiment-page.ts";
import type { LoadedStudy } from "./load-study.ts";
import {
  type Experiment,
  FIGURES_FOLDER,
  isBenchmark,
  LINES_FILE,
  NUMBERS_FILE,
  PAGE_FILE,
  type Study,
  TEMPLATE_FILE,
} from "./study.ts";
import { studyFigure } from "./study-figure.ts";
import { readBenchLines, readStudyNumbers } from "./study-numbers.ts";
import { StudyResults } from "./study-results.ts";
import { renderTemplate } from "./template.ts";

/** A rendered study: the files that it consists of, by name below the study's folder. */
export type RenderedStudy = ReadonlyMap<string, string>;

interface Template {
  readonly text: string;
  /** Whether a person wrote it. */
  readonly isOwn: boolean;
}

async function readTemplate(path: string, study: Study): Promise<Template> {
  if (!existsSync(path)) return { text: defaultTemplate(study), isOwn: false };
  try {
    return { text: await readFile(path, "utf8"), isOwn: true };
  } catch (error) {
    throw ioError(error, "read", path);
  }
}

/** Says below the title of a rendered page where it is written. */
function noted(page: string, isOwn: boolean): string {
  const [title, ...rest] = page.split("\n");
  const note = isOwn
    ? `<!-- Rendered from ${TEMPLATE_FILE} by concord study render: change it there. -->`
    : `<!-- Written by concord study render: write ${TEMPLATE_FILE} for a page of your own. -->`;
  return [title, "", note, ...rest].join("\n");
}

/** Every arm with every measure, for a study without tables. */
function withAllTable(study: Experiment): Experiment {
  if (Object.keys(study.tables ?? {}).length > 0) return study;
  const columns = study.measures.map((m) => (typeof m === "string" ? m : m.name));
  return { ...study, tables: { [ALL_TABLE]: { rows: Object.keys(study.arms), columns } } };
}

/**
 * Renders a study: page.md with its placeholders replaced, and its figures. Without a page.md, a
 * page with all that the study declares.
 *
 * @throws {ConcordError} `file/missing` without numbers; `format/invalid` naming the page's line
 *   when a placeholder names nothing, a number is missing, or a stated verdict does not hold.
 */
export async function renderStudy(loaded: LoadedStudy): Promise<RenderedStudy> {
  const { folder, study } = loaded;
  const where = join(folder, TEMPLATE_FILE);
  const { text, isOwn } = await readTemplate(where, study);
  const files = new Map<string, string>();
  if (isBenchmark(study)) {
    const lines = await readBenchLines(join(folder, LINES_FILE), study.command);
    files.set(PAGE_FILE, noted(renderTemplate(text, where, benchmarkWords(study, lines)), isOwn));
    return files;
  }
  const numbers = await readStudyNumbers(join(folder, NUMBERS_FILE));
  const results = new StudyResults(withAllTable(study), numbers);
  files.set(PAGE_FILE, noted(renderTemplate(text, where, experimentWords(results)), isOwn));
  for (const [name, figure] of Object.entries(study.figures ?? {}))
    files.set(`${FIGURES_FOLDER}/${name}.svg`, studyFigure(results, figure));
  return files;
}

/**
 * Files of a rendered study that are missing in its folder, or hold something else. Style sheets in
 * figures are not compared: they are those of the Concord that wrote them.
 *
 * @returns Names below the folder.
 */
export async function outdatedFiles(loaded: LoadedStudy): Promise<string[]> {
  const plain = (text: string) => text.replace(/<style>.*?<\/style>/s, "");
  const outdated: string[] = [];
  for (const [name, text] of await renderStudy(loaded)) {
    const path = join(loaded.folder, name);
    if (!existsSync(path) || plain(await readFile(path, "utf8")) !== plain(text))
      outdated.push(name);
  }
  return outdated;
}

/**
 * Writes what `renderStudy` renders into the study's folder, each file whole or not at all.
 *
 * @returns The paths, the page first.
 */
export async function writeStudyPage(loaded: LoadedStudy): Promise<string[]> {
  const files = await renderStudy(loaded);
  if (files.size > 1) await makeFolder(join(loaded.folder, FIGURES_FOLDER));
  const written: string[] = [];
  for (const [name, text] of files) {
    const path = join(loaded.folder, name);
    await writeFileAtomically(path, text);
    written.push(path);
  }
  return written;
}
