/** @file concord features: the latents of a run, or of SAEs, by what they fire on. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { MOST_AROUND, SUMMARY_FILE } from "../../analyses/features/files.ts";
import { evidenceFolder, openEvidence } from "../../analyses/features/open-evidence.ts";
import { featuresTables, latentTable } from "../../analyses/features/tables.ts";
import { given } from "../../base/given.ts";
import { ConcordError, ConfigError } from "../../errors.ts";
import type { FeaturesSummary } from "../../evidence/card.ts";
import type { Evidence } from "../../evidence/evidence.ts";
import { exportFeatures } from "../../evidence/export/export-features.ts";
import type { ExportFormat } from "../../evidence/export/export-formats.ts";
import { parseForeignSource } from "../../evidence/export/foreign-source.ts";
import { analyseRun, pauseFor } from "../../experiments/analyse-run.ts";
import { findSaes } from "../../experiments/compare/find-saes.ts";
import { openFoundSae } from "../../experiments/compare/open-saes.ts";
import { collectForSaes } from "../../experiments/compare/rows/collected-rows.ts";
import { featuresOfSaes } from "../../experiments/features/features-of-saes.ts";
import { isHubName } from "../../fetch/hub/hub-name.ts";
import { findRun, RunFolder } from "../../runs/run-folder.ts";
import {
  backendFor,
  cacheDir,
  catalogueOptions,
  interruptSignal,
  processFacts,
} from "../environment.ts";
import { isEvidenceFolder } from "../find-evidence.ts";
import { CollectLine, table } from "../output.ts";
import { print, say } from "../print.ts";
import { reportRun } from "../write-reports.ts";

interface Options {
  readonly root: string;
  readonly base: string;
  readonly find?: string;
  readonly member?: string;
  readonly limit?: number;
  readonly again?: boolean;
  readonly rows?: number;
  readonly around?: number;
  readonly store?: string;
  readonly text?: string;
  readonly model?: string;
  readonly hook?: string;
  readonly context?: number;
  readonly maxTokens?: number;
  readonly export?: ExportFormat;
  readonly out?: string;
  readonly source?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

/** What the machine contributes, and a line of progress. */
function machine({ offline }: Options) {
  const { backend } = backendFor();
  const signal = interruptSignal();
  const line = new CollectLine(process.stderr, () => performance.now());
  const catalogue = catalogueOptions(offline, line.download, signal);
  const compared = (done: number, total: number) =>
    line.progress({ what: "comparing dictionaries", done, total, unit: "pairs", resumed: 0 });
  const looked = (done: number, total: number) =>
    line.progress({ what: "looking at rows", done, total, unit: "rows", resumed: 0 });
  return { backend, signal, line, catalogue, compared, looked };
}

/** What says which rows are looked at, and how. */
const MAKING = [
  "rows",
  "around",
  "store",
  "text",
  "model",
  "hook",
  "context",
  "maxTokens",
] as const;

/** The first of some options that was given, as it is typed. */
function givenOf(options: Options, keys: readonly (keyof Options)[]): string | undefined {
  const key = keys.find((one) => options[one] !== undefined);
  return key && `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** @throws {ConfigError} for options that decide nothing where evidence is there already. */
function requireNothingToMake(options: Options, path: string, hint: string): void {
  const given = givenOf(options, MAKING);
  if (given !== undefined)
    throw new ConfigError(`${path} has evidence already, which ${given} does not change.`, {
      hint,
    });
}

/** Makes the evidence of a run where it has none, or again. */
async function ofRun(name: string, options: Options): Promise<string> {
  const folder = await findRun(options.root, name);
  const unused = givenOf(options, ["model", "hook", "context", "maxTokens"]);
  if (unused !== undefined)
    throw new ConfigError(`${unused} is for folders of SAEs; a run looks at its own rows.`, {
      hint: `For its SAEs on other rows, name their folders: ${join(folder.path, "saes")}/*`,
    });
  if (options.out !== undefined && options.export === undefined)
    throw new ConfigError("--out is for folders of SAEs, and with --export.", {
      hint: `A run keeps its evidence: ${evidenceFolder(folder.path)}`,
    });
  const isThere = existsSync(join(evidenceFolder(folder.path), `${SUMMARY_FILE}.json`));
  if (isThere && !options.again) {
    requireNothingToMake(options, folder.path, "Add --again to look through the rows once more.");
    return folder.path;
  }
  const { backend, signal, line, catalogue, compared, looked } = machine(options);
  const { rows = 1_000_000, around = 10 } = options;
  await analyseRun(folder, [{ kind: "features", rows, around }], {
    backend,
    baseFolder: options.base,
    cacheDir: cacheDir(),
    signal,
    catalogue,
    onProgress: line.progress,
    onCompared: compared,
    onLooked: looked,
    collectGarbage: processFacts().collectGarbage,
  }).finally(() => line.clear());
  await reportRun(folder);
  return folder.path;
}

/** The store whose rows SAEs are looked at on: named, or collected from a text. */
async function storeFor(
  saes: Parameters<typeof collectForSaes>[1],
  options: Options,
  { backend, signal, line, catalogue }: ReturnType<typeof machine>,
): Promise<string> {
  if (options.store !== undefined) return options.store;
  const { model, hook, context, maxTokens } = options;
  const text = options.text!;
  const from = { signal, catalogue, baseFolder: ".", cacheDir: cacheDir() };
  const request = { text, model, hook, context, maxTokens };
  const { stores, notices } = await collectForSaes(backend, saes, {
    ...request,
    options: { ...from, onProgress: line.progress },
  });
  for (const notice of notices) say(`source: ${notice}\n`);
  const folders = new Set<string>();
  for (const store of stores) {
    if ("why" in store) throw new ConcordError("argument/invalid", `${store.why}.`);
    folders.add(store.folder);
  }
  if (folders.size > 1)
    throw new ConfigError("These SAEs are of different models or hooks.", {
      hint: "Look at those of one place at a time.",
    });
  return [...folders][0]!;
}

/** Makes the evidence of SAEs that a person names. */
async function ofSaes(what: readonly string[], options: Options): Promise<string> {
  const { out, root, rows = 1_000_000, around = 10 } = options;
  if (options.store === undefined && options.text === undefined)
    throw new ConfigError("Expected the rows to look at these SAEs on.", {
      hint: "--store <folder> that `concord collect` wrote, or --text <text>.",
    });
  if (options.export !== undefined)
    throw new ConfigError("--export is for evidence that is there already.", {
      hint: "First with --out alone, then concord features <that folder> --export …",
    });
  if (out === undefined)
    throw new ConfigError("Expected --out, the folder for the evidence of these SAEs.", {
      hint: "Then name that folder in place of the SAEs: concord features <folder> --find …",
    });
  const context = machine(options);
  const { backend, signal, line, catalogue, compared, looked } = context;
  const saes = [];
  for (const found of await findSaes(root, what, { hub: catalogue }))
    saes.push(await openFoundSae(backend, found));
  try {
    const store = await storeFor(saes, options, context);
    const machineOptions = { signal, catalogue, baseFolder: ".", cacheDir: cacheDir() };
    await featuresOfSaes(backend, saes, store, out, {
      ...machineOptions,
      rows,
      around,
      pause: () => pauseFor(signal),
      onCompared: compared,
      onRows: looked,
    });
  } finally {
    line.clear();
  }
  return out;
}

async function evidenceOf(what: readonly string[], options: Options): Promise<string> {
  if ((options.around ?? 0) > MOST_AROUND)
    throw new ConfigError(
      `Expected 0 to ${MOST_AROUND} for --around but received ${options.around}.`,
    );
  const only = what.length === 1 ? what[0]! : undefined;
  if (only !== undefined && isEvidenceFolder(only) && !options.again) {
    requireNothingToMake(options, only, "Name the SAEs instead, and another --out.");
    return only;
  }
  const hasRows = options.store !== undefined || options.text !== undefined;
  const isRun = (path: string) => new RunFolder(path).exists;
  const asSaes = (name: string) =>
    hasRows ||
    isHubName(name) ||
    (existsSync(name) && !isRun(name) && !isRun(join(options.root, name)));
  return only === undefined || asSaes(only) ? ofSaes(what, options) : ofRun(only, options);
}

/** Writes the latents of one member for another program, and says what is not in it. */
async function exportTo(evidence: Evidence, format: ExportFormat, options: Options): Promise<void> {
  const { out, member = evidence.summary.members[0]!.name, source, json } = options;
  if (out === undefined)
    throw new ConfigError("Expected --out, the folder for the exported files.");
  const place = source === undefined ? {} : { source: parseForeignSource(source) };
  const { files, latents, leftOut } = await exportFeatures(evidence, {
    format,
    member,
    out,
    ...place,
  });
  if (json) return print(`${JSON.stringify({ files, latents, left_out: leftOut })}\n`);
  const written = `${latents} latents of ${member} in ${files.length} files below ${out}`;
  print(`${[written, ...leftOut].join("\n")}\n`);
}

/** Why no latents come first. */
function nothingFirst({ members, rows, unit }: FeaturesSummary): string {
  const [one] = members as [FeaturesSummary["members"][number]];
  const why =
    members.length === 1
      ? `${one.name} has ${one.latents} latents, ${one.dead} of them dead, and no other SAE to be compared with.`
      : "No latent is active often enough to be listed.";
  return `${rows} ${unit} were looked at. ${why}\n  hint: --find <text> finds latents, concord feature shows one.`;
}

/** The latents that come first, and what was left out. */
function firstLatents(summary: FeaturesSummary): string {
  const tables = featuresTables(summary).map(
    ({ title, header, rows }) => `${title}\n${table(header, rows as string[][])}`,
  );
  const shown = tables.length > 0 ? tables : [nothingFirst(summary)];
  return [...shown, ...summary.left_out].join("\n\n");
}

async function show(evidence: Evidence, options: Options): Promise<void> {
  const { find, member, limit, json } = options;
  const { summary } = evidence;
  if (find === undefined) {
    const unused = givenOf(options, ["member", "limit"]);
    if (unused !== undefined) throw new ConfigError(`${unused} is for --find.`);
    return print(`${json ? JSON.stringify(summary) : firstLatents(summary)}\n`);
  }
  const found = await evidence.find(find, given({ limit, member }));
  if (json) return print(`${JSON.stringify(found)}\n`);
  if (found.length === 0) return print(`No latent has to do with ${JSON.stringify(find)}.\n`);
  const { header, rows } = latentTable(found, summary);
  print(`${table(header, rows as string[][])}\n`);
}

export async function features(what: readonly string[], options: Options): Promise<void> {
  const evidence = await openEvidence(await evidenceOf(what, options));
  try {
    if (options.export === undefined) await show(evidence, options);
    else await exportTo(evidence, options.export, options);
  } finally {
    await evidence.close();
  }
}
